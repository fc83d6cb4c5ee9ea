import { fitPair, openScorer } from '@selvedge/models';
import type { Bench } from '../bench-kit/row.js';
import { interleaved, median, millisecondsOf } from '../bench-kit/timing.js';
import { type PairUnit, pairUnits } from '../studies-kit/seat-pair-units.js';

const UNITS = 48;
const ROUNDS = 6;

export const run: Bench = async ({ progress }) => {
  const units: PairUnit[] = [];
  for await (const unit of pairUnits(501, UNITS)) units.push(unit);
  progress(0.2, 'pairs');
  // What a score costs does not depend on what it says: novelty from all of them.
  const fit = units.map((unit) => ({ ...unit, label: 'good' }));
  const model = await fitPair(fit, { recipe: 'novelty', seed: 1 });
  progress(0.5, 'fitted');
  const seen = units.map(({ observation }) => observation);
  const [series, image] = [seen.map((one) => one.series), seen.map((one) => one.image)];
  const open = { workers: 0 } as const;
  const both = await openScorer(model, open);
  const trace = await openScorer(model.pair.series, open);
  const picture = await openScorer(model.pair.image, open);
  const apart = async (): Promise<void> => {
    await trace.score(series);
    await picture.score(image);
  };
  await both.score(seen);
  await apart();
  const timed = await interleaved({ rounds: ROUNDS, first: () => both.score(seen), second: apart });
  const traces: number[] = [];
  for (let round = 0; round < ROUNDS; round++) traces.push(await millisecondsOf(() => trace.score(series)));
  for (const scorer of [both, trace, picture]) await scorer[Symbol.asyncDispose]();
  const note = `in turn, median of ${ROUNDS} rounds of ${UNITS} units (300 stitches x 5 channels, JPEG of 400 x 384 px), one thread`;
  return [
    {
      name: 'pairs: one graph against its two parts apart',
      value: timed.ratio,
      unit: 'x',
      limit: { atMost: 1.25 },
      note,
    },
    { name: 'pairs: one pair to its score', value: timed.firstMs / UNITS, unit: 'ms', note },
    { name: 'pairs: trace and picture apart', value: timed.secondMs / UNITS, unit: 'ms', note },
    { name: 'pairs: the trace of them', value: median(traces) / UNITS, unit: 'ms', note },
  ];
};
