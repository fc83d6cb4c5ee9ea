import { gammaExponentialMixture, mixtureBound } from './mixtures.js';

/**
 * Conjugate-mixture empirical Bernstein confidence sequence of the running mean of observations in [0, 1]: V_t is the
 * sum of squared errors of the running mean as a prediction (1/2 first); each side has alpha / 2, intersected over
 * time. Source: Howard et al. (2021), theorem 4 with the gamma-exponential mixture, c = 1.
 */
export const empiricalBernsteinSequence = (options: {
  readonly x: ArrayLike<number>;
  readonly alpha: number;
  /** Intrinsic time at which the bound is tightest. Default 1. */
  readonly vOpt?: number;
}): { lower: Float64Array; upper: Float64Array } => {
  const { x, alpha, vOpt = 1 } = options;
  const side = alpha / 2;
  const mixture = gammaExponentialMixture({ vOpt, alphaOpt: side }, 1);
  const lower = new Float64Array(x.length);
  const upper = new Float64Array(x.length);
  let sum = 0;
  let predicted = 0.5;
  let v = 0;
  let low = 0;
  let high = 1;
  for (let i = 0; i < x.length; i += 1) {
    sum += x[i]!;
    v += (x[i]! - predicted) ** 2;
    predicted = sum / (i + 1);
    const margin = mixtureBound(mixture, v, side) / (i + 1);
    low = Math.max(low, predicted - margin);
    high = Math.min(high, predicted + margin);
    lower[i] = low;
    upper[i] = high;
  }
  return { lower, upper };
};
