import type { FeatureMatrix } from '../heads/head.js';
import type { FeatureBlock } from '../heads/one-class.js';
import { quantile } from '../heads/quantile.js';
import type { GraphBuilder } from '../onnx/graph-builder.js';
import type { SeriesFeatures } from '../series/series-graph.js';

/** What the row graph learns before any score: the fill value of each column, and which columns have holes. */
export interface RowShape {
  readonly width: number;
  /** Median of the known good values of each column; 0 where none is known. */
  readonly fill: Float32Array;
  /** Columns that were empty in at least one fit row: each gets an indicator. */
  readonly holes: readonly number[];
}

/** Widest row for which a full covariance is learnt; above, a plane of leading directions. */
const COVARIANCE_LIMIT = 128;

export function rowShape(x: FeatureMatrix, good: (row: number) => boolean): RowShape {
  const fill = new Float32Array(x.width);
  const holes: number[] = [];
  for (let j = 0; j < x.width; j++) {
    const known: number[] = [];
    let empty = false;
    for (let i = 0; i < x.rows; i++) {
      const v = x.values[i * x.width + j]!;
      if (!Number.isFinite(v)) empty = true;
      else if (good(i)) known.push(v);
    }
    if (empty) holes.push(j);
    fill[j] = known.length > 0 ? quantile(Float64Array.from(known).sort(), 0.5) : 0;
  }
  return { width: x.width, fill, holes };
}

/**
 * Adds the input `x` float32 `[n, width]` and its features: the row with empty cells (NaN) filled by the median,
 * and one indicator for each column that had holes.
 */
export function emitRowFeatures(g: GraphBuilder, { width, fill, holes }: RowShape): SeriesFeatures {
  const x = g.input('x', 'float32', ['n', width]);
  const empty = g.node('IsNaN', [x]);
  const filled = g.node('Where', [empty, g.floats(fill, [1, width]), x]);
  const parts: FeatureBlock['parts'] =
    width < 2
      ? ['size']
      : [
          'size',
          'peak',
          ...(width > COVARIANCE_LIMIT ? (['residual'] as const) : (['whitened'] as const)),
          'neighbours',
        ];
  const blocks: FeatureBlock[] = [{ name: 'row', from: 0, to: width, sameUnit: false, parts }];
  const total = width + holes.length;
  const headColumns = Array.from({ length: total }, (_, j) => j);
  if (holes.length === 0) return { value: filled, width, blocks, headColumns };
  const indicators = g.node('Gather', [g.node('Cast', [empty], { to: 1 }), g.ints(holes)], { axis: 1 });
  blocks.push({ name: 'empty', from: width, to: total, sameUnit: false, parts: ['size'] });
  return { value: g.node('Concat', [filled, indicators], { axis: 1 }), width: total, blocks, headColumns };
}
