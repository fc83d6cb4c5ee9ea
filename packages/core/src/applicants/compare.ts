import { logNormalCdf } from '../bounds/incomplete-gamma.js';
import { normalQuantile } from '../bounds/normal.js';
import { requireSameLength, requireShare } from '../bounds/range.js';
import { studentQuantile, studentTail } from '../bounds/student.js';

/** Two applicants on the same units. Shares 0..1; `difference` = share of b minus share of a, -1..1. */
export interface Comparison {
  readonly n: number;
  readonly shareA: number;
  readonly shareB: number;
  readonly difference: number;
  readonly interval: readonly [number, number];
  /** One-sided p-value of "b decides no larger share than a" [A]. */
  readonly p: number;
  /** Units that only one of them decides without a person. */
  readonly onlyA: number;
  readonly onlyB: number;
}

/**
 * The paired difference of two automatic shares at the thresholds that were certified on the same units, with an
 * interval [A] (rule AP-3). What it speaks of is the true difference of the shares **at these thresholds**, which is what
 * would be gained by the change: not what a fresh certificate would give. A bootstrap that certifies each resample
 * anew asks that other question, and fails at it: a threshold lies right below one of the few worst bad units, an
 * extreme that resampling does not imitate (Bickel, Goetze and van Zwet 1997).
 *
 * Independent units: the adjusted Wald interval of Bonett and Price (2012), one unit added to either kind of
 * disagreement. Groups: ratio of group sums with the linearised variance and Student's t on groups - 1 degrees, two units
 * added alike. No chance is needed.
 *
 * @param options `a`, `b` whether each decides the unit without a person (`automaticCalls`); `groups` one per unit, or null
 *   where units are independent; `confidence` of the interval, .95 by default.
 * @throws RangeError on lists of unequal length, no unit, or a confidence outside (0, 1).
 */
export const compareShares = ({
  a,
  b,
  groups,
  confidence = 0.95,
}: {
  readonly a: readonly boolean[];
  readonly b: readonly boolean[];
  readonly groups: readonly string[] | null;
  readonly confidence?: number;
}): Comparison => {
  requireSameLength('a and b', a, b);
  if (groups !== null) requireSameLength('groups and a', groups, a);
  requireShare('confidence', confidence);
  const n = a.length;
  if (n === 0) throw new RangeError('nothing to compare: no unit');
  const onlyA = a.filter((one, i) => one && !b[i]).length;
  const onlyB = b.filter((one, i) => one && !a[i]).length;
  const centre = (onlyB - onlyA) / (n + 2);
  const within = (1 - confidence) / 2;
  const { error, reach, tail } =
    groups === null
      ? {
          error: Math.sqrt(((onlyA + onlyB + 2) / (n + 2) - centre * centre) / (n + 2)),
          reach: normalQuantile(1 - within),
          tail: (z: number) => Math.exp(logNormalCdf(-z)),
        }
      : byGroup(groups, (i) => Number(b[i]) - Number(a[i]), centre, within);
  return {
    n,
    shareA: a.filter(Boolean).length / n,
    shareB: b.filter(Boolean).length / n,
    difference: (onlyB - onlyA) / n,
    interval: [Math.max(-1, centre - reach * error), Math.min(1, centre + reach * error)],
    p: tail(centre / error),
    onlyA,
    onlyB,
  };
};

/** Linearised variance of a ratio of group sums; two groups of one unit, +1 and -1, are added. */
function byGroup(
  groups: readonly string[],
  differenceOf: (unit: number) => number,
  centre: number,
  within: number,
): { error: number; reach: number; tail: (t: number) => number } {
  const residuals = new Map<string, number>();
  groups.forEach((group, i) => {
    residuals.set(group, (residuals.get(group) ?? 0) + differenceOf(i) - centre);
  });
  const count = residuals.size + 2;
  let squares = (1 - centre) ** 2 + (1 + centre) ** 2;
  for (const residual of residuals.values()) squares += residual * residual;
  const error = Math.sqrt((squares * count) / (count - 1)) / (groups.length + 2);
  const degrees = Math.max(1, residuals.size - 1);
  return { error, reach: studentQuantile(1 - within, degrees), tail: (t) => studentTail(t, degrees) };
}
