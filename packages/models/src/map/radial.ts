import type { Canonical } from './canonical.js';
import { CELL, CELLS, SIDE } from './grid.js';
import type { Ops } from './ops.js';

const RINGS = 12;
const SECTORS = 32;
const WAVES = 7;
const ANGLES = 24;
const OFFSETS = 24;

/**
 * Rings and sectors: the medium density read on 12 rings x 32 sectors, per ring the magnitudes of the first
 * seven angular waves (they do not change when the part is turned) and five ordered values.
 * @returns float32 `[n, 12 x 7 + 12 x 5]`.
 */
export function emitRings(o: Ops, map: Canonical): string {
  const polar = o.reshape(o.matmul(map.smooth[1], o.g.floats(polarMatrix(), [CELLS, RINGS * SECTORS])), [
    -1,
    RINGS,
    SECTORS,
  ]);
  const wave = (part: (angle: number) => number): string => {
    const matrix = new Float32Array(SECTORS * WAVES);
    for (let s = 0; s < SECTORS; s++) {
      for (let w = 0; w < WAVES; w++) {
        matrix[s * WAVES + w] = part((2 * Math.PI * s * w) / SECTORS) / SECTORS;
      }
    }
    return o.matmul(polar, o.g.floats(matrix, [SECTORS, WAVES]));
  };
  const [re, im] = [wave(Math.cos), wave(Math.sin)];
  const magnitude = o.sqrt(o.add(o.mul(re, re), o.mul(im, im)));
  const ordered = o.ranked(polar, SECTORS, [0, 7, 15, 23, 31]);
  return o.concat([o.reshape(magnitude, [-1, RINGS * WAVES]), o.reshape(ordered, [-1, RINGS * 5])], 1);
}

/**
 * Radon transform (line sums in 24 directions x 24 offsets) of the fine density less the map's own mean, each
 * sum divided by the root of its number of cells, summarised by order so that turning the part changes little.
 * @returns float32 `[n, 21]`.
 */
export function emitRadon(o: Ops, map: Canonical): string {
  const centred = o.mul(o.sub(map.smooth[0], map.rate), map.on);
  const sums = o.matmul(centred, o.g.floats(radonMatrix(), [CELLS, ANGLES * OFFSETS]));
  const byAngle = o.reshape(sums, [-1, ANGLES, OFFSETS]);
  const peaks = o.ranked(o.reduce('ReduceMax', byAngle, [2]), ANGLES, [0, 1, 2, 3, 4, 5]);
  const mean = o.reduce('ReduceMean', byAngle, [2]);
  const squares = o.reduce('ReduceMean', o.mul(byAngle, byAngle), [2]);
  const spread = o.sqrt(o.max(o.sub(squares, o.mul(mean, mean)), o.number(0)));
  return o.concat(
    [
      peaks,
      o.reshape(o.reduce('ReduceMean', spread, [1]), [-1, 1]),
      o.ranked(spread, ANGLES, [0, 5, 11, 17, 23]),
      o.ranked(sums, ANGLES * OFFSETS, [0, 9, 49, 99, 287, 475, 525, 565, 575]),
    ],
    1,
  );
}

/** Bilinear reading of a grid at the middles of rings and sectors: `[CELLS, RINGS x SECTORS]`. */
function polarMatrix(): Float32Array {
  const out = new Float32Array(CELLS * RINGS * SECTORS);
  for (let ring = 0; ring < RINGS; ring++) {
    for (let sector = 0; sector < SECTORS; sector++) {
      const radius = (ring + 0.5) / RINGS;
      const angle = (2 * Math.PI * sector) / SECTORS;
      const px = ((radius * Math.cos(angle) + 1) / 2) * SIDE - 0.5;
      const py = ((radius * Math.sin(angle) + 1) / 2) * SIDE - 0.5;
      const [x0, y0] = [Math.floor(px), Math.floor(py)];
      for (const [dx, dy] of [
        [0, 0],
        [1, 0],
        [0, 1],
        [1, 1],
      ] as const) {
        const column = Math.min(SIDE - 1, Math.max(0, x0 + dx));
        const row = Math.min(SIDE - 1, Math.max(0, y0 + dy));
        const weight = (1 - Math.abs(px - x0 - dx)) * (1 - Math.abs(py - y0 - dy));
        out[(row * SIDE + column) * RINGS * SECTORS + ring * SECTORS + sector]! += weight;
      }
    }
  }
  return out;
}

/** Line sums inside the inscribed circle: `[CELLS, ANGLES x OFFSETS]`. */
function radonMatrix(): Float32Array {
  const width = ANGLES * OFFSETS;
  const out = new Float32Array(CELLS * width);
  for (let a = 0; a < ANGLES; a++) {
    const angle = (a / ANGLES) * Math.PI;
    const counts = new Float64Array(OFFSETS);
    const offsetOf = (i: number): number => {
      const along = CELL.x[i]! * Math.cos(angle) + CELL.y[i]! * Math.sin(angle);
      return Math.min(OFFSETS - 1, Math.max(0, Math.floor(((along + 1) / 2) * OFFSETS)));
    };
    for (let i = 0; i < CELLS; i++) if (CELL.radius[i]! <= 1) counts[offsetOf(i)]!++;
    for (let i = 0; i < CELLS; i++) {
      const k = offsetOf(i);
      if (CELL.radius[i]! <= 1) out[i * width + a * OFFSETS + k] = 1 / Math.sqrt(Math.max(1, counts[k]!));
    }
  }
  return out;
}
