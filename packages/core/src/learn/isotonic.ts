import { incompleteBeta } from '../bounds/beta.js';
import { requireSameLength, requireShare } from '../bounds/range.js';
import { firstNonNegative } from '../bounds/root.js';

/** Labelled scores of one applicant that it was not fitted on. */
export interface ScoredLabels {
  /** Higher = worse, finite. */
  readonly scores: ArrayLike<number>;
  readonly bad: readonly boolean[];
  /** 1 / propensity of each label, positive; null = all alike. */
  readonly weights: ArrayLike<number> | null;
}

/** A stretch of scores that have one probability of bad. */
export interface Block {
  /** Lowest and highest score in it. */
  readonly from: number;
  readonly to: number;
  readonly n: number;
  readonly bad: number;
  /** Probability of bad, 0..1, rising from block to block, with its interval [A]. */
  readonly probability: number;
  readonly interval: readonly [number, number];
}

/**
 * Probability of bad by score: the non-decreasing step function that is closest in weighted squares, by pooling adjacent
 * violators (Ayer et al. 1955; rule LN-4). Equal scores are one step. Each block's interval is Clopper and Pearson's at
 * Kish's effective count, so it knows neither that the block was chosen by its labels nor the neighbours: for a picture.
 *
 * @returns blocks, ascending; none of nothing.
 * @throws RangeError on lists of unequal length, a score that is not finite, a weight that is not positive, or a confidence
 *   outside (0, 1).
 */
export const isotonic = (labels: ScoredLabels, confidence = 0.95): Block[] => {
  requireShare('confidence', confidence);
  const stack: Pool[] = [];
  for (const pool of byScore(labels)) {
    stack.push(pool);
    for (let last = stack.length - 1; last > 0 && rateOf(stack[last]!) <= rateOf(stack[last - 1]!); last -= 1)
      stack.splice(last - 1, 2, join(stack[last - 1]!, stack[last]!));
  }
  return stack.map((pool) => ({
    from: pool.from,
    to: pool.to,
    n: pool.n,
    bad: pool.bad,
    probability: rateOf(pool),
    interval: poolInterval(pool, confidence),
  }));
};

/** The probability of bad that the blocks give a score: that of the last block that begins at or below it; the first below all. */
export const calibrated = (blocks: readonly Block[], score: number): number => {
  let low = 0;
  let high = blocks.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (blocks[middle]!.from <= score) low = middle;
    else high = middle - 1;
  }
  const block = blocks[low];
  if (block === undefined) throw new RangeError('no labels to calibrate by');
  return block.probability;
};

/** Units taken together, with weighted sums. */
export interface Pool {
  readonly from: number;
  readonly to: number;
  readonly n: number;
  readonly bad: number;
  readonly weight: number;
  readonly weightBad: number;
  readonly squares: number;
}

export const rateOf = ({ weight, weightBad }: Pool): number => weightBad / weight;

export const join = (a: Pool, b: Pool): Pool => ({
  from: a.from,
  to: b.to,
  n: a.n + b.n,
  bad: a.bad + b.bad,
  weight: a.weight + b.weight,
  weightBad: a.weightBad + b.weightBad,
  squares: a.squares + b.squares,
});

/** One pool for each score that occurs, ascending. */
export const byScore = ({ scores, bad, weights }: ScoredLabels): Pool[] => {
  requireSameLength('scores and bad', scores, bad);
  if (weights !== null) requireSameLength('scores and weights', scores, weights);
  const order = Array.from(scores, (_, i) => i).sort((a, b) => scores[a]! - scores[b]!);
  const pools: Pool[] = [];
  for (const i of order) {
    const score = scores[i]!;
    if (!Number.isFinite(score)) throw new RangeError(`score ${i} is ${score}`);
    const weight = weights?.[i] ?? 1;
    if (!(weight > 0 && weight < Number.POSITIVE_INFINITY)) throw new RangeError(`weight ${i} is ${weight}`);
    const lost = bad[i] === true;
    const pool: Pool = {
      from: score,
      to: score,
      n: 1,
      bad: lost ? 1 : 0,
      weight,
      weightBad: lost ? weight : 0,
      squares: weight * weight,
    };
    const last = pools[pools.length - 1];
    if (last !== undefined && last.to === score) pools[pools.length - 1] = join(last, pool);
    else pools.push(pool);
  }
  return pools;
};

/** Clopper and Pearson's interval at Kish's effective count (weight sum squared over the sum of squares), exact where all weigh alike. */
export const poolInterval = (pool: Pool, confidence: number): readonly [number, number] => {
  const n = (pool.weight * pool.weight) / pool.squares;
  const k = rateOf(pool) * n;
  const within = (1 - confidence) / 2;
  // I_x(a, b) is the distribution function of a Beta(a, b) at x.
  const lower = k <= 0 ? 0 : firstNonNegative((x) => incompleteBeta(x, k, n - k + 1) - within, 0, 1, 1e-12);
  const upper =
    n - k <= 1e-12 * n
      ? 1
      : firstNonNegative((x) => incompleteBeta(x, k + 1, n - k) - 1 + within, 0, 1, 1e-12);
  return [lower, upper];
};
