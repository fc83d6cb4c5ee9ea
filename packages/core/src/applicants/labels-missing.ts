import { labelsNeeded } from '../bounds/binomial.js';
import { requireSameLength } from '../bounds/range.js';
import type { Budget } from '../gate/plan.js';

/** What an applicant's scores promise, from labels that are no evidence: role training, out of fold where it was fitted on it. */
export interface ExpectedScores {
  /** Higher = worse; what is no finite number is none. */
  readonly scores: ArrayLike<number>;
  readonly bad: readonly boolean[];
  /** 1 / propensity of each label, positive; null = all alike. */
  readonly weights: ArrayLike<number> | null;
}

/** How many more labels of evidence a certificate takes, at about even odds. A plan, never a promise [H]. */
export interface Outlook {
  /** Automatic share of the accept side if the rates were known: what more labels lead to, 0..1. */
  readonly idealShare: number;
  /** More labels until something would be certified; null = its scores never keep this budget. */
  readonly toOpen: number | null;
  /** More labels until the certified share would be within `NEAR` of the ideal one; null = never. */
  readonly toNear: number | null;
}

/** "Near": within five points of the ideal share. */
export const NEAR = 0.05;
/** Bad units that a plan reckons with at most. */
const MOST_BAD = 400;
/** Thresholds that a plan looks at. */
const POINTS = 200;

interface Point {
  readonly share: number;
  /** Rate of the contract at this threshold. */
  readonly rate: number;
}

/**
 * How many more labels are missing (rule AP-2): a threshold whose rate is r is certified at about even odds at the
 * least n(c) = `labelsNeeded(c, alpha, delta)` with (c + 1) / (n(c) + 1) >= r, the mean place of the first bad unit
 * that is one too many. Per pass n(c) counts accepted units. With groups as observations the labels are multiplied by
 * the largest group, as the bold bet of S-36 has it.
 *
 * @param options `had` labels that there are, `delta` what the next assessment may spend, `largestGroup` >= 1.
 * @throws RangeError on lists of unequal length.
 */
export const labelsMissing = (
  expected: ExpectedScores,
  {
    budget: { escapeRate, contract },
    delta,
    had,
    largestGroup = 1,
  }: {
    readonly budget: Pick<Budget, 'escapeRate' | 'contract'>;
    readonly delta: number;
    readonly had: number;
    readonly largestGroup?: number;
  },
): Outlook => {
  const points = pointsOf(expected, contract === 'per-pass');
  const idealShare = points.reduce(
    (best, { share, rate }) => (rate <= escapeRate && share > best ? share : best),
    0,
  );
  const needs: number[] = [];
  const needOf = (c: number): number => {
    needs[c] ??= labelsNeeded(c, escapeRate, delta);
    return needs[c];
  };
  const labelsFor = ({ share, rate }: Point): number => {
    for (let c = 0; c < MOST_BAD && rate < escapeRate; c += 1) {
      const n = needOf(c);
      if ((n + 1) * rate <= c + 1) return (largestGroup * n) / (contract === 'per-pass' ? share : 1);
    }
    return Number.POSITIVE_INFINITY;
  };
  const least = (shareFrom: number): number | null => {
    const labels = points.reduce(
      (best, point) => (point.share >= shareFrom ? Math.min(best, labelsFor(point)) : best),
      Number.POSITIVE_INFINITY,
    );
    return labels === Number.POSITIVE_INFINITY ? null : Math.max(0, Math.ceil(labels) - had);
  };
  return { idealShare, toOpen: least(0), toNear: least(idealShare - NEAR) };
};

/** Weighted share and rate at up to `POINTS` scores, ascending. */
function pointsOf({ scores, bad, weights }: ExpectedScores, among: boolean): Point[] {
  requireSameLength('scores and bad', scores, bad);
  if (weights !== null) requireSameLength('scores and weights', scores, weights);
  const weightOf = (i: number): number => weights?.[i] ?? 1;
  const total = bad.reduce((sum, _, i) => sum + weightOf(i), 0);
  const order = Array.from(scores, (_, i) => i)
    .filter((i) => Number.isFinite(scores[i]))
    .sort((a, b) => scores[a]! - scores[b]!);
  const points: Point[] = [];
  let share = 0;
  let lost = 0;
  let next = 0;
  for (const [at, i] of order.entries()) {
    share += weightOf(i) / total;
    if (bad[i]) lost += weightOf(i) / total;
    const last = at === order.length - 1;
    if (!last && scores[order[at + 1]!] === scores[i]) continue;
    // The step right below a bad unit is where a threshold can end; the others are thinned out.
    if (last || at >= next || bad[order[at + 1]!]) {
      points.push({ share, rate: among ? lost / share : lost });
      next = at + order.length / POINTS;
    }
  }
  return points;
}
