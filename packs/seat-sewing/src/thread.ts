import { prior } from './priors.js';

/** Capstan equation: the tension after a wrap of `angle` rad at friction `mu`; both tensions in the same unit. */
export const afterWrap = (tension: number, angle: number, mu: number): number =>
  tension * Math.exp(mu * angle);

/** ln of the bobbin thread's tension in cN when a share `left` (0..1) of the thread is on a bobbin set off by `set` (ln). */
export const logBobbinTension = (left: number, set = 0): number =>
  Math.log(prior('bobbinTension')) + set + prior('bobbinEmptyRise') * (1 - left) ** 2;

/**
 * ln(needle tension / bobbin tension) of a balanced seam: nominal thread and friction, a bobbin at its mean
 * (the mean of (1 - left)^2 over a bobbin is 1/3).
 */
export const balancedLogRatio = (): number =>
  Math.log(
    afterWrap(prior('needleTension'), prior('wrapAngle'), prior('friction')) / prior('bobbinTension'),
  ) -
  prior('bobbinEmptyRise') / 3;

/**
 * Where the threads lock, as a share of the material's thickness: .5 = in the middle. A tighter needle thread
 * pulls it up. `logRatio` = ln(needle tension / bobbin tension), `target` = that of a balanced seam.
 */
export const lockPoint = (logRatio: number, target: number): number =>
  Math.min(1, Math.max(0, 0.5 + prior('lockPerLogRatio') * (logRatio - target)));

/**
 * Needle thread of one lockstitch (class 301) in mm: along the surface and twice down to the lock point.
 * `lock` = share of the thickness from below; the higher the lock point, the less thread goes down.
 */
export const threadOfStitch = (lengthMm: number, thicknessMm: number, lock: number): number =>
  lengthMm + 2 * thicknessMm * (1 - lock);
