import type { ServerResponse } from 'node:http';
import {
  type LiveTagsOf,
  type LiveValuesOf,
  liveTagsOfSchema,
  liveValuesOfSchema,
  type StageView,
  stageViewSchema,
} from '@selvedge/core/records';

/** Stations whose units can be seen while they are made, and what of them. */
export const LIVE: Readonly<Record<string, LiveTagsOf['tags']>> = {
  front: [
    { tag: 'm1/live/offset', name: 'Offset so far', unit: 'mm' },
    { tag: 'm1/live/force', name: 'Force', unit: 'cN' },
    { tag: 'm1/live/step', name: 'Step', unit: '1' },
    { tag: 'm1/live/unit', name: 'Unit', unit: '1' },
  ],
  side: [{ tag: 'm2/live/offset', name: '偏移 <b>', unit: 'mm' }],
};

const words = (en: string, zh: string, id: string) => ({ en, zh, id });
const MOMENTS: Omit<StageView['moments'][number], 'state' | 'atMs' | 'why'>[] = [
  {
    id: 'lot',
    title: words('A new lot', '更换批次', 'Lot baru'),
    about: words(
      'Stiffer material comes to machine 1; the lease on its force brings it back within a few units.',
      '1 号机换上更硬的材料；压力的授权租约会在几件之内将其调回。',
      'Bahan yang lebih kaku masuk ke mesin 1; sewa pengaturan gaya mengembalikannya dalam beberapa unit.',
    ),
  },
  {
    id: 'network',
    title: words('Cut the network', '切断网络', 'Putuskan jaringan'),
    about: words(
      'The link to the hub goes; the line goes on, nothing is lost.',
      '与中心的连接断开；产线继续运行，不丢任何数据。',
      'Tautan ke hub terputus; lini terus berjalan, tidak ada yang hilang.',
    ),
  },
  {
    id: 'plant',
    title: words('A second plant joins', '第二家工厂加入', 'Pabrik kedua bergabung'),
    about: words(
      'It begins with its gate shut, whatever the first plant has proved.',
      '无论第一家工厂证明了什么，它都从关闭的闸门开始。',
      'Pabrik itu mulai dengan gerbang tertutup, apa pun yang sudah dibuktikan pabrik pertama.',
    ),
  },
];

/** Live streams and a stage that do what the test says. */
export function startFakeLive(now: () => number) {
  const streams = new Map<ServerResponse, readonly string[]>();
  const played = new Map<string, Pick<StageView['moments'][number], 'state' | 'atMs' | 'why'>>();
  const kept = new Map<string, LiveValuesOf['values']>();
  const line = (values: Omit<LiveValuesOf, 'atMs'>) =>
    `data: ${JSON.stringify(liveValuesOfSchema.parse({ ...values, atMs: now() }))}\n\n`;
  return {
    /** Stations of the streams that are open. */
    open: () => [...streams.values()],
    /** False where a station is asked for that shows nothing. */
    stream(response: ServerResponse, stations: readonly string[]): boolean {
      if (stations.length === 0 || stations.some((one) => LIVE[one] === undefined)) return false;
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.write('retry: 300\n\n');
      for (const station of stations) {
        const tags = liveTagsOfSchema.parse({ station, tags: LIVE[station] });
        response.write(`event: tags\ndata: ${JSON.stringify(tags)}\n\n`);
        const values = kept.get(station);
        if (values !== undefined) response.write(line({ station, values }));
      }
      streams.set(response, stations);
      response.on('close', () => streams.delete(response));
      return true;
    },
    say(station: string, values: LiveValuesOf['values']) {
      kept.set(station, { ...kept.get(station), ...values });
      for (const [stream, stations] of streams)
        if (stations.includes(station)) stream.write(line({ station, values }));
    },
    cut() {
      for (const stream of streams.keys()) stream.destroy();
    },
    stage: (): StageView =>
      stageViewSchema.parse({
        moments: MOMENTS.map((one) => ({
          ...one,
          ...(played.get(one.id) ?? { state: 'ready', atMs: null, why: '' }),
        })),
        facts: [
          {
            title: words('Gate of the second plant', '第二家工厂的闸门', 'Gerbang pabrik kedua'),
            value: words('shadow', '影子', 'bayangan'),
            href: 'http://127.0.0.1:9/',
          },
          {
            title: words('Rows that wait for the hub', '等待中心的记录', 'Baris yang menunggu hub'),
            value: 1284,
          },
        ],
        // What came of a moment is there once it was begun.
        shows: MOMENTS.filter(({ id }) => played.has(id)).map(({ id, title }) => ({
          ...{ moment: id, title },
          said: [words('Back after 5 covers.', '5 件后恢复。', 'Kembali setelah 5 sarung.')],
          charts: [
            {
              title: words('Off the middle', '偏离中间', 'Dari tengah'),
              ...{ unit: 'mm', across: words('Units', '件', 'Unit') },
              lines: [
                {
                  name: words('corrected', '校正', 'dikoreksi'),
                  dots: true,
                  points: [
                    [0, 0.3],
                    [1, 0.2],
                    [2, 0.1],
                  ],
                },
                {
                  name: words('left alone', '未校正', 'dibiarkan'),
                  dots: false,
                  points: [
                    [0, 0.3],
                    [1, 0.31],
                    [2, 0.3],
                  ],
                },
              ],
              limits: [{ name: words('bound', '界限', 'batas'), at: 0.25 }],
            },
          ],
          table: {
            columns: [words('Plant', '工厂', 'Pabrik'), words('Per 100', '每百', 'Per 100')],
            rows: [
              ['A', 3.49],
              ['B', null],
            ],
          },
        })),
      }),
    /** The state of a moment from now on; undefined where there is none. */
    play(moment: string, state: StageView['moments'][number]['state'] = 'playing', why = '') {
      if (!MOMENTS.some(({ id }) => id === moment)) return undefined;
      played.set(moment, { state, why, atMs: now() });
      return this.stage();
    },
  };
}

/** An offset as it grows: off to one side in the curve, then back. */
export const offsets = (n: number, size = 1): number[] =>
  Array.from(
    { length: n },
    (_, i) => size * (0.9 * Math.exp(-(((i - 70) / 22) ** 2)) + 0.22 * Math.sin(i / 5)) - 0.1,
  );

/** A force as it settles. */
export const forces = (n: number, level = 120): number[] =>
  Array.from({ length: n }, (_, i) => level * (1 + 0.4 * Math.exp(-i / 30)) + 3 * Math.sin(i / 3));
