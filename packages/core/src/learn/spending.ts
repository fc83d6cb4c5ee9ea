import { requireCounts, requireShare } from '../bounds/range.js';

/** Share of delta, from the second assessment on, for histories in which a certificate was told. */
const AFTER_CERTIFICATE = 1 / 4;
/** What a told certificate may be taken to say at most: which of so many cells its threshold lies in. */
export const CERTIFICATE_CELLS = 100;

/**
 * The part of delta that the k-th assessment on evidence that earlier ones share may spend (rule LN-3). Where the
 * applicant was made without knowing any certificate on this evidence: delta / (k (k + 1)), of which from the second
 * number on a quarter is set aside for the others. Made after j = `certificates` told ones: delta / (4 k (k + 1) j (j + 1)
 * C(k - 1, j) 100^j). The sum over every history that can be told is at most delta, so the promise holds whatever of the
 * told results an applicant was made after (description-length union bound: Dwork et al., NIPS 2015, section 4; proof and
 * conditions in SPEC.md).
 *
 * @param delta the side's certificate share of `deltaLedger`, in (0, 1).
 * @param history.k 1, 2, ...: the number that the assessment took before its evidence was looked at, among all assessments
 *   (every applicant's, and every look anew at grown evidence) since the evidence began.
 * @param history.certificates those of them, on either side, that were told before the applicant was fixed, 0 <= j < k; 0
 *   for one that was fixed before the first, or is tested on evidence from after the last alone.
 * @throws RangeError on numbers outside these ranges.
 */
export const assessmentDelta = (
  delta: number,
  { k, certificates }: { readonly k: number; readonly certificates: number },
): number => {
  requireShare('delta', delta);
  requireCounts(certificates, k - 1);
  const series = delta / (k * (k + 1));
  if (k === 1) return series;
  if (certificates === 0) return series * (1 - AFTER_CERTIFICATE);
  const j = certificates;
  return (series * AFTER_CERTIFICATE) / (j * (j + 1)) / (choose(k - 1, j) * CERTIFICATE_CELLS ** j);
};

/** Binomial coefficient, n >= j >= 0. */
const choose = (n: number, j: number): number => {
  let value = 1;
  for (let i = 1; i <= j; i += 1) value *= (n - j + i) / i;
  return value;
};
