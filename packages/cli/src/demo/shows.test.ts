import { stageShowSchema } from '@selvedge/core/records';
import { expect, it } from 'vitest';
import { stageShows } from './shows.js';
import type { Told } from './story.js';

const mean = { n: 2, mean: 0.1 };
const figure = { count: 3, personSeconds: 36, per100Good: 3, interval: [0.6, 8.8] as const };
const group = { covers: 100, good: 100, all: figure, byType: { rework: figure } };
const curve = { n: 4, first: mean, last: mean, slope: { slope: -0.01, interval: [-0.02, -0.001] as const } };

/** One of each, as a demo in the middle of its story would tell them. */
const TOLD: readonly Told[] = [
  {
    moment: 'ledger',
    plants: [{ plant: 'a', withLeave: group, withoutLeave: group, verdictTouches: figure } as never],
  },
  { moment: 'seam', timeFactor: 4, units: ['a1-m1-00001'] },
  {
    ...{ moment: 'thread-lot', machine: 'm1', friction: 1.4, before: mean, after: mean, backAfterCovers: 4 },
    ...{ worst: 0.2, corrected: mean, leftAlone: mean, largestTrimCentinewton: 12, tensionActs: 1 },
    correctedMinusLeftAlone: { difference: -0.05, interval: [-0.06, -0.04] },
    lease: { target: 'm1/tension/trim', bounds: [-40, 40], maxStep: 40, step: 'TRIAL', boundShare: 0.5 },
    looseOrTight: 2,
    points: [
      { cover: -1, lockError: 0.02, trim: 0, acts: 0 },
      { cover: 0, lockError: 0.2, trim: 12, acts: 1 },
    ],
  },
  {
    ...{ moment: 'curve', machine: 'm1', missedShare: 0.5, corrected: curve, leftAlone: curve },
    correctedMinusLeftAlone: null,
    points: [
      { learnt: 0, error: 0.3, corrected: true },
      { learnt: 1, error: 0.2, corrected: false },
    ],
  },
  {
    ...{ moment: 'skip', unit: 'a1-m1-00033', safetySeam: false, told: 'reject', askedBecause: 'ask' },
    decided: { call: 'ask', region: 'between', state: 'open', score: 9, why: '' },
    answer: { label: 'skip', by: 'touch', seconds: 3 },
  },
  {
    ...{ moment: 'cut', what: 'the broker', seconds: 5, sewnWithout: 6, verdictsWithout: 0 },
    ...{ toldAfterwards: 6, waiting: 0, otherMachine: { sewn: 5, verdicts: 6 } },
  },
  {
    ...{ moment: 'second-plant', plant: 'b', covers: 20 },
    gates: [
      {
        ...{ station: 'top-stitch-1', state: 'shadow', reason: '', labels: 20, planned: 60 },
        ...{ automatic: 0, units: 20, openedAfterSeconds: null },
      },
    ],
  },
];

it('every moment is shown in its place of the story, in the shape that the console reads, in three languages', () => {
  const shows = stageShows(TOLD).map((one) => stageShowSchema.parse(one));
  expect(shows.map(({ moment }) => moment)).toEqual([
    ...['seam', 'thread-lot', 'second-plant', 'curve', 'skip', 'cut', 'ledger'],
  ]);
  for (const { said, charts, table } of shows) {
    expect(said.length + charts.length + (table === null ? 0 : 1)).toBeGreaterThan(0);
    for (const text of said) expect(new Set([text.en, text.zh, text.id]).size).toBe(3);
  }
  const by = new Map(shows.map((show) => [show.moment, show]));
  // In a trial half of the lease's bounds is what may be used.
  expect(by.get('thread-lot')?.charts[1]?.limits.map(({ at }) => at)).toEqual([-20, 20]);
  expect(
    by
      .get('skip')
      ?.said.map(({ en }) => en)
      .join(' '),
  ).toContain('the model was unsure');
  expect(by.get('ledger')?.table?.rows[0]?.slice(3)).toEqual([3, 36, 3, '0.6 – 8.8']);
});
