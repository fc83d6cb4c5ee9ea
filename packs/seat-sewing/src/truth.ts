import type { SeamLabel } from './manifest.js';

/** Bits of `stitchTruth`: what is wrong at one stitch. */
export const STITCH = { skip: 1, broken: 2, loose: 4, tight: 8, offLine: 16, backTackMissing: 32 } as const;

/** A seam counts as bad from this many stitches on. */
export const MIN_STITCHES = { lock: 10, line: 4 } as const;

/** The seam's class: the gravest thing that is wrong with it. */
export function labelOf(truth: Uint8Array): SeamLabel {
  const count = (bit: number) => truth.reduce((n, t) => n + (t & bit ? 1 : 0), 0);
  if (count(STITCH.broken) > 0) return 'broken';
  if (count(STITCH.skip) > 0) return 'skip';
  if (count(STITCH.backTackMissing) > 0) return 'missing-back-tack';
  if (count(STITCH.offLine) >= MIN_STITCHES.line) return 'off-line';
  const [loose, tight] = [count(STITCH.loose), count(STITCH.tight)];
  if (Math.max(loose, tight) >= MIN_STITCHES.lock) return loose >= tight ? 'loose' : 'tight';
  return 'good';
}
