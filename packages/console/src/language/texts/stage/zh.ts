import type { StageTexts } from '../../texts.js';

export const stageZh: StageTexts = {
  liveUnitTitle: '{name}：正在制作的单件',
  liveNow: '正在制作',
  liveStill: '静止中',
  liveWait: '等待数值',
  liveHeld: '已定格',
  liveAway: '现在没有新数值；这是之前的画面',
  liveLost: '设备当前没有有效数值',
  liveHold: '定格画面',
  liveTrace: '{name}：当前 {value} {unit}，目前 {n} 个读数',
  liveTraceNone: '{name}：尚无测量值',
  liveYes: '是',
  liveNo: '否',
  liveLast: '最近完成：{unit}',
  liveLastPicture: '{unit} 的图像',

  stageTitle: '演示',
  stageText: '每个按钮会让模拟产线上发生一件事。不会触碰任何真实设备。',
  stageMayNot: '需要“{needed}”角色才能操作。',
  stageReady: '尚未演示',
  stagePlaying: '自 {time} 起进行中',
  stagePlayed: '已于 {time} 演示',
  stageFailed: '{time} 未成功：{why}',
  stageLook: '数据',
  stageLookAt: '“{title}”的数据',

  ledgerSeconds: '人工秒数',
  ledgerAll: '合计',
  ledgerLink: '查看班次报告',
};
