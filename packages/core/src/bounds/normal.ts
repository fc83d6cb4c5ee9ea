import { logNormalCdf } from './incomplete-gamma.js';
import { requireShare } from './range.js';
import { firstNonNegative } from './root.js';

/**
 * The z with Phi(z) = share, for 0 < share < 1; absolute error below 1e-12.
 *
 * @throws RangeError outside that range.
 */
export const normalQuantile = (share: number): number => {
  requireShare('share', share);
  const target = Math.log(share);
  return firstNonNegative((z) => logNormalCdf(z) - target, -40, 40, 1e-13);
};
