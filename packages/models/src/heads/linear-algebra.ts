import type { FeatureMatrix } from './head.js';
import { createRandom } from './random.js';

/**
 * Mean and leading principal directions (`[count, width]`, orthonormal) by subspace iteration with a seeded
 * start: 40 rounds, or fewer where the width is no more than `count`.
 */
export function leadingDirections(
  x: FeatureMatrix,
  count: number,
  seed: number,
): { mean: Float32Array; directions: Float32Array } {
  const { width } = x;
  const mean = columnMeans(x);
  const random = createRandom(seed ^ 0x9ca);
  const basis = Float64Array.from({ length: count * width }, () => random.normal());
  orthonormalise(basis, count, width);
  const next = new Float64Array(count * width);
  const covariance = scatter(x, mean);
  for (let round = 0; round < 40; round++) {
    next.fill(0);
    for (let k = 0; k < count; k++) {
      for (let i = 0; i < width; i++) {
        const along = basis[k * width + i]!;
        for (let j = 0, c = i * width, b = k * width; j < width; j++, c++, b++)
          next[b]! += along * covariance[c]!;
      }
    }
    basis.set(next);
    orthonormalise(basis, count, width);
  }
  return { mean, directions: Float32Array.from(basis) };
}

function columnMeans({ values, rows, width }: FeatureMatrix): Float32Array {
  const sum = new Float64Array(width);
  for (let i = 0, at = 0; i < rows; i++) for (let j = 0; j < width; j++, at++) sum[j]! += values[at]!;
  return Float32Array.from(sum, (s) => s / Math.max(1, rows));
}

/** Sums of products of the centred columns, `[width, width]`. */
function scatter({ values, rows, width }: FeatureMatrix, mean: Float32Array): Float64Array {
  const out = new Float64Array(width * width);
  const d = new Float64Array(width);
  for (let i = 0, at = 0; i < rows; i++, at += width) {
    for (let j = 0; j < width; j++) d[j] = values[at + j]! - mean[j]!;
    for (let j = 0; j < width; j++) {
      const own = d[j]!;
      for (let k = 0, c = j * width; k <= j; k++, c++) out[c]! += own * d[k]!;
    }
  }
  for (let j = 0; j < width; j++) for (let k = 0; k < j; k++) out[k * width + j] = out[j * width + k]!;
  return out;
}

/** Modified Gram-Schmidt on the rows of `[count, width]`, in place; a row that vanishes becomes zero. */
function orthonormalise(basis: Float64Array, count: number, width: number): void {
  for (let k = 0; k < count; k++) {
    const row = basis.subarray(k * width, (k + 1) * width);
    const before = Math.sqrt(row.reduce((sum, v) => sum + v * v, 0));
    for (let m = 0; m < k; m++) {
      const other = basis.subarray(m * width, (m + 1) * width);
      let along = 0;
      for (let j = 0; j < width; j++) along += row[j]! * other[j]!;
      for (let j = 0; j < width; j++) row[j]! -= along * other[j]!;
    }
    let squares = 0;
    for (const v of row) squares += v * v;
    const norm = Math.sqrt(squares);
    const keep = norm > 1e-9 * Math.max(1e-300, before) ? 1 / norm : 0;
    for (let j = 0; j < width; j++) row[j]! *= keep;
  }
}

/**
 * A matrix M (`[width, width]`, upper triangular, used as z = (x - mean) M) with M M^T = the inverse of the
 * covariance shrunk towards its mean variance: (1 - s) C + s tr(C) / width I.
 */
export function shrunkWhitening(
  x: FeatureMatrix,
  shrink: number,
): { mean: Float32Array; matrix: Float32Array } {
  const { rows, width } = x;
  const mean = columnMeans(x);
  const covariance = scatter(x, mean);
  let trace = 0;
  for (let j = 0; j < width; j++) trace += covariance[j * width + j]! / Math.max(1, rows);
  const ridge = (shrink * Math.max(trace, 1e-6)) / width;
  for (let j = 0; j < width; j++) {
    for (let k = 0; k <= j; k++) covariance[j * width + k]! *= (1 - shrink) / Math.max(1, rows);
    covariance[j * width + j]! += ridge;
  }
  const lower = cholesky(covariance, width);
  // M = L^-T, so that z = L^-1 (x - mean).
  const matrix = new Float32Array(width * width);
  const column = new Float64Array(width);
  for (let c = 0; c < width; c++) {
    column.fill(0);
    for (let j = c; j < width; j++) {
      let sum = j === c ? 1 : 0;
      for (let m = c; m < j; m++) sum -= lower[j * width + m]! * column[m]!;
      column[j] = sum / lower[j * width + j]!;
    }
    // column is column c of L^-1; M[c, j] = L^-1[j, c].
    for (let j = c; j < width; j++) matrix[c * width + j] = column[j]!;
  }
  return { mean, matrix };
}

/** Lower triangle L of a positive definite matrix with L L^T = the matrix; reads the lower triangle alone. */
function cholesky(matrix: Float64Array, width: number): Float64Array {
  const lower = new Float64Array(width * width);
  for (let j = 0; j < width; j++) {
    for (let k = 0; k <= j; k++) {
      let sum = matrix[j * width + k]!;
      for (let m = 0, a = j * width, b = k * width; m < k; m++, a++, b++) sum -= lower[a]! * lower[b]!;
      lower[j * width + k] = j === k ? Math.sqrt(Math.max(sum, 1e-12)) : sum / lower[k * width + k]!;
    }
  }
  return lower;
}

/** Solves `matrix` y = `right` for a positive definite matrix given by its lower triangle. */
export function choleskySolve(matrix: Float64Array, right: Float64Array, width: number): Float64Array {
  const lower = cholesky(matrix, width);
  const y = Float64Array.from(right);
  for (let j = 0; j < width; j++) {
    for (let m = 0; m < j; m++) y[j]! -= lower[j * width + m]! * y[m]!;
    y[j]! /= lower[j * width + j]!;
  }
  for (let j = width - 1; j >= 0; j--) {
    for (let m = j + 1; m < width; m++) y[j]! -= lower[m * width + j]! * y[m]!;
    y[j]! /= lower[j * width + j]!;
  }
  return y;
}
