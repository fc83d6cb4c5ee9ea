import { type CertifiedSides, certifySides, type Ledger } from '@selvedge/core';
import type { Contract } from '@selvedge/core/records';
import { createRandom } from '@selvedge/models';
import { type CalibrationSet, drawSeed, type EvidenceSet, evidenceOf } from './evidence-units.js';
import { rocAuc } from './measures.js';

export type { CalibrationSet, EvidenceSet };

/** What counts as evidence, by draws that the seed fixes. */
export function evidenceUnits(
  set: CalibrationSet,
  { seed, ...of }: { seed: number; independentUnits: boolean; contract: Contract },
): ReturnType<typeof evidenceOf> {
  return evidenceOf(set, { ...of, rng: createRandom(drawSeed(seed)).next });
}

/** The fixed-n certificate of a calibration set: both sides, each with its share of delta. */
export function certify(
  { scores, bad, groups, byGroup }: EvidenceSet,
  {
    escape: escapeRate,
    overkill,
    contract,
    ledger,
  }: { escape: number; overkill: number; contract: Contract; ledger: Ledger },
): CertifiedSides {
  return certifySides(
    { scores, bad, groups: byGroup ? groups : null },
    { escapeRate, overkillRate: overkill, contract },
    { accept: ledger.accept.certificate, reject: ledger.reject.certificate },
  );
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

/** Upper 1 % quantile of the standard normal distribution. */
const Z_ONE_PERCENT = 2.326;
/** Deals of the scores to the labels at random. */
const DEALS = 40;

/**
 * What blind passing would have certified: the median share over random deals of the scores to the labels, and
 * whether the model is not shown to do better: the real share lies within what blind passing reaches in one deal of
 * twenty (a permutation test), or its scores do not part bad from good at the 1 % level (Mann-Whitney). Two looks,
 * since the share alone is luck once in twenty sets.
 */
export function blindShare(
  set: EvidenceSet,
  options: Parameters<typeof certify>[1],
  { share, seed }: { share: number; seed: number },
): { median: number; noBetter: boolean } {
  const rng = createRandom(seed ^ 0x626c);
  const dealt = Float64Array.from(set.scores);
  const shares = Array.from({ length: DEALS }, () => {
    rng.shuffle(dealt);
    return shareUpTo(dealt, certify({ ...set, scores: dealt }, options).accept?.threshold ?? null);
  }).sort((a, b) => a - b);
  const reached = shares.filter((s) => s >= share).length;
  return { median: shares[DEALS / 2]!, noBetter: reached + 1 > (DEALS + 1) / 20 || !partsBadFromGood(set) };
}

/** One-sided Mann-Whitney test at 1 %, in its normal form: var(AUC) = (n + 1) / (12 bads goods) where nothing is parted. */
function partsBadFromGood({ scores, bad }: Pick<CalibrationSet, 'scores' | 'bad'>): boolean {
  const auc = rocAuc(scores, bad);
  if (auc === null) return false;
  const bads = bad.filter(Boolean).length;
  const spread = Math.sqrt((scores.length + 1) / (12 * bads * (scores.length - bads)));
  return auc - 0.5 > Z_ONE_PERCENT * spread;
}

export function shareUpTo(scores: Float64Array, threshold: number | null): number {
  if (threshold === null) return 0;
  return scores.reduce((n, s) => n + (s <= threshold ? 1 : 0), 0) / scores.length;
}
