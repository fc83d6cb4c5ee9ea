import { split, uniformAt } from '../line/counter-random.js';
import { wave, waveAhead } from './exact.js';
import { type GrainField, TILE, valueNoise } from './tile.js';

/**
 * Plain weave: warp yarns down the picture and weft yarns along the seam go over and under each other by turns;
 * yarns differ in thickness and tone, and fibres run round them at a slant.
 */
export function wovenHeight(key: number, cells: number, reliefMm: number): GrainField {
  const yarn = (branch: number) =>
    Float32Array.from({ length: cells }, (_, i) => uniformAt(split(key, branch), i));
  const [warpSize, weftSize, warpTone, weftTone] = [yarn(3), yarn(4), yarn(5), yarn(6)];
  const bendX = valueNoise(split(key, 7), 19);
  const bendY = valueNoise(split(key, 8), 19);
  const fine = valueNoise(split(key, 9), 200);
  const height = new Float32Array(TILE * TILE);
  const tone = new Float32Array(TILE * TILE);
  const weft = new Float32Array(TILE * TILE);
  const step = cells / TILE;
  for (let y = 0; y < TILE; y++) {
    for (let x = 0; x < TILE; x++) {
      const at = y * TILE + x;
      const gx = x * step + 0.4 * (bendX[at]! - 0.5) + cells;
      const gy = y * step + 0.4 * (bendY[at]! - 0.5) + cells;
      const ix = Math.floor(gx);
      const iy = Math.floor(gy);
      const u = 2 * (gx - ix) - 1;
      const v = 2 * (gy - iy) - 1;
      const side = (ix + iy) % 2 === 0 ? 1 : -1;
      const column = ix % cells;
      const row = iy % cells;
      // The yarn on top is highest in the middle of its float and dives at both of its ends.
      const warp = round(u, 0.86 + 0.16 * warpSize[column]!) + 0.55 * side * waveAhead(v / 4);
      const over = round(v, 0.86 + 0.16 * weftSize[row]!) + 0.55 * -side * waveAhead(u / 4);
      const isWeft = over > warp;
      const top = isWeft ? over : warp;
      const fibre = isWeft ? wave(1.3 * gx + 0.55 * v) : wave(1.3 * gy + 0.55 * u);
      height[at] = reliefMm * (0.5 * top + 0.035 * fibre + 0.16 * fine[at]!);
      const own = isWeft ? weftTone[row]! : warpTone[column]!;
      const depth = Math.min(1, Math.max(0, (top + 0.1) / 1.3));
      tone[at] = (0.5 + 0.55 * depth) * (0.92 + 0.14 * own + 0.05 * fibre + 0.16 * (fine[at]! - 0.5));
      weft[at] = isWeft ? 1 : 0;
    }
  }
  return { height, tone, weft };
}

/** Height of a round yarn of half-width `size` at `across` from its middle; 0 outside of it. */
const round = (across: number, size: number): number => {
  const q = across / size;
  return q * q >= 1 ? 0 : Math.sqrt(1 - q * q);
};
