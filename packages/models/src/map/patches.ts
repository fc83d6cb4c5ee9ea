import { leadingDirections } from '../heads/linear-algebra.js';
import { createRandom, type Random } from '../heads/random.js';
import type { Canonical } from './canonical.js';
import { CELL, CELLS, SIDE } from './grid.js';
import type { Ops } from './ops.js';

/** Side of a patch, step between patches, and the planes of a patch (density, on the part). */
const PATCH = 7;
const STEP = 2;
const SPOTS = (SIDE / STEP) ** 2;
const PIXELS = 2 * PATCH * PATCH;
const WORDS = 96;
const DIRECTIONS = 48;
const PATCHES = 24_000;
const ROUNDS = 10;
/** A word answers where its likeness is above this level. */
const LEVEL = 0.5;

/** Features that `emitPatches` adds: per word the mean over three zones and the maximum. */
export const PATCH_FEATURES = 4 * WORDS;

/** A vocabulary of local patterns as one convolution: `weights` `[WORDS, 2, PATCH, PATCH]`, `offsets` `[WORDS]`. */
export interface Vocabulary {
  readonly weights: Float32Array;
  readonly offsets: Float32Array;
}

/**
 * Learns local patterns without labels: patches are whitened along their leading directions and grouped by
 * spherical k-means (Coates and Ng 2012, "Learning feature representations with k-means").
 * @param density `[n, CELLS]` and `on` `[n, CELLS]`: grids of the canonical maps to draw patches from.
 */
export function learnVocabulary(density: Float32Array, on: Float32Array, seed: number): Vocabulary {
  const random = createRandom(seed ^ 0x9a7c);
  const x = drawPatches(density, on, random);
  const { mean, directions } = leadingDirections(
    { values: x, rows: PATCHES, width: PIXELS },
    DIRECTIONS,
    seed,
  );
  const q = new Float32Array(PATCHES * DIRECTIONS);
  for (let i = 0; i < PATCHES; i++) {
    for (let k = 0; k < DIRECTIONS; k++) {
      let sum = 0;
      for (let j = 0; j < PIXELS; j++) sum += (x[i * PIXELS + j]! - mean[j]!) * directions[k * PIXELS + j]!;
      q[i * DIRECTIONS + k] = sum;
    }
  }
  const scale = new Float64Array(DIRECTIONS);
  for (let i = 0; i < q.length; i++) scale[i % DIRECTIONS]! += (q[i]! * q[i]!) / PATCHES;
  // Directions of little variance are mostly counting noise: the floor keeps them from being blown up.
  for (let k = 0; k < DIRECTIONS; k++) scale[k] = 1 / Math.sqrt(scale[k]! + 0.02);
  for (let i = 0; i < q.length; i++) q[i]! *= scale[i % DIRECTIONS]!;
  for (let i = 0; i < PATCHES; i++) toUnit(q, i * DIRECTIONS);
  const words = sphericalMeans(q, random);
  const weights = new Float32Array(WORDS * PIXELS);
  const offsets = new Float32Array(WORDS);
  for (let w = 0; w < WORDS; w++) {
    let offset = 0;
    for (let j = 0; j < PIXELS; j++) {
      let sum = 0;
      for (let k = 0; k < DIRECTIONS; k++) {
        sum += words[w * DIRECTIONS + k]! * scale[k]! * directions[k * PIXELS + j]!;
      }
      weights[w * PIXELS + j] = sum;
      offset -= sum * mean[j]!;
    }
    offsets[w] = offset - LEVEL;
  }
  return { weights, offsets };
}

/**
 * How strongly each word answers near the middle, half-way out and at the rim, and at its best place.
 * @returns float32 `[n, PATCH_FEATURES]`.
 */
export function emitPatches(o: Ops, map: Canonical, { weights, offsets }: Vocabulary): string {
  const planes = o.reshape(o.concat([map.raw, map.on], 1), [-1, 2, SIDE, SIDE]);
  const reach = (PATCH - 1) / 2;
  const answers = o.g.node(
    'Conv',
    [planes, o.g.floats(weights, [WORDS, 2, PATCH, PATCH]), o.g.floats(offsets, [WORDS])],
    {
      kernel_shape: { ints: [PATCH, PATCH] },
      pads: { ints: [reach, reach, reach, reach] },
      strides: { ints: [STEP, STEP] },
    },
  );
  const spots = spotIndex();
  const on = o.reshape(o.gather(map.on, spots, 1), [-1, 1, SPOTS]);
  const heard = o.mul(o.reshape(o.g.node('Relu', [answers]), [-1, WORDS, SPOTS]), on);
  const zones = new Float32Array(SPOTS * 3);
  const zoneOf = (radius: number): number =>
    radius <= 0.5 ? 0 : radius <= 0.85 ? 1 : radius <= 1.05 ? 2 : 3;
  const counts = [0, 0, 0, 0];
  for (const cell of spots) counts[zoneOf(CELL.radius[cell]!)]!++;
  spots.forEach((cell, s) => {
    const zone = zoneOf(CELL.radius[cell]!);
    if (zone < 3) zones[s * 3 + zone] = 1 / counts[zone]!;
  });
  const means = o.reshape(o.matmul(heard, o.g.floats(zones, [SPOTS, 3])), [-1, 3 * WORDS]);
  return o.concat([means, o.reduce('ReduceMax', heard, [2])], 1);
}

function spotIndex(): number[] {
  return Array.from({ length: CELLS }, (_, i) => i).filter(
    (i) => (i % SIDE) % STEP === 0 && Math.floor(i / SIDE) % STEP === 0,
  );
}

/** `[PATCHES, PIXELS]`, drawn at random places, zeros beyond the grid as the convolution sees them. */
function drawPatches(density: Float32Array, on: Float32Array, random: Random): Float32Array {
  const maps = density.length / CELLS;
  const out = new Float32Array(PATCHES * PIXELS);
  const reach = (PATCH - 1) / 2;
  for (let i = 0; i < PATCHES; i++) {
    const from = random.below(maps) * CELLS;
    const column = random.below(SIDE) - reach;
    const row = random.below(SIDE) - reach;
    for (let p = 0; p < PATCH * PATCH; p++) {
      const y = row + Math.floor(p / PATCH);
      const x = column + (p % PATCH);
      if (y < 0 || x < 0 || y >= SIDE || x >= SIDE) continue;
      out[i * PIXELS + p] = density[from + y * SIDE + x]!;
      out[i * PIXELS + PATCH * PATCH + p] = on[from + y * SIDE + x]!;
    }
  }
  return out;
}

/** `[WORDS, DIRECTIONS]` unit vectors; a word that loses all its patches keeps its place. */
function sphericalMeans(q: Float32Array, random: Random): Float32Array {
  const words = new Float32Array(WORDS * DIRECTIONS);
  for (let w = 0; w < WORDS; w++) {
    const from = random.below(PATCHES) * DIRECTIONS;
    words.set(q.subarray(from, from + DIRECTIONS), w * DIRECTIONS);
  }
  for (let round = 0; round < ROUNDS; round++) {
    const sums = new Float32Array(WORDS * DIRECTIONS);
    const counts = new Int32Array(WORDS);
    for (let i = 0, at = 0; i < PATCHES; i++, at += DIRECTIONS) {
      let best = 0;
      let most = Number.NEGATIVE_INFINITY;
      for (let w = 0, b = 0; w < WORDS; w++, b += DIRECTIONS) {
        let sum = 0;
        for (let k = 0; k < DIRECTIONS; k++) sum += q[at + k]! * words[b + k]!;
        if (sum > most) {
          most = sum;
          best = w;
        }
      }
      counts[best]!++;
      for (let k = 0; k < DIRECTIONS; k++) sums[best * DIRECTIONS + k]! += q[at + k]!;
    }
    for (let w = 0; w < WORDS; w++) {
      if (counts[w] === 0) continue;
      words.set(sums.subarray(w * DIRECTIONS, (w + 1) * DIRECTIONS), w * DIRECTIONS);
      toUnit(words, w * DIRECTIONS);
    }
  }
  return words;
}

function toUnit(values: Float32Array, from: number): void {
  let squares = 0;
  for (let k = 0; k < DIRECTIONS; k++) squares += values[from + k]! ** 2;
  const norm = 1 / Math.max(1e-6, Math.sqrt(squares));
  for (let k = 0; k < DIRECTIONS; k++) values[from + k]! *= norm;
}
