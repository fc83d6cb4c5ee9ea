import { eUpper } from '../anytime/e-process.js';
import { requireShare } from '../bounds/range.js';
import { signLogE } from '../reduction/switchback.js';

/**
 * The three steps in which an `adjust` gate opens (GATE section 11). SHADOW: proposals are not applied, the evidence is
 * agreement with people and gives at most `advise`. TRIAL: a signed lease with half bounds, alternate units by coin.
 * OPEN: the trial rejects "no better" and the out-of-tolerance bound holds.
 */
export type OpeningStep = 'SHADOW' | 'TRIAL' | 'OPEN';

/** What the owner signed. */
export interface OpeningBudget {
  /** Largest P(applied and out of tolerance) per applied unit. */
  readonly alpha: number;
  /** Split in two halves: "no better" and the out-of-tolerance bound. */
  readonly delta: number;
}

/** k of n. */
export interface Count {
  readonly k: number;
  readonly n: number;
}

/** Plain data; a fold over `OpeningEvent`s. */
export interface Opening {
  readonly step: OpeningStep;
  /** Proposals that differed from the person's correction by more than the tolerance, of all in shadow. */
  readonly disagreed: Count;
  /** Trial pairs in which the corrected unit was better, of all pairs with a difference. */
  readonly better: Count;
  /** The sign e-process has rejected "no better" in this epoch. */
  readonly provedBetter: boolean;
  /** Applied corrections that left the unit out of tolerance, of all applied. */
  readonly out: Count;
}

export type OpeningEvent =
  | { readonly kind: 'shadow-proposal'; readonly agreed: boolean }
  | { readonly kind: 'lease-signed' }
  /** `gain` = loss of the unit left alone minus loss of the corrected one; the coin chose which was which. */
  | { readonly kind: 'trial-pair'; readonly gain: number }
  | { readonly kind: 'applied-outcome'; readonly inTolerance: boolean }
  /** Lease expired or withdrawn, release or setting changed, harm shown: from zero. */
  | { readonly kind: 'epoch-ended' };

const NONE: Count = { k: 0, n: 0 };

/** Nothing known yet. */
export const openingStart = (): Opening => ({
  step: 'SHADOW',
  disagreed: NONE,
  better: NONE,
  provedBetter: false,
  out: NONE,
});

const add = (count: Count, hit: boolean): Count => ({ k: count.k + (hit ? 1 : 0), n: count.n + 1 });

/**
 * The state after one event. An event that does not belong to the step changes nothing (a lease signed twice, a late
 * trial pair after the epoch ended).
 *
 * @throws RangeError if alpha or delta lies outside (0, 1).
 */
export const openingStep = (state: Opening, event: OpeningEvent, budget: OpeningBudget): Opening => {
  requireShare('alpha', budget.alpha);
  requireShare('delta', budget.delta);
  switch (event.kind) {
    case 'epoch-ended':
      return openingStart();
    case 'shadow-proposal':
      return state.step === 'SHADOW' ? { ...state, disagreed: add(state.disagreed, !event.agreed) } : state;
    case 'lease-signed':
      return state.step === 'SHADOW' ? { ...state, step: 'TRIAL' } : state;
    case 'trial-pair':
      if (state.step !== 'TRIAL' || !(Math.abs(event.gain) > 0)) return state;
      return judged({ ...state, better: add(state.better, event.gain > 0) }, budget);
    case 'applied-outcome':
      return state.step === 'SHADOW'
        ? state
        : judged({ ...state, out: add(state.out, !event.inTolerance) }, budget);
  }
};

/**
 * OPEN and TRIAL by the evidence. A rejection of "no better" stands once made (Ville); the out-of-tolerance bound must
 * hold now, so a gate whose bound rises above the budget goes back to half bounds.
 */
const judged = (state: Opening, { alpha, delta }: OpeningBudget): Opening => {
  const provedBetter = state.provedBetter || signLogE(state.better.k, state.better.n) >= Math.log(2 / delta);
  const holds = eUpper(state.out.k, state.out.n, delta / 2) <= alpha;
  return { ...state, provedBetter, step: provedBetter && holds ? 'OPEN' : 'TRIAL' };
};

/** What to print: both counts, both bounds and what the gate may do. */
export interface OpeningReport {
  readonly authority: 'none' | 'advise' | 'adjust';
  /** Share of the lease's bounds that may be used. */
  readonly boundShare: 0 | 0.5 | 1;
  /** Agreement with people only: not an outcome. */
  readonly disagreementUpper: number;
  readonly provedBetter: boolean;
  readonly pairs: number;
  readonly outUpper: number;
  readonly outcomes: number;
}

/** The report of a state; pure. */
export const openingReport = (state: Opening, { alpha, delta }: OpeningBudget): OpeningReport => {
  const disagreementUpper = eUpper(state.disagreed.k, state.disagreed.n, delta);
  const acts = state.step !== 'SHADOW';
  return {
    authority: acts ? 'adjust' : disagreementUpper <= alpha ? 'advise' : 'none',
    boundShare: state.step === 'OPEN' ? 1 : acts ? 0.5 : 0,
    disagreementUpper,
    provedBetter: state.provedBetter,
    pairs: state.better.n,
    outUpper: eUpper(state.out.k, state.out.n, delta / 2),
    outcomes: state.out.n,
  };
};
