import { env } from 'node:process';
import { fitMap, openScorer } from '@selvedge/models';
import type { Bench, Row } from '../bench-kit/row.js';
import { peakMegabytes } from '../bench-kit/timing.js';
import { readWaferMaps, waferMapsAreHere } from '../studies-kit/wafer-maps-data.js';

/** Maps that the model is fitted on: the speed of scoring hangs on the recipe, not on their number. */
const FIT = 400;
const SHORT = 3000;
const WORKERS = 2;

/**
 * Scoring of recorded wafer maps on two workers: 3,000 of them, or with `SELVEDGE_BENCH_LONG=1` all. No rows where
 * the set is not here.
 */
export const run: Bench = async ({ progress }) => {
  if (!waferMapsAreHere()) {
    progress(1, 'skip: the wafer maps are not here (SELVEDGE_DATA names the folder of the data)');
    return [];
  }
  const long = env.SELVEDGE_BENCH_LONG === '1';
  const all = await readWaferMaps();
  const train = all.filter(({ split }) => split === 'train');
  const every = Math.max(1, Math.floor(train.length / FIT));
  const fit = train.filter((_, i) => i % every === 0);
  const fitStart = performance.now();
  const model = await fitMap(fit, {
    recipe: 'supervised',
    seed: 1,
    progress: (done, what) => progress(0.7 * done, what),
  });
  const fitSeconds = (performance.now() - fitStart) / 1000;
  const maps = (long ? all : all.slice(0, SHORT)).map(({ observation }) => observation);
  const scorer = await openScorer(model, { workers: WORKERS });
  await scorer.score(maps.slice(0, 256));
  const scoreStart = performance.now();
  const said = await scorer.score(maps);
  const seconds = (performance.now() - scoreStart) / 1000;
  await scorer[Symbol.asyncDispose]();
  if (said.some(({ score }) => Number.isNaN(score))) throw new Error('a wafer map was not scored');
  progress(1, 'scored');
  const rows: Row[] = [
    {
      name: 'wafer maps: scored, 2 workers',
      value: maps.length / seconds,
      unit: '1/s',
      note: `${maps.length} maps in ${seconds.toFixed(1)} s; ${model.name}, fitted on ${fit.length}${long ? '' : '; all with SELVEDGE_BENCH_LONG=1'}`,
    },
    { name: 'wafer maps: supervised fit', value: fitSeconds, unit: 's', note: `${fit.length} maps` },
    { name: 'wafer maps: peak memory of the process', value: peakMegabytes(), unit: 'MB' },
  ];
  return rows;
};
