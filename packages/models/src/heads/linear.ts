import { classWeights, type FeatureMatrix, type Head } from './head.js';
import { minimise } from './lbfgs.js';

/** Mean and standard deviation of each column, NaN left out; a constant column gets scale 1. */
export interface Standard {
  readonly mean: Float64Array;
  readonly scale: Float64Array;
}

/** Standardised values are cut at this many deviations: one wild value cannot carry a score alone. */
const CLIP = 8;

export function standardOf(x: FeatureMatrix): Standard {
  const mean = new Float64Array(x.width);
  const scale = new Float64Array(x.width);
  for (let j = 0; j < x.width; j++) {
    let n = 0;
    let sum = 0;
    for (let i = j; i < x.values.length; i += x.width) {
      const v = x.values[i]!;
      if (Number.isFinite(v)) {
        n++;
        sum += v;
      }
    }
    const centre = n > 0 ? sum / n : 0;
    let squares = 0;
    for (let i = j; i < x.values.length; i += x.width) {
      const v = x.values[i]!;
      if (Number.isFinite(v)) squares += (v - centre) ** 2;
    }
    const deviation = n > 1 ? Math.sqrt(squares / n) : 0;
    mean[j] = Math.fround(centre);
    scale[j] = deviation > 1e-6 * Math.max(1e-6, Math.abs(centre)) ? Math.fround(1 / deviation) : 0;
  }
  return { mean, scale };
}

/** (x - mean) x scale, cut to +-8; NaN becomes 0 (the mean). */
export function standardise(x: FeatureMatrix, { mean, scale }: Standard): Float64Array {
  const out = new Float64Array(x.values.length);
  for (let i = 0, j = 0; i < out.length; i++) {
    // The graph subtracts in float32: the same rounding here keeps the two equal far from zero.
    const z = Math.fround(x.values[i]! - mean[j]!) * scale[j]!;
    out[i] = Number.isNaN(z) ? 0 : Math.max(-CLIP, Math.min(CLIP, z));
    if (++j === x.width) j = 0;
  }
  return out;
}

/**
 * Logistic regression on standardised features with an L2 penalty: binary for `classes` 2 (one row of weights),
 * multinomial (softmax) above. Solved by L-BFGS; `lambdas` are solved from the largest down, each starting from
 * the one before. A lambda is per row: the objective is the weighted mean loss + lambda / 2 x |w|^2; `balance` is
 * the exponent of the class weights (1 = all classes weigh the same).
 * @returns one head per lambda, in the order given.
 */
export function fitLinearPath(
  x: FeatureMatrix,
  labels: Int32Array,
  classes: number,
  { lambdas, balance }: { lambdas: readonly number[]; balance: number },
): Head[] {
  const standard = standardOf(x);
  const z = standardise(x, standard);
  const weights = classWeights(labels, classes, balance);
  const outputs = classes === 2 ? 1 : classes;
  const stride = x.width + 1;
  const at = new Float64Array(outputs * stride);
  const loss =
    outputs === 1
      ? binaryLoss(z, x.width, labels, weights)
      : softmaxLoss(z, x.width, labels, weights, outputs);
  const order = lambdas.map((_, i) => i).sort((a, b) => lambdas[b]! - lambdas[a]!);
  const heads: Head[] = new Array(lambdas.length);
  for (const k of order) {
    const lambda = lambdas[k]!;
    minimise(
      (w, gradient) => {
        let value = loss(w, gradient);
        for (let i = 0; i < w.length; i++) {
          if (i % stride === x.width) continue;
          value += (lambda / 2) * w[i]! * w[i]!;
          gradient[i]! += lambda * w[i]!;
        }
        return value;
      },
      at,
      // A class call is the largest of several: it settles long before the weights do.
      outputs === 1 ? { iterations: 150, tolerance: 3e-5 } : { iterations: 50, tolerance: 3e-4 },
    );
    heads[k] = linearHead('linear', standard, Float32Array.from(at), outputs);
  }
  return heads;
}

function binaryLoss(z: Float64Array, width: number, labels: Int32Array, weights: Float64Array) {
  const rows = labels.length;
  return (w: Float64Array, gradient: Float64Array): number => {
    gradient.fill(0);
    let value = 0;
    for (let i = 0, at = 0; i < rows; i++, at += width) {
      let s = w[width]!;
      for (let j = 0; j < width; j++) s += w[j]! * z[at + j]!;
      const signed = labels[i] === 1 ? s : -s;
      const weight = weights[i]! / rows;
      value += weight * (signed > 0 ? Math.log1p(Math.exp(-signed)) : Math.log1p(Math.exp(signed)) - signed);
      const pull = weight * (1 / (1 + Math.exp(-s)) - labels[i]!);
      for (let j = 0; j < width; j++) gradient[j]! += pull * z[at + j]!;
      gradient[width]! += pull;
    }
    return value;
  };
}

function softmaxLoss(
  z: Float64Array,
  width: number,
  labels: Int32Array,
  weights: Float64Array,
  classes: number,
) {
  const rows = labels.length;
  const p = new Float64Array(classes);
  const stride = width + 1;
  return (w: Float64Array, gradient: Float64Array): number => {
    gradient.fill(0);
    let value = 0;
    for (let i = 0, at = 0; i < rows; i++, at += width) {
      for (let c = 0; c < classes; c++) {
        let s = w[c * stride + width]!;
        for (let j = 0, k = c * stride; j < width; j++, k++) s += w[k]! * z[at + j]!;
        p[c] = s;
      }
      softmaxInPlace(p, 0, classes);
      const weight = weights[i]! / rows;
      value -= weight * Math.log(Math.max(1e-300, p[labels[i]!]!));
      for (let c = 0; c < classes; c++) {
        const pull = weight * (p[c]! - (labels[i] === c ? 1 : 0));
        for (let j = 0, k = c * stride; j < width; j++, k++) gradient[k]! += pull * z[at + j]!;
        gradient[c * stride + width]! += pull;
      }
    }
    return value;
  };
}

export function softmaxInPlace(values: Float64Array, from: number, count: number): void {
  let max = Number.NEGATIVE_INFINITY;
  for (let c = from; c < from + count; c++) max = Math.max(max, values[c]!);
  let sum = 0;
  for (let c = from; c < from + count; c++) {
    values[c] = Math.exp(values[c]! - max);
    sum += values[c]!;
  }
  for (let c = from; c < from + count; c++) values[c]! /= sum;
}

/** `w` is `[outputs, width + 1]`, the intercept last. */
export function linearHead(name: string, standard: Standard, w: Float32Array, outputs: number): Head {
  const width = standard.mean.length;
  const stride = width + 1;
  return {
    name,
    outputs,
    predict: (x) => {
      const z = standardise(x, standard);
      const out = new Float64Array(x.rows * outputs);
      for (let i = 0; i < x.rows; i++) {
        for (let c = 0; c < outputs; c++) {
          let s = w[c * stride + width]!;
          for (let j = 0; j < width; j++) s += w[c * stride + j]! * z[i * width + j]!;
          out[i * outputs + c] = s;
        }
        if (outputs > 1) softmaxInPlace(out, i * outputs, outputs);
      }
      return out;
    },
    emit: (g, features) => {
      const centred = g.node('Sub', [features, g.floats(standard.mean, [1, width])]);
      const raw = g.node('Mul', [centred, g.floats(standard.scale, [1, width])]);
      const known = g.node('Where', [g.node('IsNaN', [raw]), g.scalar(0), raw]);
      const z = g.node('Clip', [known, g.scalar(-CLIP), g.scalar(CLIP)]);
      const matrix = new Float32Array(width * outputs);
      const offset = new Float32Array(outputs);
      for (let c = 0; c < outputs; c++) {
        for (let j = 0; j < width; j++) matrix[j * outputs + c] = w[c * stride + j]!;
        offset[c] = w[c * stride + width]!;
      }
      const s = g.node('Gemm', [z, g.floats(matrix, [width, outputs]), g.floats(offset, [outputs])]);
      return outputs === 1 ? g.node('Reshape', [s, g.ints([-1])]) : g.node('Softmax', [s], { axis: 1 });
    },
  };
}
