import { requireSameLength, requireShare } from '../bounds/range.js';

/**
 * Rank of the split-conformal quantile: ceil((n + 1)(1 - alpha)), guarded against the float error that lifts an exact
 * whole number by one.
 *
 * @throws RangeError unless 0 < alpha < 1.
 */
export const splitRank = (n: number, alpha: number): number => {
  requireShare('alpha', alpha);
  return Math.ceil((n + 1) * (1 - alpha) - 1e-12);
};

/**
 * The rank-th smallest score; +Infinity if the rank passes n (too few scores for this alpha). A new exchangeable score
 * is at most this with probability at least 1 - alpha (Vovk, Gammerman and Shafer 2005).
 */
export const splitQuantile = (scores: ArrayLike<number>, alpha: number): number => {
  const rank = splitRank(scores.length, alpha);
  return rank > scores.length ? Number.POSITIVE_INFINITY : Float64Array.from(scores).sort()[rank - 1]!;
};

/** [low, high], either may be infinite. */
export type Interval = readonly [number, number];

/**
 * Conformalised quantile regression (Romano, Patterson and Candes 2019): how far predicted quantiles must be widened.
 * Symmetric: one margin at alpha; asymmetric: one a side at alpha / 2.
 *
 * @throws RangeError on unequal lengths or alpha outside (0, 1).
 */
export const quantileMargins = (options: {
  readonly low: ArrayLike<number>;
  readonly high: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  readonly alpha: number;
  readonly symmetric: boolean;
}): { below: number; above: number } => {
  const { low, high, y, alpha, symmetric } = options;
  requireSameLength('low and y', low, y);
  requireSameLength('high and y', high, y);
  const under = Float64Array.from(y, (value, i) => low[i]! - value);
  const over = Float64Array.from(y, (value, i) => value - high[i]!);
  if (!symmetric) return { below: splitQuantile(under, alpha / 2), above: splitQuantile(over, alpha / 2) };
  const margin = splitQuantile(
    over.map((value, i) => Math.max(value, under[i]!)),
    alpha,
  );
  return { below: margin, above: margin };
};

/**
 * Factor q of the normalised split interval prediction +- q sigma (Papadopoulos et al. 2008): the split quantile of
 * |residual| / sigma.
 *
 * @throws RangeError on unequal lengths or alpha outside (0, 1).
 */
export const normalisedFactor = (options: {
  readonly residuals: ArrayLike<number>;
  readonly sigmas: ArrayLike<number>;
  readonly alpha: number;
}): number => {
  const { residuals, sigmas, alpha } = options;
  requireSameLength('residuals and sigmas', residuals, sigmas);
  return splitQuantile(
    Float64Array.from(residuals, (residual, i) => Math.abs(residual) / sigmas[i]!),
    alpha,
  );
};
