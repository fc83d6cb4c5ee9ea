import { requireShare } from './range.js';
import { firstNonNegative } from './root.js';

/**
 * Upper bound of the mean of independent losses in [0, 1] at confidence 1 - delta (Waudby-Smith and Ramdas 2024;
 * Bates et al. 2021, proposition 5): inf{R : max_t prod_{i<=t} (1 - nu_i (x_i - R)) >= 1 / delta}, 1 if there is none,
 * nu_t = min(1, sqrt(2 ln(1/delta) / (n s2_{t-1}))). The maximum runs over one martingale; a maximum for each of two
 * half-samples, added, is not a bound.
 *
 * @throws RangeError unless 0 < delta < 1.
 */
export const wsrUpper = (losses: ArrayLike<number>, delta: number): number => {
  requireShare('delta', delta);
  const n = losses.length;
  const target = -Math.log(delta);
  const bets = new Float64Array(n);
  let sum = 0.5;
  let squares = 0.25;
  let variance = 0.25;
  for (let i = 0; i < n; i += 1) {
    const x = losses[i]!;
    bets[i] = Math.min(1, Math.sqrt((2 * target) / (n * variance)));
    sum += x;
    const deviation = x - sum / (i + 2);
    squares += deviation * deviation;
    variance = squares / (i + 2);
  }
  const largestLog = (rate: number): number => {
    let log = 0;
    let largest = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < n; i += 1) {
      log += Math.log1p(-bets[i]! * (losses[i]! - rate));
      if (log > largest) largest = log;
    }
    return largest - target;
  };
  return firstNonNegative(largestLog, 0, 1, 1e-13);
};
