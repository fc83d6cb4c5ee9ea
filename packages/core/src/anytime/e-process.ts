import { requireCounts, requireShare } from '../bounds/range.js';
import { risingRoot } from '../bounds/root.js';

/** Bets v: 0 is the boldest (all on "no bad unit"), larger v survive more bad units. */
const BETS = [0, 1 / 16, 1 / 8, 1 / 4, 1 / 2];
const WEIGHTS = [0.4, 0.15, 0.15, 0.15, 0.15];
const LOG_BETS = BETS.map((v) => Math.log(v));
const LOG_WEIGHTS = WEIGHTS.map((w) => Math.log(w));

/**
 * ln E(k, n; alpha), the evidence against "the rate is at least alpha" after k bad in n audits:
 * E = sum_j w_j v_j^k ((1 - alpha v_j) / (1 - alpha))^(n - k), 0^0 = 1. A mixture of constant bets, each a
 * product of fair or losing bets for every rate >= alpha, so Ville's inequality holds at every n at once.
 * Increasing in alpha. Source: GATE section 4; Waudby-Smith and Ramdas (2024), section 4.
 *
 * @throws RangeError unless 0 <= k <= n are whole and 0 < alpha < 1.
 */
export const eProcessLog = (k: number, n: number, alpha: number): number => {
  requireCounts(k, n);
  requireShare('alpha', alpha);
  return logEvidence(k, n, alpha / (1 - alpha));
};

/** The same by the odds alpha / (1 - alpha) of the rate that is tested. */
const logEvidence = (k: number, n: number, odds: number): number => {
  const gained = n - k;
  let largest = Number.NEGATIVE_INFINITY;
  const terms = [0, 0, 0, 0, 0];
  for (let j = k === 0 ? 0 : 1; j < 5; j += 1) {
    const lost = k === 0 ? 0 : k * LOG_BETS[j]!;
    const term = LOG_WEIGHTS[j]! + lost + gained * Math.log1p(odds * (1 - BETS[j]!));
    terms[j] = term;
    if (term > largest) largest = term;
  }
  let sum = 0;
  for (let j = k === 0 ? 0 : 1; j < 5; j += 1) sum += Math.exp(terms[j]! - largest);
  return largest + Math.log(sum);
};

/**
 * U = inf{alpha : E(k, n; alpha) >= 1 / delta}: with probability at least 1 - delta it lies above a constant
 * rate at every n at once. 1 if there is no such alpha (n = k). Absolute error below 1e-12, upward.
 *
 * @throws RangeError unless 0 <= k <= n are whole and 0 < delta < 1.
 */
export const eUpper = (k: number, n: number, delta: number): number => {
  requireCounts(k, n);
  requireShare('delta', delta);
  if (k === n) return 1;
  const target = -Math.log(delta);
  // In x = -ln(1 - alpha) the evidence is smooth and close to linear for large n.
  const f = (x: number): number => logEvidence(k, n, Math.expm1(x)) - target;
  // The term of v = 1/2 alone is at least .15 2^-k exp((n - k) x / 2), so this x is enough.
  const enough = (target + Math.log(1 / 0.15) + k * Math.LN2) / (0.5 * (n - k)) + 1e-12;
  return -Math.expm1(-risingRoot(f, enough));
};
