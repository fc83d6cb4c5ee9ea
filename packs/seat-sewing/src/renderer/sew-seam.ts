import { prior } from '../priors.js';
import { PICTURE_FAULT, type Sewn } from './scene.js';

/**
 * Lays out a whole seam for pictures from what a machine knows of each stitch: a back-tack of three passes at each end
 * (one pass where the machine's truth says that it is missing), stitches of the nominal length between, cut ends.
 * One layout serves every picture of the seam; stitches sewn over again carry the number of the stitch below them.
 *
 * @param stitches `error` mm to the left of the line, looking along the seam, which is up the picture; `lock` share of
 * the thickness off the middle; `faults` bits of PICTURE_FAULT; one entry a stitch.
 */
export function sewSeam(stitches: {
  readonly error: ArrayLike<number>;
  readonly lock: ArrayLike<number>;
  readonly faults: ArrayLike<number>;
}): Sewn & { readonly lengthMm: number } {
  const { error, lock, faults } = stitches;
  const count = faults.length;
  const tack = Math.min(prior('backTackStitches'), Math.floor(count / 2));
  const position = [0];
  for (let i = 0; i < count; i++) {
    const length = i < tack || i >= count - tack ? prior('backTackLength') : prior('stitchLength');
    position.push((position[i] ?? 0) + length);
  }
  const lengthMm = position[count] ?? 0;
  const missing = (from: number, to: number) => {
    for (let i = from; i < to; i++) if ((faults[i] ?? 0) & PICTURE_FAULT.backTackMissing) return true;
    return false;
  };
  // Holes by number: 0 to `count`.
  const path = [0];
  const go = (to: number) => {
    const from = path[path.length - 1] ?? 0;
    const step = from < to ? 1 : -1;
    for (let hole = from; hole !== to; hole += step) path.push(hole + step);
  };
  if (tack > 0 && !missing(0, tack)) {
    go(tack);
    go(0);
  }
  go(count);
  if (tack > 0 && !missing(count - tack, count)) {
    go(count - tack);
    go(count);
  }
  const numbers = path.slice(1).map((to, i) => Math.min(to, path[i] ?? 0));
  return {
    along: path.map((hole) => position[hole] ?? 0),
    // Passes of a back-tack lie beside each other by half a thread.
    offset: path.map((hole, i) => -(error[Math.min(hole, count - 1)] ?? 0) + beside(path, i)),
    lock: numbers.map((i) => lock[i] ?? 0),
    faults: numbers.map((i) => faults[i] ?? 0),
    numbers,
    starts: true,
    ends: true,
    lengthMm,
  };
}

/** mm beside the line: the passes back lie on the other side of it. */
const beside = (path: readonly number[], i: number): number => {
  const [here, next] = [path[i] ?? 0, path[i + 1]];
  return next !== undefined && next < here ? 0.28 : 0;
};
