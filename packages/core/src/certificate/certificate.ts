import { binomialTail, binomialUpper } from '../bounds/binomial.js';
import { requireShare } from '../bounds/range.js';
import { acceptGrid, type GridPoint, type Labelled, type SortedScores, sortScores } from './sorted-scores.js';
import { fallbackStarts, type Start, type StartRule } from './start-rule.js';

/** How a certificate was proved. */
export type CertificateTest =
  | 'exact-binomial-per-unit'
  | 'exact-binomial-per-pass'
  | 'exact-binomial-overkill-per-unit';

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

const perUnit = (sorted: SortedScores, limit: number, delta: number, test: CertificateTest): Certificate => {
  requireShare('limit', limit);
  requireShare('delta', delta);
  const n = sorted.all.length;
  let best: GridPoint | undefined;
  for (const point of acceptGrid(sorted)) {
    if (binomialTail(point.k, n, limit) > delta) break;
    best = point;
  }
  if (best === undefined) return refused(n, delta, test);
  const { threshold, index, k } = best;
  return { threshold, index, n, k, upper: binomialUpper(k, n, delta), delta, test };
};

/**
 * Certifies P(accepted and bad) <= alpha per unit: the largest threshold of the grid at which the exact binomial
 * test of all n units rejects. The loss is monotone in the threshold, so going up while the test rejects costs
 * nothing (fixed-sequence testing; GATE section 2).
 *
 * @throws RangeError on a NaN score, unequal lengths, alpha or delta outside (0, 1).
 */
export const certifyPerUnit = (options: Labelled & { alpha: number; delta: number }): Certificate =>
  perUnit(sortScores(options, 'bad'), options.alpha, options.delta, 'exact-binomial-per-unit');

/**
 * Certifies P(rejected and good) <= beta per unit, the mirror image: units with score >= threshold are rejected,
 * index 0 is the one per cent of the highest scores.
 *
 * @throws RangeError as `certifyPerUnit`.
 */
export const certifyReject = (options: Labelled & { beta: number; delta: number }): Certificate => {
  const { scores, bad, beta, delta } = options;
  const mirrored = { scores: Float64Array.from(scores, (score) => -score), bad };
  const result = perUnit(sortScores(mirrored, 'good'), beta, delta, 'exact-binomial-overkill-per-unit');
  return result.threshold === null ? result : { ...result, threshold: -result.threshold };
};

/**
 * Certifies P(bad | accepted) <= alpha: among automatic passes. The rate is not monotone in the threshold, so the
 * tests follow a plan fixed by n, alpha and delta (Learn-then-Test, Angelopoulos et al. 2021). The threshold is the
 * largest one that any chain of the plan proves.
 *
 * @throws RangeError as `certifyPerUnit`.
 */
export const certifyPerPass = (
  options: Labelled & { alpha: number; delta: number; rule?: StartRule },
): Certificate => {
  const { alpha, delta, rule = fallbackStarts } = options;
  requireShare('alpha', alpha);
  requireShare('delta', delta);
  const test = 'exact-binomial-per-pass';
  const sorted = sortScores(options, 'bad');
  const n = sorted.all.length;
  const { starts, carry } = rule(n, alpha, delta);
  const grid = acceptGrid(sorted);
  const proved = carry ? provedByFallback(grid, starts, alpha) : provedByChains(grid, starts, alpha);
  if (proved === undefined) return refused(n, delta, test);
  const { threshold, index, n: accepted, k } = proved.point;
  return {
    threshold,
    index,
    n: accepted,
    k,
    upper: binomialUpper(k, accepted, proved.delta),
    delta: proved.delta,
    test,
  };
};

interface Proved {
  readonly point: GridPoint;
  readonly delta: number;
}

const provedByChains = (
  grid: readonly GridPoint[],
  starts: readonly Start[],
  alpha: number,
): Proved | undefined => {
  let best: Proved | undefined;
  for (const { index, delta } of starts) {
    for (const point of grid) {
      if (point.index < index) continue;
      if (binomialTail(point.k, point.n, alpha) > delta) break;
      if (best === undefined || point.index > best.point.index) best = { point, delta };
    }
  }
  return best;
};

const provedByFallback = (
  grid: readonly GridPoint[],
  starts: readonly Start[],
  alpha: number,
): Proved | undefined => {
  let best: Proved | undefined;
  let level = 0;
  for (const point of grid) {
    for (const start of starts) if (start.index === point.index) level += start.delta;
    if (level > 0 && binomialTail(point.k, point.n, alpha) <= level) best = { point, delta: level };
    else level = 0;
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
