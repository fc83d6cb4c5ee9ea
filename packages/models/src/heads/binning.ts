import type { FeatureMatrix } from './head.js';

/**
 * Features cut into at most 254 ordered bins. Bin k of a feature holds the values v with
 * edge[k-1] < v <= edge[k]; NaN has the bin after the last. Edges are exact float32 values, so `v <= edge` gives
 * the same answer here and in a float32 graph.
 */
export interface Binned {
  /** Column-major `[width, rows]`. */
  readonly bins: Uint8Array;
  readonly rows: number;
  readonly width: number;
  /** Edges of each feature, rising. */
  readonly edges: readonly Float32Array[];
}

/** Bins every column at quantiles of its distinct values (one bin a value where there are few). */
export function binFeatures(x: FeatureMatrix, maxBins: number): Binned {
  const edges: Float32Array[] = [];
  const bins = new Uint8Array(x.rows * x.width);
  const column = new Float32Array(x.rows);
  for (let j = 0; j < x.width; j++) {
    let known = 0;
    for (let i = 0; i < x.rows; i++) {
      const v = x.values[i * x.width + j]!;
      if (!Number.isNaN(v)) column[known++] = v;
    }
    const edge = edgesOf(column.slice(0, known).sort(), maxBins);
    edges.push(edge);
    for (let i = 0; i < x.rows; i++) bins[j * x.rows + i] = binOf(x.values[i * x.width + j]!, edge);
  }
  return { bins, rows: x.rows, width: x.width, edges };
}

/** The bin of one value: the number of edges below it; NaN lies after the last. */
export function binOf(value: number, edge: Float32Array): number {
  if (Number.isNaN(value)) return edge.length + 1;
  let low = 0;
  let high = edge.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value <= edge[middle]!) high = middle;
    else low = middle + 1;
  }
  return low;
}

function edgesOf(sorted: Float32Array, maxBins: number): Float32Array {
  const edges: number[] = [];
  const perBin = sorted.length / maxBins;
  let quota = perBin;
  let distinct = sorted.length > 0 ? 1 : 0;
  for (let i = 1; i < sorted.length; i++) if (sorted[i] !== sorted[i - 1]) distinct++;
  for (let i = 1; i < sorted.length; i++) {
    const a = sorted[i - 1]!;
    const b = sorted[i]!;
    if (a === b || (distinct > maxBins && i < quota)) continue;
    edges.push(between(a, b));
    while (quota <= i) quota += perBin;
  }
  return Float32Array.from(edges);
}

/** A float32 e with a <= e < b. */
function between(a: number, b: number): number {
  const middle = Math.fround(a / 2 + b / 2);
  return middle >= a && middle < b ? middle : a;
}
