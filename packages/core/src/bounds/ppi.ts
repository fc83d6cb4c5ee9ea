import { normalQuantile } from './normal.js';
import { requireSameLength } from './range.js';

const mean = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += values[i]!;
  return sum / values.length;
};

/** Mean product of deviations (divided by the number of values, not by one less). */
const covariance = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  const meanA = mean(a);
  const meanB = mean(b);
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += (a[i]! - meanA) * (b[i]! - meanB);
  return sum / a.length;
};

/** Options of `predictionPoweredMean`. */
export interface PredictionPowered {
  readonly labels: ArrayLike<number>;
  /** Predictions of the labelled units. */
  readonly predictions: ArrayLike<number>;
  /** Predictions of the units without a label. */
  readonly unlabelled: ArrayLike<number>;
  /** 1 - confidence of the two-sided interval. */
  readonly alpha: number;
  /** Weight of the predictions, 0..1; left out: chosen for the least variance (PPI++), clipped to 0..1. */
  readonly lambda?: number;
}

/**
 * Mean of a label over all units from few labels and many predictions. The interval is asymptotic, so it is for
 * pictures and plans, never for a certificate. Source: Angelopoulos, Bates et al. (2023) PPI; Angelopoulos, Duchi,
 * Zrnic (2023) PPI++, equation 6.
 *
 * @throws RangeError on unequal lengths or alpha outside (0, 1).
 */
export const predictionPoweredMean = (
  options: PredictionPowered,
): { estimate: number; interval: readonly [number, number]; lambda: number } => {
  const { labels, predictions, unlabelled, alpha } = options;
  requireSameLength('labels and predictions', labels, predictions);
  const n = labels.length;
  const m = unlabelled.length;
  const lambda = options.lambda ?? bestWeight(labels, predictions, unlabelled);
  const rectifier = Float64Array.from(labels, (label, i) => label - lambda * predictions[i]!);
  const estimate = lambda * mean(unlabelled) + mean(rectifier);
  const variance =
    (lambda * lambda * covariance(unlabelled, unlabelled)) / m + covariance(rectifier, rectifier) / n;
  const margin = normalQuantile(1 - alpha / 2) * Math.sqrt(variance);
  return { estimate, interval: [estimate - margin, estimate + margin], lambda };
};

const bestWeight = (
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  unlabelled: ArrayLike<number>,
): number => {
  const all = Float64Array.from([...Array.from(predictions), ...Array.from(unlabelled)]);
  const spread = covariance(all, all);
  if (spread === 0) return 0;
  const weight = covariance(labels, predictions) / ((1 + labels.length / unlabelled.length) * spread);
  return Math.min(1, Math.max(0, weight));
};
