import { labelsNeeded } from '../bounds/binomial.js';
import { GRID, rankOf } from './sorted-scores.js';

/** Where testing starts on the grid and with which share of delta. An index of 100 or more never starts. */
export interface Start {
  readonly index: number;
  readonly delta: number;
}

/**
 * A plan of testing that is fixed before any label is seen: it may depend on n, alpha and delta only. The deltas of
 * its starts sum to at most delta. Each start goes up the grid while the exact test rejects. With `carry` a chain that
 * reaches the next start adds its delta to that start's (the fallback procedure); without, chains are separate
 * (a union bound).
 */
export interface TestPlan {
  readonly starts: readonly Start[];
  readonly carry: boolean;
}

/** Makes the plan for n calibration units. */
export type StartRule = (n: number, alpha: number, delta: number) => TestPlan;

/** Least grid index whose rank floor((index + 1) n / 100) is at least `units`; 100 if none is. */
export const indexHolding = (units: number, n: number): number => {
  for (let index = 0; index < GRID; index += 1) if (rankOf(index, n) >= units) return index;
  return GRID;
};

/**
 * The start rule of GATE section 3. With n0 the labels needed at zero bad and n1 at one: below 3 n0 one chain from the
 * first grid point that holds n0; from 3 n0 on a chain from n1(.4 delta) at .4 delta and chains from 50, 75 and 90 per
 * cent at .2 delta each.
 */
export const separateStarts: StartRule = (n, alpha, delta) => {
  const n0 = labelsNeeded(0, alpha, delta);
  if (n < 3 * n0) return { starts: [{ index: indexHolding(n0, n), delta }], carry: false };
  const main = 0.4 * delta;
  const side = 0.2 * delta;
  return {
    starts: [
      { index: indexHolding(labelsNeeded(1, alpha, main), n), delta: main },
      { index: 49, delta: side },
      { index: 74, delta: side },
      { index: 89, delta: side },
    ],
    carry: false,
  };
};

/**
 * The default start rule. Below 3 n0 as `separateStarts`. From 3 n0 on two starts that share delta by the fallback
 * procedure (Wiens 2003): .4 delta where n1(.4 delta) units are accepted, but not below 20 per cent, and .6 delta at 65
 * per cent. A chain from the safest region is killed by one unlucky bad unit there, so most of delta waits higher up,
 * where there are enough units to outvote it; a chain that arrives there alive brings its own share along.
 *
 * Valid for any dependence between the tests: the level at a point is the sum of the shares since the last test that did
 * not reject, so the first true hypothesis that is rejected, of all true ones, spends shares that no earlier true one
 * could have spent, and the shares sum to delta.
 */
export const fallbackStarts: StartRule = (n, alpha, delta) => {
  if (n < 3 * labelsNeeded(0, alpha, delta)) return separateStarts(n, alpha, delta);
  const low = 0.4 * delta;
  return {
    starts: [
      { index: Math.max(19, indexHolding(labelsNeeded(1, alpha, low), n)), delta: low },
      { index: 64, delta: 0.6 * delta },
    ],
    carry: true,
  };
};
