import { split } from '../line/counter-random.js';
import { leatherHeight } from './leather.js';
import type { Material } from './scene.js';
import { TILE, valueNoise } from './tile.js';
import { wovenHeight } from './woven.js';

/** A piece of surface: what shading needs of each of TILE x TILE pixels, row by row. */
export interface GrainTile {
  /** Slope of the surface along the seam and down the picture, mm per mm. */
  readonly slopeX: Float32Array;
  readonly slopeY: Float32Array;
  /** Factor on the colour. */
  readonly tone: Float32Array;
  /** 0 = `colour`, 1 = `weft`; null where there is one colour. */
  readonly weft: Float32Array | null;
}

/** Computes the tile of a material: some 50 to 100 ms, so keep it. */
export function makeGrainTile(material: Material, pxPerMm: number): GrainTile {
  const key = split(material.grainSeed, 0x6e1);
  const cells = Math.max(8, 2 * Math.round(TILE / (material.grainMm * pxPerMm) / 2));
  const make = material.kind === 'leather' ? leatherHeight : wovenHeight;
  const { height, tone, weft } = make(key, cells, material.reliefMm);
  // A hide or cloth is never quite flat nor of quite one colour.
  const swell = valueNoise(split(key, 1), 5);
  const stain = valueNoise(split(key, 2), 11);
  for (let i = 0; i < TILE * TILE; i++) {
    height[i] = height[i]! + 0.22 * swell[i]!;
    tone[i] = tone[i]! * (0.95 + 0.1 * stain[i]!);
  }
  const slopeX = new Float32Array(TILE * TILE);
  const slopeY = new Float32Array(TILE * TILE);
  const half = pxPerMm / 2;
  for (let y = 0; y < TILE; y++) {
    const up = ((y + TILE - 1) % TILE) * TILE;
    const down = ((y + 1) % TILE) * TILE;
    for (let x = 0; x < TILE; x++) {
      const at = y * TILE + x;
      const left = y * TILE + ((x + TILE - 1) % TILE);
      const right = y * TILE + ((x + 1) % TILE);
      slopeX[at] = half * (height[right]! - height[left]!);
      slopeY[at] = half * (height[down + x]! - height[up + x]!);
    }
  }
  return { slopeX, slopeY, tone, weft };
}
