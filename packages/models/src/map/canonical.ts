import { CELLS, SIDE, smoothing } from './grid.js';
import type { Ops } from './ops.js';

/** What the feature blocks read. Grids are float32 `[n, CELLS]`, `rate` and `logPlaces` `[n, 1]`. */
export interface Canonical {
  /** Share of bad places among the places of each cell, 0 where the cell is off the part. */
  readonly raw: string;
  /** 1 where at least 30 % of the cell lies on the part. */
  readonly on: string;
  /** `raw` smoothed with a Gaussian of 0.8, 1.5 and 3 cells, places off the part left out of the mean. */
  readonly smooth: readonly [string, string, string];
  /** Bad places / places. */
  readonly rate: string;
  /** Natural logarithm of the number of places. */
  readonly logPlaces: string;
}

/** Standard deviations of the three smoothings, in cells. */
const SIGMAS = [0.8, 1.5, 3] as const;

/**
 * Brings maps of any size to one grid: the bounding box of the part is cut out and averaged by area into
 * SIDE x SIDE cells (two matrix products a map; exact for any ratio, larger or smaller). Zeros around a map do
 * not change the result, so maps of different sizes can share a batch.
 * @param x uint8 `[n, H, W]` of codes 0 = outside, 1 = good, 2 = bad.
 */
export function emitCanonical(o: Ops, x: string): Canonical {
  const codes = o.cast(x, 'float32');
  const on = o.above(codes, o.number(0.5));
  const bad = o.above(codes, o.number(1.5));
  const shape = o.g.node('Shape', [x]);
  const rows = averaging(o, o.reduce('ReduceMax', on, [2]), o.gather(shape, [1], 0));
  const columns = o.transpose(
    averaging(o, o.reduce('ReduceMax', on, [1]), o.gather(shape, [2], 0)),
    [0, 2, 1],
  );
  const resample = (grid: string): string => o.matmul(o.matmul(rows, grid), columns);
  const badShare = resample(bad);
  const onShare = resample(on);
  const flat = (grid: string): string => o.reshape(grid, [-1, CELLS]);
  const inside = o.above(onShare, o.number(0.3));
  const ratio = (b: string, p: string): string => o.mul(o.div(b, o.max(p, o.number(1e-3))), inside);
  const smooth = SIGMAS.map((sigma) => {
    const matrix = o.g.floats(smoothing(sigma), [SIDE, SIDE]);
    const blur = (grid: string): string => o.matmul(o.matmul(matrix, grid), matrix);
    return flat(ratio(blur(badShare), blur(onShare)));
  });
  const places = o.max(o.reshape(o.sum(on, [1, 2]), [-1, 1]), o.number(1));
  return {
    raw: flat(ratio(badShare, onShare)),
    on: flat(inside),
    smooth: [smooth[0]!, smooth[1]!, smooth[2]!],
    rate: o.div(o.reshape(o.sum(bad, [1, 2]), [-1, 1]), places),
    logPlaces: o.g.node('Log', [places]),
  };
}

/**
 * The matrix `[n, SIDE, length]` that averages the occupied stretch of one side into SIDE equal parts.
 * @param profile float32 `[n, length]`, 1 where a row (or column) holds a place.
 */
function averaging(o: Ops, profile: string, length: string): string {
  const find = (last: number): string =>
    o.cast(o.g.node('ArgMax', [profile], { axis: 1, keepdims: 1, select_last_index: last }), 'float32');
  const first = find(0);
  const span = o.add(o.sub(find(1), first), o.number(1));
  const edge = (offset: number): string => {
    const parts = Float32Array.from({ length: SIDE }, (_, k) => (k + offset) / SIDE);
    return o.reshape(o.add(o.mul(span, o.g.floats(parts, [1, SIDE])), first), [-1, SIDE, 1]);
  };
  const count = o.reshape(length, [1]);
  const range = o.g.node('Range', [o.g.ints([0], []), o.g.node('Squeeze', [count]), o.g.ints([1], [])]);
  const place = o.reshape(o.cast(range, 'float32'), [1, 1, -1]);
  const overlap = o.sub(o.min(edge(1), o.add(place, o.number(1))), o.max(edge(0), place));
  const share = o.div(o.g.node('Relu', [overlap]), o.reshape(span, [-1, 1, 1]));
  return o.mul(share, o.number(SIDE));
}
