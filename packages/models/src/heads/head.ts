import type { GraphBuilder } from '../onnx/graph-builder.js';

/** Features of many units: row-major `[rows, width]`. */
export interface FeatureMatrix {
  readonly values: Float32Array;
  readonly rows: number;
  readonly width: number;
}

/** A trained map from features to a score or to class probabilities, in TypeScript and as ONNX nodes. */
export interface Head {
  /** `linear`, `trees` or `blend`. */
  readonly name: string;
  /** 1 = log odds of bad; otherwise the number of classes. */
  readonly outputs: number;
  /** `[rows]` log odds of bad (higher = worse) or `[rows, outputs]` class probabilities. */
  predict(x: FeatureMatrix): Float64Array;
  /** Adds the head to a graph whose value `features` is float32 `[n, width]`; returns `[n]` or `[n, outputs]`. */
  emit(g: GraphBuilder, features: string): string;
}

/** The rows `index` of `x`, copied. */
export function takeRows(x: FeatureMatrix, index: ArrayLike<number>): FeatureMatrix {
  const values = new Float32Array(index.length * x.width);
  for (let i = 0; i < index.length; i++) {
    const from = index[i]! * x.width;
    values.set(x.values.subarray(from, from + x.width), i * x.width);
  }
  return { values, rows: index.length, width: x.width };
}

/**
 * One weight per row: (rows / (classes x rows of its class)) ^ balance, then scaled to mean 1. `balance` 1
 * makes all classes weigh the same, 0 all rows.
 */
export function classWeights(labels: Int32Array, classes: number, balance: number): Float64Array {
  const count = new Float64Array(classes);
  for (const label of labels) count[label]!++;
  const weights = Float64Array.from(
    labels,
    (label) => (labels.length / (classes * count[label]!)) ** balance,
  );
  const mean = weights.reduce((sum, w) => sum + w, 0) / weights.length;
  return weights.map((w) => w / mean);
}
