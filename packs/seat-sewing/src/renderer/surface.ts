import type { Frame } from './frame.js';
import type { GrainTile } from './grain.js';
import type { Light, Material } from './scene.js';
import { TILE } from './tile.js';

/** The light as shading uses it: unit vectors to the lamp and half-way between lamp and camera. */
export interface Lamp {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly hx: number;
  readonly hy: number;
  readonly hz: number;
  readonly ambient: number;
}

export const aim = ({ direction: [dx, dy, dz], ambient }: Light): Lamp => {
  const length = Math.sqrt(dx * dx + dy * dy + dz * dz);
  const [x, y, z] = [dx / length, dy / length, dz / length];
  const half = Math.sqrt(x * x + y * y + (z + 1) * (z + 1));
  return { x, y, z, hx: x / half, hy: y / half, hz: (z + 1) / half, ambient };
};

/**
 * Lambert's law with light from everywhere and a mirrored part (Blinn 1977) for each pixel of the material. `lamp` is
 * scaled so that a flat, open surface shows its own colour.
 */
export function shadeSurface(
  frame: Frame,
  tile: GrainTile,
  material: Material,
  lamp: Lamp,
  [tileX, tileY]: readonly [number, number],
): void {
  const { width, height, red, green, blue, slopeX, slopeY, open, column, row } = frame;
  const [r, g, b] = material.colour;
  const [wr, wg, wb] = material.weft ?? material.colour;
  const { x: lx, y: ly, z: lz, hx, hy, hz, ambient } = lamp;
  const direct = (1 - ambient) / lz;
  const { gloss, sharpness } = material;
  const mask = TILE - 1;
  for (let y = 0; y < height; y++) {
    const tileRow = ((y + tileY) & mask) * TILE;
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      const cell = tileRow + ((x + tileX) & mask);
      const sx = slopeX[at]! + tile.slopeX[cell]!;
      const sy = slopeY[at]! + tile.slopeY[cell]!;
      const n = 1 / Math.sqrt(1 + sx * sx + sy * sy);
      const towards = (lz - sx * lx - sy * ly) * n;
      const seen = open[at]!;
      const lit = column[x]! * row[y]!;
      const diffuse = (ambient * n * seen + (towards > 0 ? direct * towards * seen : 0)) * lit;
      const facing = (hz - sx * hx - sy * hy) * n;
      let mirrored = Math.max(facing, 0);
      for (let k = 0; k < sharpness; k++) mirrored *= mirrored;
      mirrored *= gloss * seen * lit;
      const tone = diffuse * tile.tone[cell]!;
      const share = tile.weft === null ? 0 : tile.weft[cell]!;
      red[at] = tone * (r + share * (wr - r)) + mirrored;
      green[at] = tone * (g + share * (wg - g)) + mirrored;
      blue[at] = tone * (b + share * (wb - b)) + mirrored;
    }
  }
}

/** Light of the lamp by column and row: fall-off to the corners, and the right half without `dark` of it. */
export function shineOn(frame: Frame, vignette: number, dark: number): void {
  const { width, height, column, row } = frame;
  for (let x = 0; x < width; x++) {
    const off = (2 * (x + 0.5)) / width - 1;
    const edge = Math.min(1, Math.max(0, off / 0.3 + 0.5));
    column[x] = (1 - 0.5 * vignette * off * off) * (1 - dark * edge * edge * (3 - 2 * edge));
  }
  for (let y = 0; y < height; y++) {
    const off = (2 * (y + 0.5)) / height - 1;
    row[y] = 1 - 0.5 * vignette * off * off;
  }
}
