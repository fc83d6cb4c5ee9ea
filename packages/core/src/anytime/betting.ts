import { requireShare } from '../bounds/range.js';

/** Options of the betting martingale. */
export interface Betting {
  /** Observations in [0, 1], in order. */
  readonly x: ArrayLike<number>;
  /** Sets the size of the bets: they are best for a rejection at this level. */
  readonly alpha: number;
  /** Weight of the bets on "the mean is larger", 0..1 (the rest bets on "smaller"). Default 1/2. */
  readonly theta?: number;
}

/**
 * Path of the hedged capital process against "the mean is m": the larger of theta prod(1 + l (x - m)) and
 * (1 - theta) prod(1 - l (x - m)), bets l_t = sqrt(2 ln(1/alpha) / (t ln(1 + t) s2_{t-1})) cut at half of what could
 * lose everything. Source: Waudby-Smith and Ramdas (2024), theorem 3.
 *
 * @param mean m, 0..1.
 * @throws RangeError unless 0 < alpha < 1.
 */
export const bettingMartingale = (options: Betting, mean: number): Float64Array => {
  const { x, alpha, theta = 0.5 } = options;
  requireShare('alpha', alpha);
  const path = new Float64Array(x.length);
  const reach = -2 * Math.log(alpha);
  let up = theta;
  let down = 1 - theta;
  let sum = 0.5;
  let squares = 0.25;
  let variance = 0.25;
  for (let i = 0; i < x.length; i += 1) {
    const t = i + 1;
    const bet = Math.sqrt(reach / (t * Math.log1p(t) * variance));
    const gap = x[i]! - mean;
    up *= 1 + Math.min(bet, 0.5 / mean) * gap;
    down *= 1 - Math.min(bet, 0.5 / (1 - mean)) * gap;
    path[i] = Math.max(up, down);
    sum += x[i]!;
    const deviation = x[i]! - sum / (t + 1);
    squares += deviation * deviation;
    variance = squares / (t + 1);
  }
  return path;
};

/**
 * Confidence sequence of the mean: at every t at once it holds the mean with probability at least 1 - alpha. Each side
 * has half of alpha. Found on a grid of `breaks` steps and widened by one step, then intersected over time.
 *
 * @throws RangeError unless 0 < alpha < 1.
 */
export const bettingSequence = (options: {
  readonly x: ArrayLike<number>;
  readonly alpha: number;
  readonly breaks?: number;
}): { lower: Float64Array; upper: Float64Array } => {
  const { x, alpha, breaks = 1000 } = options;
  const n = x.length;
  const lower = new Float64Array(n).fill(1);
  const upper = new Float64Array(n);
  for (let g = 0; g <= breaks; g += 1) {
    const mean = g / breaks;
    const path = bettingMartingale({ x, alpha: alpha / 2 }, mean);
    for (let i = 0; i < n; i += 1) {
      if (path[i]! > 1 / alpha) continue;
      lower[i] = Math.min(lower[i]!, Math.max(0, mean - 1 / breaks));
      upper[i] = Math.max(upper[i]!, Math.min(1, mean + 1 / breaks));
    }
  }
  for (let i = 1; i < n; i += 1) {
    lower[i] = Math.max(lower[i]!, lower[i - 1]!);
    upper[i] = Math.min(upper[i]!, upper[i - 1]!);
  }
  return { lower, upper };
};
