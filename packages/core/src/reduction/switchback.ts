import { logIncompleteBeta } from '../bounds/beta.js';
import { logBeta } from '../bounds/gamma.js';
import { logNormalCdf } from '../bounds/incomplete-gamma.js';
import { requireCounts, requireShare } from '../bounds/range.js';

/**
 * One pair of blocks of a switchback trial: interventions per unit with the system off and on, the order drawn by a
 * coin. Under "the reduction is at most r in each block" the coin makes Z_r = (1 - r) off - on symmetric or negative.
 */
export interface BlockPair {
  readonly off: number;
  readonly on: number;
}

/**
 * ln of the sign e-process after k positive signs of n: E = int_0^1 (1 + b)^k (1 - b)^(n - k) db
 * = 2^(n + 1) B(k + 1, n - k + 1) I_1/2(n - k + 1, k + 1). Valid by the coin alone, at every n at once.
 *
 * @throws RangeError unless 0 <= k <= n are whole.
 */
export const signLogE = (k: number, n: number): number => {
  requireCounts(k, n);
  return (n + 1) * Math.LN2 + logBeta(k + 1, n - k + 1) + logIncompleteBeta(0.5, n - k + 1, k + 1);
};

/**
 * ln of the symmetric e-process exp(l S - l^2 V / 2) mixed over a half-normal l with precision rho:
 * E = 2 sqrt(rho / (rho + V)) exp(S^2 / (2 (rho + V))) Phi(S / sqrt(rho + V)), S = sum Z, V = sum Z^2.
 * Source: de la Pena (1999), theorem 6.1, for symmetric increments.
 */
export const symmetricLogE = (sum: number, sumOfSquares: number, rho: number): number => {
  const total = rho + sumOfSquares;
  return (
    Math.LN2 + 0.5 * Math.log(rho / total) + (sum * sum) / (2 * total) + logNormalCdf(sum / Math.sqrt(total))
  );
};

/** Scale of the half-normal mixture for interventions per unit with a block spread near .06. */
export const DEFAULT_RHO = 0.003;

/** ln of the two e-processes against "the reduction is at most r". Pairs with Z = 0 carry no sign and no bet. */
export const reductionEvidence = (
  pairs: readonly BlockPair[],
  r: number,
  rho: number = DEFAULT_RHO,
): { logSign: number; logSymmetric: number; signs: number } => {
  let positive = 0;
  let signs = 0;
  let sum = 0;
  let squares = 0;
  for (const { off, on } of pairs) {
    const z = (1 - r) * off - on;
    if (z !== 0) signs += 1;
    if (z > 0) positive += 1;
    sum += z;
    squares += z * z;
  }
  return { logSign: signLogE(positive, signs), logSymmetric: symmetricLogE(sum, squares, rho), signs };
};

/** What a switchback trial has proved so far. */
export interface ReductionProof {
  readonly pairs: number;
  /** "There is a reduction at all", by the sign e-process at half of delta. */
  readonly any: boolean;
  /** Lower bound of the reduction, -1..1, by the symmetric e-process at half of delta; -1 says nothing. */
  readonly lower: number;
}

/**
 * The proof of "interventions reduced by at least X": valid whenever it is looked at, with probability at least
 * 1 - delta for both statements together. The lower bound walks r up from -1 in steps of `step` while "at most r" is
 * rejected; the first true hypothesis on the way is rejected with probability at most delta / 2 (fixed sequence).
 *
 * @throws RangeError unless 0 < delta < 1.
 */
export const proveReduction = (
  pairs: readonly BlockPair[],
  options: { readonly delta: number; readonly rho?: number; readonly step?: number },
): ReductionProof => {
  const { delta, rho = DEFAULT_RHO, step = 0.005 } = options;
  requireShare('delta', delta);
  const needed = Math.log(2 / delta);
  let lower = -1;
  const steps = Math.round(2 / step);
  for (let i = 0; i <= steps; i += 1) {
    const r = -1 + i * step;
    if (reductionEvidence(pairs, r, rho).logSymmetric < needed) break;
    lower = r;
  }
  return { pairs: pairs.length, any: reductionEvidence(pairs, 0, rho).logSign >= needed, lower };
};
