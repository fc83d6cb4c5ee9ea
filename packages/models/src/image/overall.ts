import type { FeatureMatrix } from '../heads/head.js';
import { shrunkWhitening } from '../heads/linear-algebra.js';
import type { GraphBuilder } from '../onnx/graph-builder.js';

/**
 * How far the summary of a whole picture lies from those of good ones (Mahalanobis distance, covariance shrunk):
 * what the worst patches miss where a fault is everywhere. `matrix` row-major [width, width].
 */
export interface Overall {
  readonly mean: Float32Array;
  readonly matrix: Float32Array;
}

const SHRINK = 0.2;

export function fitOverall(good: FeatureMatrix): Overall {
  return shrunkWhitening(good, SHRINK);
}

/** One distance. */
export function overallDistance({ mean, matrix }: Overall, summary: Float32Array): number {
  const width = mean.length;
  let squares = 0;
  for (let c = 0; c < width; c++) {
    let sum = 0;
    for (let k = 0; k <= c; k++) sum += (summary[k]! - mean[k]!) * matrix[k * width + c]!;
    squares += sum * sum;
  }
  return Math.sqrt(squares);
}

/** float32 [n, width] -> [n, 1]. */
export function emitOverall(g: GraphBuilder, { mean, matrix }: Overall, summary: string): string {
  const width = mean.length;
  const off = g.node('Sub', [summary, g.floats(mean, [width])]);
  const z = g.node('MatMul', [off, g.floats(matrix, [width, width])]);
  return g.node('ReduceL2', [z], { axes: { ints: [1] }, keepdims: 1 });
}
