import type { Canonical } from './canonical.js';
import { emitComponents } from './components.js';
import { CELL, CELLS, SIDE } from './grid.js';
import type { Ops } from './ops.js';

const DIRECTIONS = 12;
/** Lengths of the line filters in cells (odd). */
const LENGTHS = [7, 13] as const;
const RANKS = [0, 3, 8, 16, 32, 64, 128] as const;

/**
 * Line filters in 12 directions at two lengths (a bright line less its two sides): the strongest responses
 * everywhere and away from the rim, the pieces that they form and how one-sided their directions are. Finds
 * thin tracks that smoothing loses.
 * @returns float32 `[n, width]`.
 */
export function emitLines(o: Ops, map: Canonical): string {
  const grid = o.reshape(map.raw, [-1, 1, SIDE, SIDE]);
  const inner = o.g.floats(
    CELL.radius.map((r) => (r < 0.85 ? 1 : 0)),
    [1, CELLS],
  );
  const parts: string[] = [];
  const masks: string[] = [];
  for (const length of LENGTHS) {
    const reach = (length - 1) / 2;
    const response = o.reshape(
      o.g.node('Conv', [grid, o.g.floats(lineFilters(length), [DIRECTIONS, 1, length, length])], {
        kernel_shape: { ints: [length, length] },
        pads: { ints: [reach, reach, reach, reach] },
      }),
      [-1, DIRECTIONS, CELLS],
    );
    const strongest = o.mul(o.reduce('ReduceMax', response, [1]), map.on);
    const inside = o.mul(strongest, inner);
    parts.push(o.ranked(strongest, CELLS, RANKS), o.ranked(inside, CELLS, RANKS));
    const direction = o.g.node('ArgMax', [response], { axis: 1, keepdims: 1 });
    const numbers = o.g.ints(
      Array.from({ length: DIRECTIONS }, (_, i) => i),
      [1, DIRECTIONS, 1],
    );
    const clear = o.reshape(o.above(inside, o.number(0.3)), [-1, 1, CELLS]);
    const counts = o.sum(o.mul(o.equal(direction, numbers), clear), [2]);
    parts.push(o.ranked(counts, DIRECTIONS, [0, 1, 2, 3, 4]));
    masks.push(o.above(inside, o.number(0.35)));
  }
  return o.concat([...parts, emitComponents(o, masks)], 1);
}

/** `[DIRECTIONS, 1, length, length]`: mean on the line less mean on two lines 2.2 cells to its sides. */
function lineFilters(length: number): Float32Array {
  const reach = (length - 1) / 2;
  const size = length * length;
  const out = new Float32Array(DIRECTIONS * size);
  for (let d = 0; d < DIRECTIONS; d++) {
    const angle = (d / DIRECTIONS) * Math.PI;
    const on = new Float64Array(size);
    const off = new Float64Array(size);
    for (let i = 0; i < size; i++) {
      const dx = (i % length) - reach;
      const dy = Math.floor(i / length) - reach;
      const along = dx * Math.cos(angle) + dy * Math.sin(angle);
      const across = Math.abs(dy * Math.cos(angle) - dx * Math.sin(angle));
      if (Math.abs(along) > reach + 0.01) continue;
      on[i] = Math.max(0, 1 - across);
      off[i] = Math.max(0, 1 - Math.abs(across - 2.2));
    }
    const onSum = on.reduce((a, b) => a + b, 0);
    const offSum = off.reduce((a, b) => a + b, 0);
    for (let i = 0; i < size; i++) out[d * size + i] = on[i]! / onSum - off[i]! / offSum;
  }
  return out;
}
