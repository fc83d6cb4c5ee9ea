import { binomialTail } from './binomial.js';

/** Relative entropy of two coins, h1(a, b) = a ln(a/b) + (1-a) ln((1-a)/(1-b)), 0 ln 0 = 0, for a, b < 1. */
const relativeEntropy = (a: number, b: number): number =>
  (a > 0 ? a * Math.log(a / b) : 0) + (1 - a) * Math.log((1 - a) / (1 - b));

/**
 * p-value of H0: risk > alpha for losses in [0, 1]: min(1, exp(-n h1(min(r, alpha), alpha)),
 * e P(Bin(n, alpha) <= ceil(n r))), r = lossSum / n. For 0/1 losses the factor e falls away and the result is the
 * exact binomial tail. Source: Bates et al. (2021), theorem 3; Angelopoulos et al. (2021), section 3.2.
 *
 * @param options `lossSum` 0..n (a whole number for 0/1 losses), `binary` says that every loss is 0 or 1.
 * @throws RangeError as `binomialTail`.
 */
export const hoeffdingBentkus = (options: {
  readonly lossSum: number;
  readonly n: number;
  readonly alpha: number;
  readonly binary: boolean;
}): number => {
  const { lossSum, n, alpha, binary } = options;
  const tail = binomialTail(Math.ceil(lossSum), n, alpha);
  if (binary) return tail;
  const hoeffding = Math.exp(-n * relativeEntropy(Math.min(lossSum / n, alpha), alpha));
  return Math.min(1, hoeffding, Math.E * tail);
};
