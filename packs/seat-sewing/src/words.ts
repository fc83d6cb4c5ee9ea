export interface Names {
  readonly en?: string;
  readonly zh: string;
  readonly id: string;
}

/**
 * What the words of this industry are called where people read them, by the word as the record keeps it: answers, kinds of
 * interventions, channels, and what is known beside a seam. English only where the kept word is no plain one.
 */
export const WORDS: Readonly<Record<string, Names>> = {
  // What a seam can be
  skip: { zh: '跳针', id: 'jahitan lompat' },
  broken: { zh: '断线', id: 'benang putus' },
  loose: { zh: '线太松', id: 'terlalu kendur' },
  tight: { zh: '线太紧', id: 'terlalu kencang' },
  'off-line': { en: 'off the line', zh: '线迹偏移', id: 'keluar jalur' },
  'missing-back-tack': { en: 'back-tack missing', zh: '缺少回针', id: 'tanpa jahitan kunci' },
  pucker: { zh: '起皱', id: 'mengerut' },
  other: { zh: '其他', id: 'lainnya' },

  // What a person does by hand
  rethread: { en: 'thread put in again', zh: '重新穿线', id: 'memasang benang lagi' },
  bobbin: { en: 'bobbin changed', zh: '更换底线梭芯', id: 'mengganti kumparan' },
  needle: { en: 'needle changed', zh: '更换机针', id: 'mengganti jarum' },
  're-sew': { en: 'sewn again', zh: '重新缝制', id: 'menjahit ulang' },

  // What is measured
  'thread consumption': { zh: '用线量', id: 'pemakaian benang' },
  'needle-thread tension': { zh: '面线张力', id: 'tegangan benang jarum' },
  'motor torque': { zh: '电机扭矩', id: 'torsi motor' },
  'mm per stitch': { zh: '毫米/针', id: 'mm per tusukan' },

  // What is known beside a seam
  hide: { zh: '皮料', id: 'kulit' },
  thread: { zh: '缝线', id: 'benang' },
  'thread-lot': { en: 'thread lot', zh: '缝线批次', id: 'lot benang' },
  spool: { zh: '线轴', id: 'gulungan' },
};
