import { correctForMisses, type Meaning } from '../reader/label-noise.js';
import { boundOf, meaningOn } from './live-bound.js';
import { budgetOf, liveUpper, regionBudget, type SideName } from './side.js';
import type { GateState } from './state.js';
import { counted } from './weighting.js';

/** What may be shown as promised, and what has been collected since. Rates are 0..1. */
export interface Promised {
  /** `certificate`: the bound of the day it was made; `live`: the audits alone prove it; null: nothing is promised. */
  readonly source: 'certificate' | 'live' | null;
  readonly upper: number | null;
  /** What both bounds are about: below 60 read seeds agreement with operators, of the overkill side always. */
  readonly meaning: Meaning;
  /** When the certificate was made; null for the live bound, which holds at every moment. */
  readonly atMs: number | null;
  /** The live bound, shown as evidence collected since. */
  readonly liveUpper: number;
  /** Blind answers without a further fault until the live bound lies within the budget, of weight 1; null = it never will. */
  readonly answersNeeded: number | null;
}

/** Answers beyond which waiting is no plan. */
const NEVER = 2 ** 24;

/**
 * Rules G-6, G-19: the certificate's bound with its date, until the live bound alone lies within the budget. From 60
 * read seeds on the certificate's bound too is divided by 1 - U_miss: its labels came from the same readers. It
 * may then exceed the budget, and is shown as it is.
 */
export function promise(state: GateState, side: SideName = 'accept'): Promised {
  const nothing: Promised = {
    source: null,
    upper: null,
    meaning: meaningOn(state, side),
    atMs: null,
    liveUpper: liveUpper(state, side),
    answersNeeded: needed(state, side),
  };
  if (state.name === 'shadow' || state.name === 'closed' || state[side].threshold === null) return nothing;
  if (nothing.liveUpper <= budgetOf(state, side))
    return { ...nothing, source: 'live', upper: nothing.liveUpper };
  const certified = state.certificate?.[side] ?? null;
  if (certified === null || state.certificate === null) return nothing;
  const missed = nothing.meaning === 'truth' ? state.seeds.missUpper : 0;
  const upper = correctForMisses(certified.upper, missed);
  return { ...nothing, source: 'certificate', upper, atMs: state.certificate.atMs };
}

function needed(state: GateState, side: SideName): number | null {
  if (state.ledger[side].live === 0) return null;
  const labels = state[side];
  // A label of weight 1 means the same in both processes; the running one is the one that grows.
  const weight = labels.weighting ? 1 : null;
  const allowed = regionBudget(state, side);
  const enough = (more: number): boolean =>
    boundOf(state, side, counted(labels, weight, { n: more, k: 0, overdue: 0 })) <= allowed;
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
