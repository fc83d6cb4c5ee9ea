import type { GraphBuilder } from '../onnx/graph-builder.js';
import type { FeatureMatrix } from './head.js';
import { leadingDirections, shrunkWhitening } from './linear-algebra.js';
import { createRandom } from './random.js';

/**
 * One question to a block of deviations: `size` root mean square; `peak` mean of the three largest; `residual`
 * distance from the plane of the leading directions; `whitened` shrunk Mahalanobis distance; `neighbours` mean
 * distance to the nearest good rows.
 */
export type PartName = 'size' | 'peak' | 'residual' | 'whitened' | 'neighbours';

export interface Part {
  /** `[rows]`, zero or more. */
  predict(block: FeatureMatrix): Float64Array;
  /** `block` is float32 `[n, width]`; returns `[n, 1]`. */
  emit(g: GraphBuilder, block: string): string;
}

const PEAK = 3;
const DIRECTIONS = 8;
const NEIGHBOURS = 5;
const BANK = 1000;
/**
 * Added to squared distances: the matrix product loses the difference of near equal rows in single precision, and
 * a logarithm would make a large step of it.
 */
const SAME = 0.05 ** 2;
/** Deviations are cut here before distances: one wild column must not hide the others. */
const NEAR = 6;

export function fitPart(name: PartName, good: FeatureMatrix, seed: number): Part {
  switch (name) {
    case 'size':
      return { predict: rootMeanSquare, emit: emitRootMeanSquare };
    case 'peak':
      return peakPart(good.width);
    case 'residual':
      return residualPart(good, seed);
    case 'whitened':
      return whitenedPart(good);
    case 'neighbours':
      return neighboursPart(good, seed);
  }
}

function rootMeanSquare({ values, rows, width }: FeatureMatrix): Float64Array {
  const out = new Float64Array(rows);
  for (let i = 0, at = 0; i < rows; i++) {
    let sum = 0;
    for (let j = 0; j < width; j++, at++) sum += values[at]! * values[at]!;
    out[i] = Math.sqrt(sum / width);
  }
  return out;
}

function emitRootMeanSquare(g: GraphBuilder, block: string): string {
  return g.node('Sqrt', [
    g.node('ReduceMean', [g.node('Mul', [block, block])], { axes: { ints: [1] }, keepdims: 1 }),
  ]);
}

function peakPart(width: number): Part {
  const k = Math.min(PEAK, width);
  return {
    predict: (block) => {
      const out = new Float64Array(block.rows);
      for (let i = 0; i < block.rows; i++) {
        const size = block.values
          .slice(i * width, (i + 1) * width)
          .map(Math.abs)
          .sort();
        let sum = 0;
        for (let t = 1; t <= k; t++) sum += size[width - t]!;
        out[i] = sum / k;
      }
      return out;
    },
    emit: (g, block) => {
      const top = g.nodes('TopK', [g.node('Abs', [block]), g.ints([k])], 2, { axis: 1 })[0]!;
      return g.node('ReduceMean', [top], { axes: { ints: [1] }, keepdims: 1 });
    },
  };
}

function residualPart(good: FeatureMatrix, seed: number): Part {
  const { width } = good;
  const count = Math.max(1, Math.min(DIRECTIONS, Math.floor(width / 3), Math.floor(good.rows / 4)));
  const { mean, directions } = leadingDirections(clip(good), count, seed);
  return {
    predict: (block) => {
      const x = clip(block);
      const left = new Float32Array(x.values.length);
      for (let i = 0; i < x.rows; i++) {
        const at = i * width;
        for (let j = 0; j < width; j++) left[at + j] = x.values[at + j]! - mean[j]!;
        for (let k = 0; k < count; k++) {
          let along = 0;
          for (let j = 0; j < width; j++)
            along += (x.values[at + j]! - mean[j]!) * directions[k * width + j]!;
          for (let j = 0; j < width; j++) left[at + j]! -= along * directions[k * width + j]!;
        }
      }
      return rootMeanSquare({ values: left, rows: x.rows, width });
    },
    emit: (g, block) => {
      const centred = g.node('Sub', [emitClip(g, block), g.floats(mean, [1, width])]);
      const turned = new Float32Array(width * count);
      for (let k = 0; k < count; k++)
        for (let j = 0; j < width; j++) turned[j * count + k] = directions[k * width + j]!;
      const along = g.node('MatMul', [centred, g.floats(turned, [width, count])]);
      const plane = g.node('MatMul', [along, g.floats(directions, [count, width])]);
      return emitRootMeanSquare(g, g.node('Sub', [centred, plane]));
    },
  };
}

function whitenedPart(good: FeatureMatrix): Part {
  const { width } = good;
  const { mean, matrix } = shrunkWhitening(clip(good), 0.1);
  return {
    predict: (block) => {
      const x = clip(block);
      const white = new Float32Array(x.values.length);
      for (let i = 0; i < x.rows; i++) {
        const at = i * width;
        for (let k = 0; k < width; k++) {
          let sum = 0;
          for (let j = 0; j < width; j++) sum += (x.values[at + j]! - mean[j]!) * matrix[j * width + k]!;
          white[at + k] = sum;
        }
      }
      return rootMeanSquare({ values: white, rows: x.rows, width });
    },
    emit: (g, block) => {
      const centred = g.node('Sub', [emitClip(g, block), g.floats(mean, [1, width])]);
      return emitRootMeanSquare(g, g.node('MatMul', [centred, g.floats(matrix, [width, width])]));
    },
  };
}

function neighboursPart(good: FeatureMatrix, seed: number): Part {
  const { width } = good;
  const order = Int32Array.from({ length: good.rows }, (_, i) => i);
  if (good.rows > BANK) createRandom(seed ^ 0x6b6e).shuffle(order);
  const rows = Math.min(BANK, good.rows);
  const source = clip(good).values;
  const bank = new Float32Array(rows * width);
  for (let b = 0; b < rows; b++)
    bank.set(source.subarray(order[b]! * width, (order[b]! + 1) * width), b * width);
  const k = Math.min(NEIGHBOURS, rows);
  const squares = Float32Array.from({ length: rows }, (_, b) => {
    let sum = 0;
    for (let j = 0; j < width; j++) sum += bank[b * width + j]! ** 2;
    return sum;
  });
  return {
    predict: (block) => {
      const x = clip(block);
      const out = new Float64Array(x.rows);
      const distance = new Float64Array(rows);
      for (let i = 0; i < x.rows; i++) {
        for (let b = 0; b < rows; b++) {
          let sum = 0;
          for (let j = 0; j < width; j++) sum += (x.values[i * width + j]! - bank[b * width + j]!) ** 2;
          distance[b] = sum;
        }
        const sorted = distance.slice().sort();
        let sum = 0;
        for (let t = 0; t < k; t++) sum += Math.sqrt(sorted[t]! / width + SAME);
        out[i] = sum / k;
      }
      return out;
    },
    emit: (g, block) => {
      const x = emitClip(g, block);
      const turned = new Float32Array(width * rows);
      for (let b = 0; b < rows; b++)
        for (let j = 0; j < width; j++) turned[j * rows + b] = bank[b * width + j]!;
      const own = g.node('ReduceSum', [g.node('Mul', [x, x]), g.ints([1])], { keepdims: 1 });
      const cross = g.node('Mul', [g.node('MatMul', [x, g.floats(turned, [width, rows])]), g.scalar(-2)]);
      const distance = g.node('Add', [g.node('Add', [own, cross]), g.floats(squares, [1, rows])]);
      const near = g.nodes('TopK', [distance, g.ints([k])], 2, { axis: 1, largest: 0 })[0]!;
      const square = g.node('Mul', [g.node('Max', [near, g.scalar(0)]), g.scalar(1 / width)]);
      const root = g.node('Sqrt', [g.node('Add', [square, g.scalar(SAME)])]);
      return g.node('ReduceMean', [root], { axes: { ints: [1] }, keepdims: 1 });
    },
  };
}

function clip(x: FeatureMatrix): FeatureMatrix {
  return { ...x, values: x.values.map((v) => Math.max(-NEAR, Math.min(NEAR, v))) };
}

function emitClip(g: GraphBuilder, block: string): string {
  return g.node('Clip', [block, g.scalar(-NEAR), g.scalar(NEAR)]);
}
