import type { GraphBuilder } from '../onnx/graph-builder.js';
import type { FeatureMatrix } from './head.js';
import { normalQuantile, quantile, quantiles } from './quantile.js';

/** Median of each column and the inverse scale below and above it. */
export interface ColumnScales {
  readonly middle: Float32Array;
  readonly below: Float32Array;
  readonly above: Float32Array;
}

const LIMIT = 20;

/**
 * Scales from the outer quantiles of the good rows, one for each side: a process with a hard floor and a long
 * upper tail gets a short scale below and a long one above, where one symmetric scale (MAD) would hide the fall
 * through the floor. The quantile is 1 % (or half a row where there are fewer than 50), turned into a standard
 * deviation by the normal quantile. A side shorter than a tenth of the block's median scale (`sameUnit`), or
 * than a thousandth of the other side, is lengthened to that.
 */
export function columnScales(
  good: FeatureMatrix,
  blocks: readonly { from: number; to: number; sameUnit: boolean }[],
): ColumnScales {
  const { rows, width } = good;
  const share = Math.min(0.25, Math.max(0.01, 0.5 / Math.max(1, rows)));
  const deviation = -normalQuantile(share);
  const middle = new Float32Array(width);
  const low = new Float64Array(width);
  const high = new Float64Array(width);
  const column = new Float32Array(rows);
  for (let j = 0; j < width; j++) {
    for (let i = 0; i < rows; i++) column[i] = good.values[i * width + j]!;
    const [centre = 0, bottom = 0, top = 0] = quantiles(column, [0.5, share, 1 - share]);
    middle[j] = centre;
    low[j] = (middle[j]! - bottom) / deviation;
    high[j] = (top - middle[j]!) / deviation;
  }
  const below = new Float32Array(width);
  const above = new Float32Array(width);
  for (const { from, to, sameUnit } of blocks) {
    const typical = Float64Array.from(
      { length: to - from },
      (_, k) => (low[from + k]! + high[from + k]!) / 2,
    ).sort();
    const shared = sameUnit ? 0.1 * quantile(typical, 0.5) : 0;
    for (let j = from; j < to; j++) {
      const floor = Math.max(shared, 1e-3 * (low[j]! + high[j]!), 1e-6 * Math.abs(middle[j]!), 1e-9);
      below[j] = 1 / Math.max(low[j]!, floor);
      above[j] = 1 / Math.max(high[j]!, floor);
    }
  }
  return { middle, below, above };
}

/** Deviation from the median in the scale of its side, cut to +-20. */
export function twoSided(x: FeatureMatrix, { middle, below, above }: ColumnScales): Float32Array {
  const out = new Float32Array(x.values.length);
  for (let i = 0, j = 0; i < out.length; i++) {
    const d = Math.fround(x.values[i]! - middle[j]!);
    out[i] = Math.max(-LIMIT, Math.min(LIMIT, d * (d < 0 ? below[j]! : above[j]!)));
    if (++j === x.width) j = 0;
  }
  return out;
}

export function emitTwoSided(
  g: GraphBuilder,
  features: string,
  { middle, below, above }: ColumnScales,
): string {
  const shape = [1, middle.length];
  const d = g.node('Sub', [features, g.floats(middle, shape)]);
  const down = g.node('Mul', [g.node('Min', [d, g.scalar(0)]), g.floats(below, shape)]);
  const up = g.node('Mul', [g.node('Max', [d, g.scalar(0)]), g.floats(above, shape)]);
  return g.node('Clip', [g.node('Add', [down, up]), g.scalar(-LIMIT), g.scalar(LIMIT)]);
}
