import { harmStep } from '../anytime/harm.js';
import { binomialUpper } from '../bounds/binomial.js';
import { boundOf } from './live-bound.js';
import type { GateState, Pending, Side } from './state.js';
import { counted } from './weighting.js';

/** A region so small that it may hold anything is still held to this; the harm detector needs a rate below .9. */
const HIGHEST_RATE = 0.85;

export type SideName = 'accept' | 'reject';

/** The budget of a side: escapes for accept, overkills for reject. */
export const budgetOf = ({ plan }: GateState, side: SideName): number =>
  side === 'accept' ? plan.budget.escapeRate : plan.budget.overkillRate;

/**
 * Rule G-2. What P(wrong | region) may be: the budget itself per pass; per unit the budget divided by the upper
 * bound of the region's share, since P(wrong and region) = P(region) P(wrong | region).
 */
export function regionBudget(state: GateState, side: SideName): number {
  const budget = budgetOf(state, side);
  if (side === 'accept' && state.plan.budget.contract === 'per-pass') return budget;
  return Math.min(HIGHEST_RATE, budget / state[side].share);
}

/** Rule G-3: one more label in a region; an overdue audit counts as wrong until it is answered. */
export function withLabel(
  state: GateState,
  side: SideName,
  { bad, late, weight }: { bad: boolean; late: boolean; weight: number | null },
): Side {
  const old = state[side];
  const wrong = side === 'accept' ? bad : !bad;
  const labels = counted(old, weight, { n: 1, k: wrong ? 1 : 0, overdue: late ? -1 : 0 });
  const harm = harmStep(old.harm, wrong, regionBudget(state, side), weight ?? 1);
  return bounded(state, side, { ...old, ...labels, harm });
}

export const withOverdue = (state: GateState, { region, weight }: Pending): Side => {
  const old = state[region];
  return bounded(state, region, { ...old, ...counted(old, weight, { n: 0, k: 0, overdue: 1 }) });
};

/** Rule G-4: the region's share bounded anew at doubling checkpoints j = 0, 1, ... with delta / ((j+1)(j+2)). */
export function withShare(
  state: GateState,
  side: SideName,
  count: number,
  units: number,
  checkpoint: number,
): Side {
  const delta = state.ledger[side].region / ((checkpoint + 1) * (checkpoint + 2));
  const old = state[side];
  return old.threshold !== null ? { ...old, share: binomialUpper(count, units, delta) } : old;
}

function bounded(state: GateState, side: SideName, next: Side): Side {
  return { ...next, upper: boundOf(state, side, next) };
}

/** The same labels under what is known of the readers by now. */
export const boundedAnew = (state: GateState, side: SideName): Side => bounded(state, side, state[side]);

/**
 * Rule G-5, the ramp: a = clip(1 - r / U, floor, 1) with r of rule G-2, so that
 * P(escape | past) = share x R x (1 - a) <= budget while U >= R. No automation while U > rampCap x r.
 */
export function rampRate(state: GateState): number {
  const { upper } = state.accept;
  const allowed = regionBudget(state, 'accept');
  if (upper > state.plan.settings.rampCap * allowed) return 1;
  const { auditFloorAccept, weightedLow } = state.plan.settings;
  const floor = state.accept.weighting ? weightedLow : auditFloorAccept;
  return Math.min(1, Math.max(floor, 1 - allowed / upper));
}

/**
 * Rule G-6: what the labels of the running epoch prove, by the contract: per unit U x region share, per pass
 * U; 0..1. It holds at every moment at once, at confidence 1 - live - region of the side's ledger.
 */
export function liveUpper(state: GateState, side: SideName = 'accept'): number {
  const { upper, share } = state[side];
  if (side === 'accept' && state.plan.budget.contract === 'per-pass') return upper;
  return Math.min(1, upper * share);
}
