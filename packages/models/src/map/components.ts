import { CELL, CELLS, SIDE } from './grid.js';
import type { Ops } from './ops.js';

/** Numbers that describe the connected pieces of one mask. */
export const COMPONENT_FEATURES = 12;

/** Rounds of label spreading: each passes labels two cells on and then jumps to the label's own label. */
const ROUNDS = 9;

/**
 * Connected pieces (8 neighbours) of each mask, found inside the graph: every cell starts with its own number,
 * a 3 x 3 maximum spreads the largest number through its piece, and pointer jumping (Shiloach and Vishkin 1982)
 * carries it over long pieces in few rounds. The rounds are fixed: noise, rings and winding
 * tracks come out exact, a labyrinth of many turns may count as several pieces (the same in training and serving).
 * @param masks each float32 `[n, CELLS]` of 0 and 1.
 * @returns float32 `[n, masks x 12]`: pieces, cells of the largest and second largest, then of the largest:
 * distance of its middle, smaller and larger variance and their ratio, smallest, largest and mean radius,
 * fill (cells against an ellipse of its moments); cells of all.
 */
export function emitComponents(o: Ops, masks: readonly string[]): string {
  const mask = o.reshape(o.concat(masks, 1), [-1, CELLS]);
  const own = o.g.floats(
    Float32Array.from({ length: CELLS }, (_, i) => i + 1),
    [1, CELLS],
  );
  let label = o.mul(mask, own);
  const square = o.reshape(mask, [-1, 1, SIDE, SIDE]);
  for (let round = 0; round < ROUNDS; round++) {
    let grid = o.reshape(label, [-1, 1, SIDE, SIDE]);
    for (let step = 0; step < 2; step++) {
      const pooled = o.g.node('MaxPool', [grid], {
        kernel_shape: { ints: [3, 3] },
        pads: { ints: [1, 1, 1, 1] },
        strides: { ints: [1, 1] },
      });
      grid = o.mul(pooled, square);
    }
    label = o.reshape(grid, [-1, CELLS]);
    const at = o.cast(o.max(o.sub(label, o.number(1)), o.number(0)), 'int64');
    label = o.mul(o.g.node('GatherElements', [label, at], { axis: 1 }), mask);
  }
  const rows = o.gather(o.g.node('Shape', [label]), [0], 0);
  const empty = o.g.node('Expand', [o.number(0), o.concat([rows, o.g.ints([CELLS + 1])], 0)]);
  const counts = o.g.node('ScatterElements', [empty, o.cast(label, 'int64'), mask], {
    axis: 1,
    reduction: 'add',
  });
  const [cells, names] = o.g.nodes('TopK', [counts, o.g.ints([2])], 2, { axis: 1 });
  const largest = o.gather(cells!, [0], 1);
  const piece = o.mul(o.equal(label, o.cast(o.gather(names!, [0], 1), 'float32')), mask);
  const { x, y, radius } = CELL;
  const powers = new Float32Array(CELLS * 6);
  for (let i = 0; i < CELLS; i++) {
    const [a, b] = [x[i]!, y[i]!];
    powers.set([a, b, a * a, b * b, a * b, radius[i]!], i * 6);
  }
  const moments = o.div(o.matmul(piece, o.g.floats(powers, [CELLS, 6])), o.max(largest, o.number(1)));
  const [mx, my, xx, yy, xy, meanRadius] = [0, 1, 2, 3, 4, 5].map((k) => o.gather(moments, [k], 1));
  const cxx = o.sub(xx!, o.mul(mx!, mx!));
  const cyy = o.sub(yy!, o.mul(my!, my!));
  const cxy = o.sub(xy!, o.mul(mx!, my!));
  const half = o.number(0.5);
  const middle = o.mul(o.add(cxx, cyy), half);
  const apart = o.mul(o.sub(cxx, cyy), half);
  const spread = o.sqrt(o.add(o.mul(apart, apart), o.mul(cxy, cxy)));
  const floor = o.number(1e-4);
  const small = o.add(o.max(o.sub(middle, spread), o.number(0)), floor);
  const large = o.add(o.add(middle, spread), floor);
  const area = o.mul(o.sqrt(o.mul(small, large)), o.number((4 * Math.PI * CELLS) / 4));
  const distances = o.mul(piece, o.g.floats(radius, [1, CELLS]));
  const far = o.mul(o.sub(o.number(1), piece), o.number(2));
  const wide = (value: string): string => o.reshape(value, [-1, 1]);
  const described = [
    o.sum(o.mul(o.equal(label, own), mask), [1], true),
    largest,
    o.gather(cells!, [1], 1),
    o.sqrt(o.add(o.mul(mx!, mx!), o.mul(my!, my!))),
    small,
    large,
    o.div(small, large),
    wide(o.reduce('ReduceMin', o.add(distances, far), [1])),
    wide(o.reduce('ReduceMax', distances, [1])),
    meanRadius!,
    o.div(largest, area),
    o.sum(mask, [1], true),
  ];
  const some = o.above(largest, o.number(0));
  return o.reshape(o.mul(o.concat(described, 1), some), [-1, masks.length * COMPONENT_FEATURES]);
}
