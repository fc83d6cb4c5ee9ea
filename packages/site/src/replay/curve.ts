import { binomialUpper, curveByGroup } from '@selvedge/core';
import type { Contract, Evidence } from '@selvedge/core/records';
import type { EvidenceSet } from './evidence-units.js';

/**
 * Automatic share of a calibration set against the one-sided upper bound of its escape rate, at 100
 * thresholds (quantiles of the scores). Each bound holds for a threshold fixed beforehand.
 */
export function shareCurve(
  { scores, bad, groups, byGroup }: EvidenceSet,
  { contract, alpha, delta }: { contract: Contract; alpha: number; delta: number },
): Evidence['curve']['points'] {
  if (byGroup && groups !== null) {
    const n = scores.length;
    return curveByGroup({ scores, bad, groups, alpha, delta }).map(({ share, k, upper }) => ({
      share,
      escapeUpper: upper,
      escapeRate: k / n,
    }));
  }
  const order = Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[a]! - scores[b]!);
  const n = order.length;
  const points: Evidence['curve']['points'][number][] = [];
  let passed = 0;
  let wrong = 0;
  for (let j = 1; j <= 100; j++) {
    const rank = Math.floor((j * n) / 100);
    if (rank === 0) continue;
    const threshold = scores[order[rank - 1]!]!;
    while (passed < n && scores[order[passed]!]! <= threshold) {
      if (bad[order[passed]!]) wrong++;
      passed++;
    }
    const of = contract === 'per-unit' ? n : passed;
    points.push({ share: passed / n, escapeUpper: binomialUpper(wrong, of, delta), escapeRate: wrong / of });
  }
  return points;
}
