import type { StageMoment } from '@selvedge/core/records';

export const MOMENT_IDS = ['seam', 'thread-lot', 'second-plant', 'curve', 'skip', 'cut', 'ledger'] as const;
export type MomentId = (typeof MOMENT_IDS)[number];

/** When a moment comes, as a share of the demo's time, and what it is called. */
export interface StoryMoment extends StageMoment {
  readonly id: MomentId;
  readonly at: number;
  /** It waits until the gate of machine 1 has opened, but no longer than this share: in shadow everything is asked. */
  readonly latest?: number;
}

/** What a moment does to the line. Stated wherever its figures are. */
export const SEAM = { factor: 4, seams: 2 } as const;
export const THREAD = { machine: 'm1', friction: 1.4 } as const;
export const TEMPLATE = { machine: 'm1', miss: 0.5 } as const;
/** Share of the story's length, and its limits in ms. */
export const CUT = { share: 0.08, leastMs: 3000, mostMs: 15_000 } as const;

/** The story, in its order. */
export const STORY: readonly StoryMoment[] = [
  {
    ...{ id: 'seam', at: 0.02 },
    title: { en: 'A seam, stitch by stitch', zh: '逐针看一道缝', id: 'Satu jahitan, setik demi setik' },
    about: {
      en: `The next ${SEAM.seams} seams of both machines are sewn at time factor ${SEAM.factor}; everything between them keeps its own.`,
      zh: `两台机器接下来的 ${SEAM.seams} 道缝以时间倍率 ${SEAM.factor} 缝制；其余过程倍率不变。`,
      id: `${SEAM.seams} jahitan berikutnya di kedua mesin dijahit dengan faktor waktu ${SEAM.factor}; selebihnya tetap.`,
    },
  },
  {
    ...{ id: 'thread-lot', at: 0.17 },
    title: { en: 'Another lot of thread', zh: '更换线批', id: 'Lot benang lain' },
    about: {
      en: 'Machine 1 gets thread with 40 % more friction: the lock leaves its middle until the trim under its lease, or a person, brings it back.',
      zh: '1 号机换上摩擦大 40 % 的线：锁点偏离中间，直到授权范围内的微调或人员将其调回。',
      id: 'Mesin 1 mendapat benang dengan gesekan 40 % lebih besar: titik kunci bergeser sampai trim dalam izinnya, atau orang, mengembalikannya.',
    },
  },
  {
    ...{ id: 'second-plant', at: 0.22 },
    title: { en: 'A second plant joins', zh: '第二家工厂加入', id: 'Pabrik kedua bergabung' },
    about: {
      en: 'Plant B starts with the same model and its gates shut: it shadows, and opens on its own evidence or not at all.',
      zh: 'B 厂以同一模型启动，门关闭：先影子运行，只凭自己的证据开门，或不开。',
      id: 'Pabrik B mulai dengan model yang sama dan gerbang tertutup: membayangi, lalu terbuka atas buktinya sendiri atau tidak.',
    },
  },
  {
    ...{ id: 'curve', at: 0.35 },
    title: { en: 'A curve is learnt', zh: '学习一条曲线', id: 'Satu lengkung dipelajari' },
    about: {
      en: 'Machine 1 gets templates that miss half of every curve. What is left over at one cover teaches the next; only covers under the lease use it.',
      zh: '1 号机换上只符合曲线一半的模板。每件的剩余误差教会下一件；只有授权范围内的件使用它。',
      id: 'Mesin 1 mendapat templat yang meleset setengah dari tiap lengkung. Sisa galat satu sarung mengajari sarung berikutnya; hanya sarung dalam izin yang memakainya.',
    },
  },
  {
    ...{ id: 'skip', at: 0.62, latest: 0.88 },
    title: { en: 'A skipped stitch', zh: '跳针', id: 'Jahitan terlewat' },
    about: {
      en: 'The next covers of machine 1 are sewn where stitches are skipped easily, until one is. What is not certain comes to a person.',
      zh: '1 号机接下来在易跳针条件下缝制，直到出现跳针。不确定的交由人员判断。',
      id: 'Sarung berikutnya di mesin 1 dijahit saat jahitan mudah terlewat, sampai satu terjadi. Yang tidak pasti ditanyakan kepada orang.',
    },
  },
  {
    ...{ id: 'cut', at: 0.76 },
    title: { en: 'The network is cut', zh: '网络中断', id: 'Jaringan terputus' },
    about: {
      en: 'The MQTT broker is killed for a while: machine 2 goes on sewing, its covers wait on the rack and are shown again. Machine 1 (OPC UA) is not touched.',
      zh: 'MQTT 代理被强制停止一段时间：2 号机继续缝制，制品在架上等待并再次上报。1 号机（OPC UA）不受影响。',
      id: 'Broker MQTT dimatikan sejenak: mesin 2 terus menjahit, hasilnya menunggu di rak dan ditunjukkan lagi. Mesin 1 (OPC UA) tidak disentuh.',
    },
  },
  {
    ...{ id: 'ledger', at: 0.96 },
    title: { en: 'The ledger', zh: '台账', id: 'Buku besar' },
    about: {
      en: 'What people had to do so far, by type, per 100 good covers with its interval, plant by plant; judgements apart.',
      zh: '迄今人员的介入：按类型、每百件良品并附区间，逐厂列出；判定另计。',
      id: 'Yang harus dilakukan orang sejauh ini: menurut jenis, per 100 sarung baik dengan intervalnya, per pabrik; penilaian terpisah.',
    },
  },
];
