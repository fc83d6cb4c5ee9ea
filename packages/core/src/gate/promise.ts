import { eUpper } from '../anytime/e-process.js';
import { budgetOf, liveUpper, regionBudget, type SideName } from './side.js';
import type { GateState } from './state.js';

/** What may be shown as promised, and what has been collected since. Rates are 0..1. */
export interface Promised {
  /** `certificate`: the bound of the day it was made; `live`: the audits alone prove it; null: nothing is promised. */
  readonly source: 'certificate' | 'live' | null;
  readonly upper: number | null;
  /** When the certificate was made; null for the live bound, which holds at every moment. */
  readonly atMs: number | null;
  /** The live bound, shown as evidence collected since. */
  readonly liveUpper: number;
  /** Blind answers without a further fault until the live bound lies within the budget; null = it never will. */
  readonly answersNeeded: number | null;
}

/** Answers beyond which waiting is no plan. */
const NEVER = 2 ** 24;

/** Rule G-6: the certificate's bound with its date, until the live bound alone lies within the budget. */
export function promise(state: GateState, side: SideName = 'accept'): Promised {
  const live = liveUpper(state, side);
  const answersNeeded = needed(state, side);
  if (state.name === 'shadow' || state.name === 'closed' || state[side].threshold === null)
    return { source: null, upper: null, atMs: null, liveUpper: live, answersNeeded };
  if (live <= budgetOf(state, side))
    return { source: 'live', upper: live, atMs: null, liveUpper: live, answersNeeded };
  const certified = state.certificate?.[side] ?? null;
  if (certified === null || state.certificate === null)
    return { source: null, upper: null, atMs: null, liveUpper: live, answersNeeded };
  return {
    source: 'certificate',
    upper: certified.upper,
    atMs: state.certificate.atMs,
    liveUpper: live,
    answersNeeded,
  };
}

function needed(state: GateState, side: SideName): number | null {
  const { k, n, overdue } = state[side];
  const delta = state.ledger[side].live;
  if (delta === 0) return null;
  const allowed = regionBudget(state, side);
  const enough = (more: number): boolean => eUpper(k + overdue, n + overdue + more, delta) <= allowed;
  if (enough(0)) return 0;
  let high = 1;
  while (!enough(high)) {
    if (high >= NEVER) return null;
    high *= 2;
  }
  let low = Math.floor(high / 2);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return high;
}
