import type { Said } from '../said.js';

export const zh: Said = {
  workerStopped: '工作线程已停止',
  accepted: '分数不高于放行分数',
  rejected: '分数不低于拒收分数',
  closedBy: '由{name}关闭：{reason}',
  noBudget: '还没有人为该工位签署预算',
  secretMissing: '本周期的抽查密钥缺失',
  picture: '图片已按保留规则清除',
  notShown: '这一类内容不显示',
  nothing: '没有可以认证的内容',
  tooMany: '尝试次数过多。请等待 {n} 秒后再试。',
  over: '该问题已有答案，或时间已过。',
  left: '答案已发送到设备。',
  answeredAlready: '该问题已有答案。',
  noGate: '这里没有闸门：还没有人签署预算。',
  record: '现在无法写入记录，因此没有执行任何操作。请重试。',
};
