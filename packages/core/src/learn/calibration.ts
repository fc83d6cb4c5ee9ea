import { normalQuantile } from '../bounds/normal.js';
import { requireSameLength, requireShare } from '../bounds/range.js';
import { byScore, join, type Pool, poolInterval, rateOf } from './isotonic.js';

/** Probabilities that were claimed, and what came out. */
export interface ClaimedLabels {
  /** Claimed probability of bad of each unit, 0..1, made without its label. */
  readonly claimed: ArrayLike<number>;
  readonly bad: readonly boolean[];
  /** 1 / propensity of each label, positive; null = all alike. */
  readonly weights: ArrayLike<number> | null;
}

/** Units whose claimed probabilities lie together. */
export interface ReliabilityBin {
  readonly from: number;
  readonly to: number;
  readonly n: number;
  /** Mean claimed probability, and the share found bad with its interval (Clopper-Pearson at Kish's effective count). */
  readonly claimed: number;
  readonly found: number;
  readonly interval: readonly [number, number];
}

/** A weighted mean with a normal interval [A]. */
export interface MeanScore {
  readonly value: number;
  readonly interval: readonly [number, number];
  readonly n: number;
}

export interface Reliability {
  readonly bins: readonly ReliabilityBin[];
  readonly brier: MeanScore;
  /** Mean of -ln of the probability claimed for what came out; a claim is held to [1e-6, 1 - 1e-6]. */
  readonly logLoss: MeanScore;
  /**
   * Expected calibration error: mean |claimed - found| over the bins, by weight. It is biased upward: claims that are
   * right in every bin have `eceOfChance` on average, so only what lies above that speaks against them.
   */
  readonly ece: number;
  readonly eceOfChance: number;
}

/** Farthest that a claim counts from 0 or 1 in the log loss: one confident mistake must not be infinite. */
const LEAST_CLAIM = 1e-6;

/**
 * How far claimed probabilities can be trusted (rule LN-5). Bins hold about equally many units; equal claims share a bin.
 *
 * @param options.bins most bins, at least 1; 10 by default.
 * @throws RangeError on no label, a claim outside [0, 1], unequal lengths, a weight that is not positive.
 */
export const reliability = (
  { claimed, bad, weights }: ClaimedLabels,
  { bins: most = 10, confidence = 0.95 }: { readonly bins?: number; readonly confidence?: number } = {},
): Reliability => {
  requireSameLength('claimed and bad', claimed, bad);
  requireShare('confidence', confidence);
  if (bad.length === 0) throw new RangeError('no label to measure by');
  const outside = Array.from(claimed).findIndex((claim) => !(claim >= 0 && claim <= 1));
  if (outside !== -1) throw new RangeError(`claim ${outside} is ${claimed[outside]}, outside of [0, 1]`);
  const binned = binsOf(byScore({ scores: claimed, bad, weights }), bad.length / most);
  const total = binned.reduce((sum, { pool }) => sum + pool.weight, 0);
  const bins = binned.map(({ pool, claims }) => ({
    from: pool.from,
    to: pool.to,
    n: pool.n,
    claimed: claims / pool.weight,
    found: rateOf(pool),
    interval: poolInterval(pool, confidence),
  }));
  const z = normalQuantile(1 - (1 - confidence) / 2);
  const mean = (lossOf: (claim: number, wrong: boolean) => number): MeanScore =>
    meanOf(
      Array.from(claimed, (claim, i) => lossOf(claim, bad[i] === true)),
      weights,
      z,
    );
  const error = (of: (bin: ReliabilityBin, pool: Pool) => number): number =>
    bins.reduce((sum, bin, i) => sum + (binned[i]!.pool.weight / total) * of(bin, binned[i]!.pool), 0);
  return {
    bins,
    brier: mean((claim, wrong) => (claim - (wrong ? 1 : 0)) ** 2),
    logLoss: mean((claim, wrong) => -Math.log(Math.max(LEAST_CLAIM, wrong ? claim : 1 - claim))),
    ece: error((bin) => Math.abs(bin.claimed - bin.found)),
    // E|mean of n - p| of right claims, by the normal approximation sqrt(2 p (1 - p) / (pi n)).
    eceOfChance: error(({ claimed: p }, { weight, squares }) =>
      Math.sqrt((2 * p * (1 - p) * squares) / (Math.PI * weight * weight)),
    ),
  };
};

interface Bin {
  readonly pool: Pool;
  /** Weighted sum of the claims. */
  readonly claims: number;
}

function binsOf(pools: readonly Pool[], units: number): Bin[] {
  const bins: Bin[] = [];
  let seen = 0;
  let next = 0;
  for (const pool of pools) {
    const claims = pool.from * pool.weight;
    const last = bins[bins.length - 1];
    if (last === undefined || seen >= next) {
      bins.push({ pool, claims });
      next += units;
    } else bins[bins.length - 1] = { pool: join(last.pool, pool), claims: last.claims + claims };
    seen += pool.n;
  }
  return bins;
}

/** Self-normalised mean with the linearised error. */
function meanOf(values: readonly number[], weights: ArrayLike<number> | null, z: number): MeanScore {
  let total = 0;
  let sum = 0;
  values.forEach((value, i) => {
    const weight = weights?.[i] ?? 1;
    total += weight;
    sum += weight * value;
  });
  const value = sum / total;
  let squares = 0;
  values.forEach((one, i) => {
    squares += ((weights?.[i] ?? 1) * (one - value)) ** 2;
  });
  const reach = (z * Math.sqrt(squares)) / total;
  return { value, interval: [Math.max(0, value - reach), value + reach], n: values.length };
}
