import { binomialTail, binomialUpper } from '../bounds/binomial.js';
import { requireShare } from '../bounds/range.js';
import {
  acceptGrid,
  countBelow,
  everyScore,
  type GridPoint,
  type Labelled,
  pointHolding,
  rankOf,
  type SortedScores,
  sortScores,
} from './sorted-scores.js';
import { fallbackStarts, type StartRule } from './start-rule.js';

/** How a certificate was proved. */
export type CertificateTest =
  | 'exact-binomial-per-unit'
  | 'exact-binomial-per-pass'
  | 'exact-binomial-overkill-per-unit'
  | 'betting-by-group-per-unit'
  | 'betting-by-group-overkill-per-unit';

/**
 * The outcome of a fixed-n certificate. `n` and `k` are the trials and the losses of the exact test: all units
 * under a per-unit contract, the automatically decided units under per-pass. `upper` is the one-sided upper
 * bound of the promised rate at confidence 1 - delta, with the delta of the chain that proved it.
 */
export type Certificate =
  | {
      readonly threshold: number;
      readonly index: number;
      readonly n: number;
      readonly k: number;
      readonly upper: number;
      readonly delta: number;
      readonly test: CertificateTest;
    }
  | {
      /** Nothing could be certified: no automatic decision. */
      readonly threshold: null;
      readonly index: -1;
      readonly n: number;
      readonly k: null;
      readonly upper: null;
      readonly delta: number;
      readonly test: CertificateTest;
    };

const refused = (n: number, delta: number, test: CertificateTest): Certificate => ({
  threshold: null,
  index: -1,
  n,
  k: null,
  upper: null,
  delta,
  test,
});

/** Where thresholds may lie: at any score (default), or at the 100 quantiles of the grid only. */
export type Resolution = 'score' | 'grid';

interface PerUnit {
  readonly sorted: SortedScores;
  readonly limit: number;
  readonly delta: number;
  readonly test: CertificateTest;
  readonly resolution: Resolution;
}

const perUnit = ({ sorted, limit, delta, test, resolution }: PerUnit): Certificate => {
  requireShare('limit', limit);
  requireShare('delta', delta);
  const n = sorted.all.length;
  const proves = (k: number): boolean => binomialTail(k, n, limit) <= delta;
  const best = acceptGrid(sorted).findLast(({ k }) => proves(k));
  const index = best?.index ?? -1;
  if (resolution === 'grid') {
    if (best === undefined) return refused(n, delta, test);
    const { threshold, k } = best;
    return { threshold, index, n, k, upper: binomialUpper(k, n, delta), delta, test };
  }
  let allowed = best?.k ?? 0;
  if (!proves(allowed)) return refused(n, delta, test);
  while (allowed < n && proves(allowed + 1)) allowed += 1;
  // Everything below the first loss that is not allowed any more.
  const units = allowed < sorted.lost.length ? countBelow(sorted.all, sorted.lost[allowed]!) : n;
  if (units === 0) return refused(n, delta, test);
  const { threshold, k } = pointHolding(sorted, units);
  return { threshold, index, n, k, upper: binomialUpper(k, n, delta), delta, test };
};

/**
 * Certifies P(accepted and bad) <= alpha per unit: the largest threshold at which the exact binomial test of all n units
 * rejects. The loss is monotone in the threshold, so the search costs nothing (GATE section 2): a threshold above the
 * largest allowed one accepts at least the bad units below that one, and their number is binomial. `index` is the last
 * point of the grid at or below the threshold, -1 if there is none.
 *
 * @throws RangeError on a NaN score, unequal lengths, alpha or delta outside (0, 1).
 */
export const certifyPerUnit = (
  options: Labelled & { alpha: number; delta: number; resolution?: Resolution },
): Certificate => {
  const { alpha, delta, resolution = 'score' } = options;
  const sorted = sortScores(options, 'bad');
  return perUnit({ sorted, limit: alpha, delta, test: 'exact-binomial-per-unit', resolution });
};

const negated = (scores: ArrayLike<number>): Float64Array => {
  const result = new Float64Array(scores.length);
  for (let i = 0; i < scores.length; i += 1) result[i] = -scores[i]!;
  return result;
};

/**
 * Certifies P(rejected and good) <= beta per unit, the mirror image: units with score >= threshold are rejected,
 * index 0 is the one per cent of the highest scores.
 *
 * @throws RangeError as `certifyPerUnit`.
 */
export const certifyReject = (
  options: Labelled & { beta: number; delta: number; resolution?: Resolution },
): Certificate => {
  const { scores, bad, beta, delta, resolution = 'score' } = options;
  const sorted = sortScores({ scores: negated(scores), bad }, 'good');
  const test = 'exact-binomial-overkill-per-unit';
  const result = perUnit({ sorted, limit: beta, delta, test, resolution });
  return result.threshold === null ? result : { ...result, threshold: -result.threshold };
};

/**
 * Certifies P(bad | accepted) <= alpha: among automatic passes. The rate is not monotone in the threshold, so the
 * tests follow a plan fixed by n, alpha and delta (Learn-then-Test, Angelopoulos et al. 2021), going up score by score.
 * The threshold is the largest one that any chain of the plan proves.
 *
 * @throws RangeError as `certifyPerUnit`.
 */
export const certifyPerPass = (
  options: Labelled & { alpha: number; delta: number; rule?: StartRule; resolution?: Resolution },
): Certificate => {
  const { alpha, delta, rule = fallbackStarts, resolution = 'score' } = options;
  requireShare('alpha', alpha);
  requireShare('delta', delta);
  const test = 'exact-binomial-per-pass';
  const sorted = sortScores(options, 'bad');
  const total = sorted.all.length;
  if (total === 0) return refused(0, delta, test);
  const plan = rule(total, alpha, delta);
  const starts = plan.starts
    .map(({ index, delta: share }) => ({ rank: Math.max(1, rankOf(index, total)), delta: share }))
    .sort((a, b) => a.rank - b.rank);
  const chains = plan.carry ? [starts] : starts.map((start) => [start]);
  let proved: Proved | undefined;
  for (const chain of chains) {
    const ranks = chain.map(({ rank }) => rank);
    const points = resolution === 'grid' ? acceptGrid(sorted) : everyScore(sorted, ranks);
    const found = walk(points, chain, alpha);
    if (found !== undefined && (proved === undefined || found.point.n > proved.point.n)) proved = found;
  }
  if (proved === undefined) return refused(total, delta, test);
  const { threshold, index, n, k } = proved.point;
  return { threshold, index, n, k, upper: binomialUpper(k, n, proved.delta), delta: proved.delta, test };
};

interface Proved {
  readonly point: GridPoint;
  readonly delta: number;
}

/**
 * Goes up the thresholds: the level grows by the share of each start that is passed, and falls to zero where a test does
 * not reject. With one start this is fixed-sequence testing, with more the fallback procedure.
 */
const walk = (
  points: Iterable<GridPoint>,
  starts: readonly { rank: number; delta: number }[],
  alpha: number,
): Proved | undefined => {
  const waiting = [...starts];
  let best: Proved | undefined;
  let level = 0;
  for (const point of points) {
    while (waiting.length > 0 && waiting[0]!.rank <= point.n) level += waiting.shift()!.delta;
    if (level > 0 && binomialTail(point.k, point.n, alpha) <= level) best = { point, delta: level };
    else level = 0;
    if (level === 0 && waiting.length === 0) break;
  }
  return best;
};

/** One grid point of the curve of automatic share against the bound. */
export interface CurvePoint {
  readonly index: number;
  readonly threshold: number;
  /** Share of all units that the threshold decides automatically, 0..1. */
  readonly share: number;
  /** Units accepted, and bad ones among them. */
  readonly n: number;
  readonly k: number;
  /** Upper bound of P(accepted and bad) per unit at 1 - delta, for this point alone. */
  readonly perUnitUpper: number;
  /** Upper bound of P(bad | accepted) at 1 - delta, for this point alone (not simultaneous over the curve). */
  readonly perPassUpper: number;
}

/**
 * The whole trade of automatic share against escapes, for a picture: each point's bounds hold for that point alone.
 *
 * @throws RangeError as `certifyPerUnit`.
 */
export const curve = (options: Labelled & { delta: number }): CurvePoint[] => {
  const sorted = sortScores(options, 'bad');
  const total = sorted.all.length;
  return acceptGrid(sorted).map(({ index, threshold, n, k }) => ({
    index,
    threshold,
    share: n / total,
    n,
    k,
    perUnitUpper: binomialUpper(k, total, options.delta),
    perPassUpper: binomialUpper(k, n, options.delta),
  }));
};
