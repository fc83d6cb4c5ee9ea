import type { GraphBuilder } from '../onnx/graph-builder.js';
import { GRID } from './patch-graph.js';

const CELLS = GRID * GRID;

/** How many of the worst patches are averaged to one number: the worst alone, and the worst 2, 5, 10 and 25 %. */
export const POOLS = [1, 3, 7, 14, 36] as const;
/** Column of the mean over all patches, after those of POOLS: how unlike the good pictures this one is anywhere. */
export const LEVEL = POOLS.length;
/** Columns of pools. */
export const POOL_WIDTH = POOLS.length + 1;

/** Numbers of one picture that a head can learn from: for each patch component its mean and deviation. */
export const summaryWidth = (components: number): number => 2 * components;

/** Means of the largest distances: `distances` float32 [n, cells] -> [n, POOL_WIDTH]. */
export function emitPools(g: GraphBuilder, distances: string): string {
  const most = POOLS[POOLS.length - 1]!;
  const worst = g.nodes('TopK', [distances, g.ints([most])], 2, { axis: 1, largest: 1, sorted: 1 })[0]!;
  const means = POOLS.map((count) => {
    const some = g.node('Slice', [worst, g.ints([0]), g.ints([count]), g.ints([1])]);
    return g.node('ReduceMean', [some], { axes: { ints: [1] }, keepdims: 1 });
  });
  const level = g.node('ReduceMean', [distances], { axes: { ints: [1] }, keepdims: 1 });
  return g.node('Concat', [...means, level], { axis: 1 });
}

/** The same in TypeScript, for one picture. */
export function poolsOf(distances: Float32Array): Float32Array {
  const sorted = Float32Array.from(distances).sort().reverse();
  return Float32Array.from([...POOLS, sorted.length], (count) => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += sorted[i]!;
    return sum / count;
  });
}

/** Mean and standard deviation of each component over the picture: [n, cells, c] -> [n, 2c]. */
export function emitSummary(g: GraphBuilder, patches: string): string {
  const mean = g.node('ReduceMean', [patches], { axes: { ints: [1] }, keepdims: 1 });
  const off = g.node('Sub', [patches, mean]);
  const variance = g.node('ReduceMean', [g.node('Mul', [off, off])], { axes: { ints: [1] }, keepdims: 0 });
  const flat = g.node('Squeeze', [mean, g.ints([1])]);
  return g.node('Concat', [flat, g.node('Sqrt', [variance])], { axis: 1 });
}

/** The same in TypeScript; `patches` row-major [cells, width]. */
export function summaryOf(patches: Float32Array, width: number): Float32Array {
  const out = new Float32Array(summaryWidth(width));
  for (let k = 0; k < width; k++) {
    let sum = 0;
    for (let i = 0; i < CELLS; i++) sum += patches[i * width + k]!;
    const mean = sum / CELLS;
    let squares = 0;
    for (let i = 0; i < CELLS; i++) squares += (patches[i * width + k]! - mean) ** 2;
    out[k] = mean;
    out[width + k] = Math.sqrt(squares / CELLS);
  }
  return out;
}
