import {
  type CertifiedSide,
  certifyPerPass,
  certifyPerUnit,
  certifyReject,
  clusterTest,
  type Ledger,
  oneUnitPerGroup,
} from '@selvedge/core';
import type { Contract, Warning } from '@selvedge/core/records';
import { createRandom } from '@selvedge/models';

export interface CalibrationSet {
  /** No NaN. */
  readonly scores: Float64Array;
  readonly bad: readonly boolean[];
  /** One per unit, or null where the set has no groups. */
  readonly groups: readonly string[] | null;
}

/** The units that count as evidence: all, or one of each group where faults come in clusters. */
export function evidenceUnits(
  set: CalibrationSet,
  { seed, independentUnits }: { seed: number; independentUnits: boolean },
): { set: CalibrationSet; clustered: boolean; warnings: Warning[] } {
  if (set.groups === null || independentUnits) return { set, clustered: false, warnings: [] };
  const rng = createRandom(seed ^ 0x636c);
  const { p, clustered } = clusterTest({ groups: set.groups, lost: set.bad, rng: rng.next });
  if (!clustered) return { set, clustered, warnings: [] };
  const kept = oneUnitPerGroup(set.groups, rng.next);
  const detail = `Bad units come in groups (permutation test p = ${p}), so one unit per group counts: ${kept.length} of ${set.scores.length}. More groups, not more units, make the proof stronger`;
  return {
    set: {
      scores: Float64Array.from(kept, (i) => set.scores[i]!),
      bad: kept.map((i) => set.bad[i]!),
      groups: kept.map((i) => set.groups![i]!),
    },
    clustered,
    warnings: [{ code: 'clustered', detail }],
  };
}

/** True where the scores of one group are alike: the martingale then sees one unit per group. */
export function batchCorrelated(set: CalibrationSet, seed: number): boolean {
  if (set.groups === null) return false;
  const sorted = Float64Array.from(set.scores).sort();
  const high = sorted[Math.floor(0.75 * sorted.length)] ?? 0;
  const lost = Array.from(set.scores, (s) => s > high);
  return clusterTest({ groups: set.groups, lost, rng: createRandom(seed ^ 0x6261).next }).clustered;
}

export interface CertifiedSides {
  readonly accept: CertifiedSide | null;
  readonly reject: CertifiedSide | null;
}

/** The fixed-n certificate of a calibration set: both sides, each with its share of delta. */
export function certify(
  { scores, bad }: Pick<CalibrationSet, 'scores' | 'bad'>,
  {
    escape: escapeRate,
    overkill,
    contract,
    ledger,
  }: { escape: number; overkill: number; contract: Contract; ledger: Ledger },
): CertifiedSides {
  const make = contract === 'per-unit' ? certifyPerUnit : certifyPerPass;
  const pass = make({ scores, bad, alpha: escapeRate, delta: ledger.accept.certificate });
  const stop =
    overkill > 0 ? certifyReject({ scores, bad, beta: overkill, delta: ledger.reject.certificate }) : null;
  const side = (c: typeof pass | null): CertifiedSide | null =>
    c === null || c.threshold === null
      ? null
      : { threshold: c.threshold, upper: c.upper, delta: c.delta, test: c.test };
  const accept = side(pass);
  const reject = side(stop);
  // Where the regions would overlap nothing is rejected automatically: a pass is what was promised first.
  return { accept, reject: accept && reject && reject.threshold <= accept.threshold ? null : reject };
}

/**
 * Largest threshold at which the out-of-fold escape rate is at most half the budget: fixed before the first
 * label of the plant, so that a live e-process may start with it. Null where the fit set knows no bad unit.
 */
export function rampThreshold(
  { scores, bad }: { scores: ArrayLike<number>; bad: readonly boolean[] },
  alpha: number,
): number | null {
  const order = Array.from({ length: scores.length }, (_, i) => i)
    .filter((i) => Number.isFinite(scores[i]!))
    .sort((a, b) => scores[a]! - scores[b]!);
  if (!order.some((i) => bad[i])) return null;
  const allowed = Math.floor((alpha / 2) * order.length);
  let wrong = 0;
  let threshold: number | null = null;
  for (const i of order) {
    if (bad[i]) wrong++;
    if (wrong > allowed) break;
    threshold = scores[i]!;
  }
  return threshold;
}

/** Deals of the scores to the labels at random. */
const DEALS = 40;

/**
 * What blind passing would have certified: the median share over random deals of the scores to the labels, and
 * whether the real share lies within what blind passing reaches in one deal of twenty (a permutation test).
 */
export function blindShare(
  { scores, bad }: Pick<CalibrationSet, 'scores' | 'bad'>,
  options: Parameters<typeof certify>[1],
  { share, seed }: { share: number; seed: number },
): { median: number; noBetter: boolean } {
  const rng = createRandom(seed ^ 0x626c);
  const dealt = Float64Array.from(scores);
  const shares = Array.from({ length: DEALS }, () => {
    rng.shuffle(dealt);
    return shareUpTo(dealt, certify({ scores: dealt, bad }, options).accept?.threshold ?? null);
  }).sort((a, b) => a - b);
  const reached = shares.filter((s) => s >= share).length;
  return { median: shares[DEALS / 2]!, noBetter: reached + 1 > (DEALS + 1) / 20 };
}

export function shareUpTo(scores: Float64Array, threshold: number | null): number {
  if (threshold === null) return 0;
  return scores.reduce((n, s) => n + (s <= threshold ? 1 : 0), 0) / scores.length;
}
