import { incompleteBeta } from './beta.js';
import { requireCounts, requireShare } from './range.js';
import { firstNonNegative } from './root.js';

/**
 * P(Bin(n, alpha) <= k): the exact p-value of "the rate is above alpha" after k bad in n units.
 *
 * @throws RangeError unless 0 <= k <= n are whole and 0 < alpha < 1.
 */
export const binomialTail = (k: number, n: number, alpha: number): number => {
  requireCounts(k, n);
  requireShare('alpha', alpha);
  if (k === n) return 1;
  if (k === 0) return Math.exp(n * Math.log1p(-alpha));
  return incompleteBeta(1 - alpha, n - k, k + 1);
};

/**
 * One-sided upper Clopper-Pearson bound of a rate at confidence 1 - delta; 1 if k = n (n = 0 included).
 *
 * @throws RangeError as `binomialTail`.
 */
export const binomialUpper = (k: number, n: number, delta: number): number => {
  requireCounts(k, n);
  requireShare('delta', delta);
  if (k === n) return 1;
  if (k === 0) return -Math.expm1(Math.log(delta) / n);
  return firstNonNegative((rate) => delta - incompleteBeta(1 - rate, n - k, k + 1), 0, 1);
};

/**
 * One-sided lower Clopper-Pearson bound of a rate at confidence 1 - delta; 0 if k = 0.
 *
 * @throws RangeError as `binomialTail`.
 */
export const binomialLower = (k: number, n: number, delta: number): number =>
  1 - binomialUpper(n - k, n, delta);

/**
 * The least n at which k bad units still prove a rate of at most alpha: P(Bin(n, alpha) <= k) <= delta.
 *
 * @throws RangeError unless k >= 0 is whole and alpha, delta lie between 0 and 1.
 */
export const labelsNeeded = (k: number, alpha: number, delta: number): number => {
  requireShare('delta', delta);
  let above = k + 1;
  while (binomialTail(k, above, alpha) > delta) above *= 2;
  let below = Math.max(k, Math.floor(above / 2));
  while (above - below > 1) {
    const middle = Math.floor((below + above) / 2);
    if (binomialTail(k, middle, alpha) <= delta) above = middle;
    else below = middle;
  }
  return above;
};

/**
 * The least count c with P(Bin(n, rate) <= c) >= confidence. A seeded test of a promise accepts up to this
 * many violations: the chance that a promise that is kept exactly at `rate` fails the test is at most
 * 1 - confidence.
 *
 * @throws RangeError unless n >= 0 is whole and rate, confidence lie between 0 and 1.
 */
export const binomialLimit = (n: number, rate: number, confidence: number): number => {
  requireShare('confidence', confidence);
  let below = -1;
  let above = n;
  while (above - below > 1) {
    const middle = Math.floor((below + above) / 2);
    if (binomialTail(middle, n, rate) >= confidence) above = middle;
    else below = middle;
  }
  return above;
};
