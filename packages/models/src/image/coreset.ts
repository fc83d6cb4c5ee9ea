import type { Random } from '../heads/random.js';
import type { Bank } from './patch-graph.js';

/** Dimensions in which distances are compared while the coreset is chosen (Johnson-Lindenstrauss). */
const PROJECTED = 16;

/**
 * Greedy k-centre (Gonzalez 1985; as PatchCore, Roth et al. 2022): each next patch is the one farthest from all
 * chosen ones. Distances in a random projection. `patches` row-major [count, width]; returns at most `size`.
 */
export function kCentre(patches: Float32Array, width: number, size: number, rng: Random): Bank {
  const count = patches.length / width;
  if (count <= size) return { values: patches.slice(), size: count, width };
  const projected = project(patches, width, rng);
  const nearest = new Float32Array(count).fill(Number.POSITIVE_INFINITY);
  const values = new Float32Array(size * width);
  let next = rng.below(count);
  for (let chosen = 0; chosen < size; chosen++) {
    values.set(patches.subarray(next * width, (next + 1) * width), chosen * width);
    const centre = projected.subarray(next * PROJECTED, (next + 1) * PROJECTED);
    let farthest = -1;
    let distance = -1;
    for (let i = 0, at = 0; i < count; i++, at += PROJECTED) {
      let d = 0;
      for (let k = 0; k < PROJECTED; k++) {
        const step = projected[at + k]! - centre[k]!;
        d += step * step;
      }
      const best = Math.min(d, nearest[i]!);
      nearest[i] = best;
      if (best > distance) [farthest, distance] = [i, best];
    }
    next = farthest;
  }
  return { values, size, width };
}

function project(patches: Float32Array, width: number, rng: Random): Float32Array {
  const matrix = Float32Array.from({ length: width * PROJECTED }, () => rng.normal());
  const count = patches.length / width;
  const out = new Float32Array(count * PROJECTED);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < width; k++) {
      const v = patches[i * width + k]!;
      for (let p = 0; p < PROJECTED; p++) out[i * PROJECTED + p]! += v * matrix[k * PROJECTED + p]!;
    }
  }
  return out;
}
