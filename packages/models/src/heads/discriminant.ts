import { type FeatureMatrix, type Head, takeRows } from './head.js';
import { linearHead, standardise, standardOf } from './linear.js';
import { choleskySolve } from './linear-algebra.js';

/** Widest feature row for which a full covariance is learnt. */
export const DISCRIMINANT_LIMIT = 600;

/**
 * Linear discriminant of bad against good with the covariance of the good rows alone, shrunk towards the identity
 * (after standardising by the good rows): w = ((1 - s) C + s I)^-1 (mean bad - mean good), the intercept half-way
 * (Fisher 1936; shrinkage as Friedman 1989). With few bad and many good rows the good ones say which directions
 * are noise, which a regression must learn from the few bad ones.
 * @returns one head per entry of `shrinks`.
 */
export function fitDiscriminantPath(
  x: FeatureMatrix,
  labels: Int32Array,
  shrinks: readonly number[],
): Head[] {
  const rows = Array.from(labels, (_, i) => i);
  const good = rows.filter((i) => labels[i] === 0);
  const standard = standardOf(takeRows(x, good));
  const z = standardise(x, standard);
  const { width } = x;
  const means = [new Float64Array(width), new Float64Array(width)];
  const counts = [good.length, rows.length - good.length];
  for (const i of rows) {
    const mean = means[labels[i]!]!;
    for (let j = 0; j < width; j++) mean[j]! += z[i * width + j]! / counts[labels[i]!]!;
  }
  const covariance = new Float64Array(width * width);
  const d = new Float64Array(width);
  for (const i of good) {
    for (let j = 0; j < width; j++) d[j] = z[i * width + j]! - means[0]![j]!;
    for (let j = 0; j < width; j++) {
      const own = d[j]! / good.length;
      for (let k = 0, c = j * width; k <= j; k++, c++) covariance[c]! += own * d[k]!;
    }
  }
  const gap = means[1]!.map((v, j) => v - means[0]![j]!);
  return shrinks.map((shrink) => {
    const shrunk = covariance.map((v) => (1 - shrink) * v);
    for (let j = 0; j < width; j++) shrunk[j * width + j]! += shrink;
    const w = choleskySolve(shrunk, gap, width);
    let middle = 0;
    for (let j = 0; j < width; j++) middle += (w[j]! * (means[0]![j]! + means[1]![j]!)) / 2;
    return linearHead('discriminant', standard, Float32Array.of(...w, -middle), 1);
  });
}
