import { prior } from '../priors.js';
import type { SeamTraces } from './signals.js';

/** Names of the features of a finished seam, in order; mm, cN and N cm as measured, or shares. */
export const SEAM_FEATURES = [
  'least consumption over its median',
  'second least consumption over its median',
  'share of stitches that take less than 70 %',
  'least tension over its median',
  'share of stitches with less than 80 % of the tension',
  'highest mean lock point over 10 stitches',
  'lowest mean lock point over 10 stitches',
  'mean lock point',
  'largest offset of a picture, mm',
  'second largest offset of a picture, mm',
  'mean consumption at the start over its median',
  'mean consumption at the end over its median',
  'largest torque, N cm',
  'lowest mean torque over 10 stitches, N cm',
  'mean tension, cN',
] as const;

const WINDOW = 10;
const TACK = prior('backTackStitches');

/** What a seam verdict looks at: made from the traces and the pictures' offsets, never from the truth. */
export function seamFeatures(traces: SeamTraces, strips: Float64Array): Float32Array {
  const { consumption, tension, torque, footHeight } = traces;
  const n = consumption.length;
  const usual = median(consumption);
  const usualTension = median(tension);
  let [least, second, little, weak, leastTension] = [9, 9, 0, 0, 9];
  let [high, low, lockSum, torqueLow, torqueHigh, tensionSum] = [0, 1, 0, 1e9, 0, 0];
  const plain = median(footHeight);
  const locks = new Float64Array(n);
  for (let s = 0; s < n; s++) {
    const share = consumption[s]! / usual;
    const inside = s >= TACK && s < n - TACK;
    const drawn = Math.min(1.5, Math.max(0, (consumption[s]! - prior('stitchLength')) / (2 * plain)));
    // A cross seam takes more thread for its height, not for its lock.
    locks[s] = inside && footHeight[s]! < 1.4 * plain ? 1 - drawn : Number.NaN;
    if (inside && share < least) {
      second = least;
      least = share;
    } else if (inside && share < second) second = share;
    if (inside && share < 0.7) little++;
    const pull = tension[s]! / usualTension;
    leastTension = Math.min(leastTension, pull);
    if (pull < 0.8) weak++;
    torqueHigh = Math.max(torqueHigh, torque[s]!);
    tensionSum += tension[s]!;
  }
  let lockCount = 0;
  for (let s = 0; s + WINDOW <= n; s++) {
    let [lock, turned, known] = [0, 0, 0];
    for (let i = s; i < s + WINDOW; i++) {
      turned += torque[i]!;
      if (Number.isNaN(locks[i]!)) continue;
      lock += locks[i]!;
      known++;
    }
    torqueLow = Math.min(torqueLow, turned / WINDOW);
    if (known < WINDOW) continue;
    high = Math.max(high, lock / WINDOW);
    low = Math.min(low, lock / WINDOW);
    lockSum += lock / WINDOW;
    lockCount++;
  }
  let [most, next] = [0, 0];
  for (const strip of strips) {
    const x = Math.abs(strip);
    if (x > most) [most, next] = [x, most];
    else if (x > next) next = x;
  }
  let [start, end] = [0, 0];
  for (let i = 0; i < TACK; i++) {
    start += consumption[i]! / usual / TACK;
    end += consumption[n - 1 - i]! / usual / TACK;
  }
  const lock = lockCount === 0 ? 0.5 : lockSum / lockCount;
  return Float32Array.of(
    ...[least, second, little / n, leastTension, weak / n, high, low, lock, most, next, start, end],
    ...[torqueHigh, torqueLow, tensionSum / n],
  );
}

function median(values: Float32Array): number {
  const sorted = Float32Array.from(values).sort();
  return sorted[sorted.length >> 1] ?? 0;
}
