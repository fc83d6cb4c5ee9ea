import { split, uniformAt } from '../line/counter-random.js';
import { smooth } from './exact.js';
import { type GrainField, TILE, valueNoise } from './tile.js';

/** Width of a crease between two pebbles, share of a cell. */
const CREASE = 0.42;

/**
 * Leather grain: cells of a jittered lattice, creased where two are equally near (Worley 1996, F2 - F1), with the
 * positions bent by smooth noise so that no row of the lattice shows, and pores.
 */
export function leatherHeight(key: number, cells: number, reliefMm: number): GrainField {
  const px = Float32Array.from({ length: cells * cells }, (_, i) => uniformAt(split(key, 3), i));
  const py = Float32Array.from({ length: cells * cells }, (_, i) => uniformAt(split(key, 4), i));
  const top = Float32Array.from({ length: cells * cells }, (_, i) => uniformAt(split(key, 5), i));
  const bendX = valueNoise(split(key, 6), 24);
  const bendY = valueNoise(split(key, 7), 24);
  const fine = valueNoise(split(key, 8), 170);
  const height = new Float32Array(TILE * TILE);
  const tone = new Float32Array(TILE * TILE);
  const step = cells / TILE;
  for (let y = 0; y < TILE; y++) {
    for (let x = 0; x < TILE; x++) {
      const at = y * TILE + x;
      const gx = x * step + 1.5 * (bendX[at]! - 0.5);
      const gy = y * step + 1.5 * (bendY[at]! - 0.5);
      const cx = Math.floor(gx);
      const cy = Math.floor(gy);
      let first = 9;
      let second = 9;
      let nearest = 0;
      for (let j = -1; j <= 1; j++) {
        const row = ((cy + j + cells) % cells) * cells;
        for (let i = -1; i <= 1; i++) {
          const cell = row + ((cx + i + cells) % cells);
          const dx = cx + i + px[cell]! - gx;
          const dy = cy + j + py[cell]! - gy;
          const d = dx * dx + dy * dy;
          if (d < first) {
            second = first;
            first = d;
            nearest = cell;
          } else if (d < second) second = d;
        }
      }
      const crease = smooth((Math.sqrt(second) - Math.sqrt(first)) / CREASE);
      const dome = 1 - 0.5 * Math.min(1, first);
      height[at] = reliefMm * (crease * (0.55 + 0.3 * top[nearest]!) * dome + 0.22 * fine[at]!);
      tone[at] = 0.82 + 0.17 * crease + 0.05 * (fine[at]! - 0.5) + 0.05 * (top[nearest]! - 0.5);
    }
  }
  return { height, tone, weft: null };
}
