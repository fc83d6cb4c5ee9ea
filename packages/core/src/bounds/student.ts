import { incompleteBeta } from './beta.js';
import { requireShare } from './range.js';
import { firstNonNegative } from './root.js';

/** P(T > t) of Student's t with `degrees` > 0 degrees of freedom (DLMF 8.17: I_x(degrees / 2, 1 / 2) at x = degrees / (degrees + t^2)). */
export const studentTail = (t: number, degrees: number): number => {
  const half = incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5) / 2;
  return t >= 0 ? half : 1 - half;
};

/**
 * The t with P(T <= t) = share; absolute error below 1e-10 for |t| < 1e6.
 *
 * @throws RangeError unless 0 < share < 1.
 */
export const studentQuantile = (share: number, degrees: number): number => {
  requireShare('share', share);
  if (share < 0.5) return -studentQuantile(1 - share, degrees);
  return firstNonNegative((t) => 1 - share - studentTail(t, degrees), 0, 1e6, 1e-10);
};
