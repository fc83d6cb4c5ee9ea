import { certifyPerUnitByGroup, certifyRejectByGroup } from '../certificate/by-group.js';
import {
  type Certificate,
  certifyPerPass,
  certifyPerUnit,
  certifyReject,
} from '../certificate/certificate.js';
import type { CertifiedSide } from '../gate/event.js';
import type { Budget } from '../gate/plan.js';

/** Labelled units that a bound may rest on: an even sample of the stream. */
export interface EvidenceUnits {
  /** Higher = worse. A score that is no finite number is none: such a unit goes to a person. */
  readonly scores: ArrayLike<number>;
  /** Null = a person was to judge it and has not: it counts as wrong on either side. */
  readonly bad: readonly (boolean | null)[];
  /** One per unit where a group is the observation (bad units come in clusters, rule S-36), else null. */
  readonly groups: readonly string[] | null;
}

export interface CertifiedSides {
  readonly accept: CertifiedSide | null;
  readonly reject: CertifiedSide | null;
}

/**
 * The fixed-n certificate of both sides, each at its own delta; a delta of 0 leaves the side out. Where the regions would
 * overlap nothing is rejected automatically: a pass is what was promised first.
 *
 * @throws RangeError on lists of unequal length, a budget or delta out of range, or groups under `per-pass`: there one unit
 *   of each group is to be handed in (`oneUnitPerGroup`).
 */
export const certifySides = (
  units: EvidenceUnits,
  { escapeRate, overkillRate, contract }: Omit<Budget, 'confidence'>,
  delta: { readonly accept: number; readonly reject: number },
): CertifiedSides => {
  const accept = passSide(units, { escapeRate, contract }, delta.accept);
  const reject = overkillRate > 0 && delta.reject > 0 ? rejectSide(units, overkillRate, delta.reject) : null;
  return { accept, reject: accept && reject && reject.threshold <= accept.threshold ? null : reject };
};

function passSide(
  { scores, bad, groups }: EvidenceUnits,
  { escapeRate: alpha, contract }: Pick<Budget, 'escapeRate' | 'contract'>,
  delta: number,
): CertifiedSide | null {
  const lost = bad.map((label, i) => Number.isFinite(scores[i]) && label !== false);
  if (contract === 'per-unit') {
    // A unit without a score is never passed: it is beyond every threshold, and no loss.
    const placed = Float64Array.from(scores, (score) =>
      Number.isFinite(score) ? score : Number.POSITIVE_INFINITY,
    );
    const options = { scores: placed, bad: lost, alpha, delta };
    return sideOf(
      groups === null ? certifyPerUnit(options) : certifyPerUnitByGroup({ ...options, groups }),
      placed,
      Math.max,
    );
  }
  if (groups !== null) throw new RangeError('per pass one unit of each group is evidence: hand in no groups');
  // Among passes only scored units matter, and given their number they are an even sample of the scored ones.
  const scored = lost.flatMap((_, i) => (Number.isFinite(scores[i]) ? [i] : []));
  const placed = Float64Array.from(scored, (i) => scores[i]!);
  return sideOf(
    certifyPerPass({ scores: placed, bad: scored.map((i) => lost[i]!), alpha, delta }),
    placed,
    Math.max,
  );
}

function rejectSide(
  { scores, bad, groups }: EvidenceUnits,
  beta: number,
  delta: number,
): CertifiedSide | null {
  const placed = Float64Array.from(scores, (score) =>
    Number.isFinite(score) ? score : Number.NEGATIVE_INFINITY,
  );
  const keptBad = bad.map((label, i) => !Number.isFinite(scores[i]) || label === true);
  const options = { scores: placed, bad: keptBad, beta, delta };
  return sideOf(
    groups === null ? certifyReject(options) : certifyRejectByGroup({ ...options, groups }),
    placed,
    Math.min,
  );
}

/** A threshold beyond every score decides what the outermost score decides, and has a form in JSON. */
function sideOf(
  { threshold, upper, delta, test }: Certificate,
  placed: Float64Array,
  outermost: (a: number, b: number) => number,
): CertifiedSide | null {
  if (threshold === null) return null;
  if (Number.isFinite(threshold)) return { threshold, upper, delta, test };
  const finite = placed.filter(Number.isFinite);
  if (finite.length === 0) return null;
  return { threshold: finite.reduce((a, b) => outermost(a, b)), upper, delta, test };
}

/** Which units the sides decide without a person; a unit without a score never. */
export const automaticCalls = (scores: ArrayLike<number>, { accept, reject }: CertifiedSides): boolean[] =>
  Array.from(
    scores,
    (score) =>
      Number.isFinite(score) &&
      ((accept !== null && score <= accept.threshold) || (reject !== null && score >= reject.threshold)),
  );
