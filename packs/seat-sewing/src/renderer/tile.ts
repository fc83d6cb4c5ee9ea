import { uniformAt } from '../line/counter-random.js';
import { smooth } from './exact.js';

/** px each way of a grain tile, which meets itself at its edges. A power of two: positions wrap by a mask. */
export const TILE = 512;

/** Height in mm and tone of every pixel of a tile, before slopes are taken. */
export interface GrainField {
  readonly height: Float32Array;
  readonly tone: Float32Array;
  readonly weft: Float32Array | null;
}

/** Smooth noise in 0..1 over a tile that meets itself at its edges, from a lattice of `cells` x `cells` values. */
export function valueNoise(key: number, cells: number): Float32Array {
  const lattice = Float32Array.from({ length: cells * cells }, (_, i) => uniformAt(key, i));
  const out = new Float32Array(TILE * TILE);
  for (let y = 0; y < TILE; y++) {
    const gy = (y * cells) / TILE;
    const y0 = Math.floor(gy);
    const ty = smooth(gy - y0);
    const rowA = y0 * cells;
    const rowB = ((y0 + 1) % cells) * cells;
    for (let x = 0; x < TILE; x++) {
      const gx = (x * cells) / TILE;
      const x0 = Math.floor(gx);
      const x1 = (x0 + 1) % cells;
      const tx = smooth(gx - x0);
      const a = lattice[rowA + x0]! + tx * (lattice[rowA + x1]! - lattice[rowA + x0]!);
      const b = lattice[rowB + x0]! + tx * (lattice[rowB + x1]! - lattice[rowB + x0]!);
      out[y * TILE + x] = a + ty * (b - a);
    }
  }
  return out;
}
