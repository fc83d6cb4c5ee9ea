import { auditCut } from '../certificate/audit-cut.js';
import type { CertifiedSide } from '../gate/event.js';
import { deltaLedger } from '../gate/ledger.js';
import type { Budget } from '../gate/plan.js';
import { assessmentDelta } from '../learn/spending.js';
import { automaticCalls, type CertifiedSides, certifySides, type EvidenceUnits } from './certify-sides.js';
import { type ExpectedScores, labelsMissing, type Outlook } from './labels-missing.js';

/** One assessment of one applicant on evidence. Everything but `outlook` comes from evidence; see rule LN-3 for who may read it. */
export interface Assessment {
  readonly k: number;
  /** Delta that each side was tested with; 0 = not tested. */
  readonly spent: { readonly accept: number; readonly reject: number };
  /** Units of evidence, and the bad ones among the labelled; for the gate's certificate event. */
  readonly n: number;
  readonly bads: number;
  /** Sides with their share of the n units, as the gate takes them. */
  readonly accept: CertifiedSide | null;
  readonly reject: CertifiedSide | null;
  /** Share of the n units that both sides decide without a person; 0 where nothing was certified. */
  readonly automaticShare: number;
  /** From `expected` alone, never from evidence; null where that was not handed in. */
  readonly outlook: Outlook | null;
}

/**
 * Tests an applicant on evidence that it was neither trained nor chosen on (rule AP-1): the exact certificate of both
 * sides at the ledger's certificate shares, spent by `assessmentDelta`. Valid however many applicants and looks there
 * were before, under the conditions of rule LN-3.
 *
 * @param options.units an even sample (`thinned`) of the stream: all its kept units, those without an answer included.
 * @param options.expected what `outlook` is reckoned from: role training, out of fold.
 * @throws RangeError on lists of unequal length, k or certificates out of range, groups under `per-pass`.
 */
export const assess = ({
  units,
  budget,
  k,
  certificates,
  expected = null,
}: {
  readonly units: EvidenceUnits;
  readonly budget: Budget;
  readonly k: number;
  readonly certificates: number;
  readonly expected?: ExpectedScores | null;
}): Assessment => {
  const ledger = deltaLedger(budget);
  const part = (delta: number, told: { k: number; certificates: number }): number =>
    delta > 0 ? assessmentDelta(delta, told) : 0;
  const spent = {
    accept: part(ledger.accept.certificate, { k, certificates }),
    reject: part(ledger.reject.certificate, { k, certificates }),
  };
  const found = certifySides(units, budget, spent);
  const { scores, bad, groups } = units;
  const sides = { accept: shared(found.accept, scores, true), reject: shared(found.reject, scores, false) };
  const certified = sides.accept !== null || sides.reject !== null;
  const next = { k: k + 1, certificates: certificates + (certified ? 1 : 0) };
  const outlook =
    expected === null
      ? null
      : labelsMissing(expected, {
          budget,
          delta: assessmentDelta(ledger.accept.certificate, next),
          had: bad.length,
          largestGroup: largestOf(groups),
        });
  return {
    k,
    spent,
    n: bad.length,
    bads: bad.filter((label) => label === true).length,
    ...sides,
    automaticShare: shareOf(scores, sides),
    outlook,
  };
};

function shared(
  side: CertifiedSide | null,
  scores: ArrayLike<number>,
  accept: boolean,
): CertifiedSide | null {
  if (side === null) return null;
  const share = shareOf(scores, accept ? { accept: side, reject: null } : { accept: null, reject: side });
  return accept ? { ...side, share, auditCut: auditCut(scores, side.threshold) } : { ...side, share };
}

const shareOf = (scores: ArrayLike<number>, sides: CertifiedSides): number => {
  const calls = automaticCalls(scores, sides);
  return calls.length === 0 ? 0 : calls.filter(Boolean).length / calls.length;
};

function largestOf(groups: readonly string[] | null): number {
  const sizes = new Map<string, number>();
  for (const group of groups ?? []) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  return Math.max(1, ...sizes.values());
}
