import { requireShare } from '../bounds/range.js';
import { risingRoot } from '../bounds/root.js';
import { eUpper } from './e-process.js';

/**
 * Labels of audits with one weight: the lowest audit probability that any unit could have had at that moment over
 * the unit's own, in (0, 1]. 1 = drawn at the lowest probability, or all units alike.
 */
export interface WeightedCounts {
  readonly weight: number;
  readonly n: number;
  readonly k: number;
}

const BETS = [0, 1 / 16, 1 / 8, 1 / 4, 1 / 2];
const SHARES = [0.4, 0.15, 0.15, 0.15, 0.15];

/**
 * ln E of audits drawn with unequal known probabilities, against "the rate is at least alpha": the mixture of
 * constant bets of `eProcessLog`, each bet multiplied by the label's weight w,
 * E = sum_j s_j prod (1 - (1 - v_j) w (L - alpha) / (1 - alpha)). Given that a unit is audited its score has density
 * p(s) / E p, so w = floor / p gives E[w (L - alpha) | audited] = floor (R - alpha) / E p, which is not negative where
 * R >= alpha, whatever E p is: a fair or losing bet, label by label (rule S-37). With weights 1 it is `eProcessLog`.
 */
export const weightedLog = (rows: readonly WeightedCounts[], alpha: number): number =>
  logEvidence(rows, alpha / (1 - alpha));

const logEvidence = (rows: readonly WeightedCounts[], odds: number): number => {
  const logs = BETS.map((v, j) => {
    let log = Math.log(SHARES[j]!);
    for (const { weight, n, k } of rows) {
      const stake = (1 - v) * weight;
      if (k > 0) log += k * Math.log1p(-stake);
      log += (n - k) * Math.log1p(stake * odds);
    }
    return log;
  });
  const largest = Math.max(...logs);
  return largest + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - largest), 0));
};

/**
 * U = inf{alpha : E_before(k, n; alpha) E(rows; alpha) >= 1 / delta}: a process of equal draws that goes on with
 * unequal ones from 0 labels on. The product of the two is one e-process, so delta is spent once and nothing is
 * forgotten: with no rows it is `eUpper`. 1 if no label was right. Absolute error below 1e-12, upward.
 *
 * @throws RangeError unless 0 < delta < 1.
 */
export const weightedUpper = (
  before: { readonly n: number; readonly k: number },
  rows: readonly WeightedCounts[],
  delta: number,
): number => {
  const used = rows.filter(({ n }) => n > 0);
  if (used.length === 0) return eUpper(before.k, before.n, delta);
  requireShare('delta', delta);
  if (before.k === before.n && used.every(({ n, k }) => k === n)) return 1;
  const target = -Math.log(delta);
  // Equal draws are weight 1 in a mixture of their own.
  const equal = [{ weight: 1, ...before }];
  const f = (x: number): number => {
    const odds = Math.expm1(x);
    return logEvidence(equal, odds) + logEvidence(used, odds) - target;
  };
  let enough = 1 / 64;
  while (f(enough) < 0) enough *= 2;
  return -Math.expm1(-risingRoot(f, enough));
};
