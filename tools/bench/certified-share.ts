import { readFile } from 'node:fs/promises';
import {
  binomialTail,
  binomialUpper,
  eProcessLog,
  eUpper,
  jumperStart,
  jumperStep,
  Ranker,
} from '@selvedge/core';
import type { Bench, Row } from '../bench-kit/row.js';
import { run as certifiedShare } from '../studies/b1.js';
import { run as wholeLoop } from '../studies/whole-loop.js';

const SHARE_RUNS = 200;
const LOOP_RUNS = 6;

/** B5: the largest difference from the oracles' numbers, relative where they are large, over the vectors of three rooms. */
async function vectorError(): Promise<{ worst: number; values: number }> {
  const read = async (name: string) =>
    JSON.parse(
      await readFile(new URL(`../../packages/core/test/vectors/${name}.json`, import.meta.url), 'utf8'),
    );
  const [bounds, anytime, drift] = await Promise.all(['bounds', 'anytime', 'drift'].map(read));
  let worst = 0;
  let values = 0;
  const compare = (made: number, oracle: number) => {
    worst = Math.max(worst, Math.abs(made - oracle) / Math.max(1, Math.abs(oracle)));
    values += 1;
  };
  for (const { k, n, delta, upper } of bounds.clopper_pearson.cases)
    compare(binomialUpper(k, n, delta), upper);
  for (const { k, n, alpha, p } of bounds.binomial_p.cases) compare(binomialTail(k, n, alpha), p);
  for (const { k, n, alpha, log_e } of anytime.e_process_safe.cases) compare(eProcessLog(k, n, alpha), log_e);
  for (const { k, n, delta, upper } of anytime.e_upper.cases) compare(eUpper(k, n, delta), upper);
  const { scores, U, p_exact } = drift.conformal_martingale;
  const ranker = new Ranker();
  let state = jumperStart();
  scores.forEach((score: number, i: number) => {
    const p = ranker.next(score, U[i]);
    compare(p, p_exact[i]);
    state = jumperStep(state, p);
    compare(Math.exp(state.logShiryaevRoberts), drift.conformal_martingale['sr_J0.01'][i]);
  });
  return { worst, values };
}

interface Cell {
  readonly looksGood: number;
  readonly escapesOverBudget: { readonly mean: number };
  readonly certifyOnce: { readonly mean: number };
  readonly shareOfCertifyOnce: number;
  readonly falselyClosed?: { readonly runs: number };
}

/** B1, B5 and B6 of the gate's specification; the peer's figures of B1 were made once on the very same samples. */
export const run: Bench = async ({ progress }) => {
  const { worst, values } = await vectorError();
  const rows: Row[] = [
    {
      name: 'B5 largest error against the oracles',
      value: worst / 1e-9,
      unit: 'x 1e-9',
      limit: { atMost: 1 },
      note: `${values} values: exact bounds, e-process, martingale`,
    },
  ];
  try {
    const shares = (await certifiedShare({ seed: 1, runs: SHARE_RUNS, progress: () => undefined })) as {
      smallestLead: number;
    };
    progress(0.5, 'B1');
    rows.push({
      name: 'B1 smallest lead over the peer at its best setting',
      value: shares.smallestLead,
      unit: 'share',
      limit: { atLeast: 0 },
      note: `16 cells, ${SHARE_RUNS} runs each, seed 1; peer MAPIE, the best of 16 settings after the fact`,
    });
    const { cells } = (await wholeLoop({ seed: 1, runs: LOOP_RUNS, progress: () => undefined })) as {
      cells: readonly Cell[];
    };
    progress(1, 'B6');
    const drifted = cells.filter((cell) => cell.looksGood > 0);
    const calm = cells.filter((cell) => cell.looksGood === 0);
    const once = drifted.map((cell) => cell.certifyOnce.mean);
    rows.push(
      {
        name: 'B6 escapes over budget under a new defect, worst cell',
        value: Math.max(...drifted.map((cell) => cell.escapesOverBudget.mean)),
        unit: 'x',
        limit: { atMost: 1.1 },
        note: `${LOOP_RUNS} runs a cell, seed 1; certify-once ${Math.min(...once).toFixed(1)}-${Math.max(...once).toFixed(1)}`,
      },
      {
        name: 'B6 share of certify-once without drift, worst cell',
        value: Math.min(...calm.map((cell) => cell.shareOfCertifyOnce)),
        unit: '',
        limit: { atLeast: 0.95 },
        note: `false closings ${calm.reduce((sum, cell) => sum + (cell.falselyClosed?.runs ?? 0), 0)} of ${LOOP_RUNS * calm.length} runs`,
      },
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    process.stderr.write('  B1 and B6 skipped: the score pools are not here (set SELVEDGE_VECTORS)\n');
  }
  return rows;
};
