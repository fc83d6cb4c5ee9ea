import type { StageMoment } from '@selvedge/core/records';

/** When a moment comes, as a share of the demo's time, and what it is called. */
export interface StoryMoment extends StageMoment {
  readonly id: 'thread-lot' | 'second-plant' | 'skip' | 'cut';
  readonly at: number;
}

/** The story, in its order. DOMAIN: the curve is learnt without anybody's doing, so it has no button. */
export const STORY: readonly StoryMoment[] = [
  {
    ...{ id: 'thread-lot', at: 0.17 },
    title: { en: 'Another lot of thread', zh: '更换线批', id: 'Lot benang lain' },
    about: {
      en: 'Machine 1 gets thread with 40 % more friction: the lock leaves its band until the trim or a person brings it back.',
      zh: '1 号机换上摩擦大 40 % 的线：锁点离开允许范围，直到微调或人员将其调回。',
      id: 'Mesin 1 mendapat benang dengan gesekan 40 % lebih besar: titik kunci keluar dari batas sampai trim atau orang mengembalikannya.',
    },
  },
  {
    ...{ id: 'second-plant', at: 0.3 },
    title: { en: 'A second plant joins', zh: '第二家工厂加入', id: 'Pabrik kedua bergabung' },
    about: {
      en: 'Plant B starts with the same model and its gates shut: it shadows, and opens on its own evidence or not at all.',
      zh: 'B 厂以同一模型启动，门关闭：先影子运行，只凭自己的证据开门，或不开。',
      id: 'Pabrik B mulai dengan model yang sama dan gerbang tertutup: membayangi, lalu terbuka atas buktinya sendiri atau tidak.',
    },
  },
  {
    ...{ id: 'skip', at: 0.54 },
    title: { en: 'A skipped stitch', zh: '跳针', id: 'Jahitan terlewat' },
    about: {
      en: 'The next cover of machine 1 is sewn where stitches are skipped easily. What is not certain comes to a person.',
      zh: '1 号机下一件在易跳针条件下缝制。不确定的交由人员判断。',
      id: 'Sarung berikutnya di mesin 1 dijahit saat jahitan mudah terlewat. Yang tidak pasti ditanyakan kepada orang.',
    },
  },
  {
    ...{ id: 'cut', at: 0.8 },
    title: { en: 'The network is cut', zh: '网络中断', id: 'Jaringan terputus' },
    about: {
      en: 'The broker is gone for a while: machine 2 goes on sewing, its covers wait on the rack and are shown again.',
      zh: '消息代理暂时消失：2 号机继续缝制，制品在架上等待并再次上报。',
      id: 'Broker hilang sebentar: mesin 2 terus menjahit, hasilnya menunggu di rak dan ditunjukkan lagi.',
    },
  },
];
