import type { GateStateName } from '../records/replay-document.js';
import type { GateEvent } from './event.js';
import { boundOf } from './live-bound.js';
import { regionBudget } from './side.js';
import { type Evidence, type Flow, freshJumper, type GateState, startGate } from './state.js';
import type { Step } from './step.js';
import { counted } from './weighting.js';

/** The state under another name, with the transition told. */
export function moveTo(state: GateState, to: GateStateName, why: string): Step {
  return {
    state: { ...state, name: to, reason: why },
    effects: [{ type: 'transition', from: state.name, to, why }],
  };
}

/** Closes the gate: a person decides everything until a new epoch. Closing twice keeps the first reason. */
export function close(state: GateState, why: string): Step {
  return state.name === 'closed' ? { state, effects: [] } : moveTo(state, 'closed', why);
}

/** From zero: no evidence of the old epoch counts. */
export function newEpoch(state: GateState, event: Extract<GateEvent, { type: 'new-epoch' }>): Step {
  const { rampThreshold, plannedUnits, rampAuditCut = null } = event;
  const plan = { ...state.plan, plannedUnits, rampThreshold, rampAuditCut };
  const fresh = startGate(plan, { atMs: event.atMs, epoch: state.epoch + 1 });
  return {
    state: { ...fresh, reason: 'new epoch' },
    effects: [{ type: 'transition', from: state.name, to: 'shadow', why: 'new epoch: evidence from zero' }],
  };
}

/** The martingales start again: what they have seen is known, they look for what comes. */
export const reset = (flow: Flow): Flow => ({
  ...flow,
  level: freshJumper(),
  spread: freshJumper(),
  alarmed: false,
});

/**
 * Rule G-14, expiry: a renewal starts at half of the period, or earlier when enough audits have come in; the period ends
 * by time alone, since audits that are raised for caution must not make evidence older. Without a renewal: watch, and
 * after a second period closed.
 */
export function onTick(state: GateState, atMs: number): Step {
  const deciding = state.name === 'open' || state.name === 'ramp' || state.name === 'watch';
  if (!deciding) return { state, effects: [] };
  const { expiryMs, expiryBudgets } = state.plan.settings;
  const used = (atMs - state.periodAtMs) / expiryMs;
  const audited = (state.periodAudits * state.plan.budget.escapeRate) / expiryBudgets;
  const renewing: GateState =
    Math.max(used, audited) >= 0.5 && state.renewal === null
      ? { ...state, renewal: { n: 0, k: 0, overdue: 0, weighted: [], atMs } }
      : state;
  if (used >= 2) return close(renewing, 'expired: the evidence was not renewed');
  if (used >= 1 && !renewing.expired) {
    const watching: GateState = { ...renewing, expired: true };
    if (state.name === 'watch') return { state: watching, effects: [] };
    return moveTo(
      { ...watching, before: state.name, watch: { audits: 0, alarmed: false } },
      'watch',
      'the evidence is expiring and not renewed yet',
    );
  }
  return { state: renewing, effects: [] };
}

/** The renewal takes over when its own bound lies within the budget: a new period starts with it. */
export function renewed(state: GateState): Step {
  const { renewal, accept } = state;
  if (renewal === null) return { state, effects: [] };
  const upper = boundOf(state, 'accept', renewal);
  if (upper > regionBudget(state, 'accept')) return { state, effects: [] };
  const fresh: GateState = {
    ...state,
    accept: { ...accept, n: renewal.n, k: renewal.k, weighted: takenOver(accept, renewal), upper },
    renewal: null,
    periodAtMs: renewal.atMs,
    periodAudits: renewal.weighted.reduce((sum, { n }) => sum + n, renewal.n),
    expired: false,
  };
  return state.expired && state.name === 'watch'
    ? moveTo(fresh, state.before, 'the evidence was renewed')
    : { state: fresh, effects: [] };
}

/** The renewal's labels; answers that are overdue stay so. */
const takenOver = (old: Evidence, fresh: Evidence): Evidence['weighted'] =>
  old.weighted.reduce(
    (rows, { weight, overdue }) => (overdue === 0 ? rows : counted(rows, weight, { n: 0, k: 0, overdue })),
    fresh,
  ).weighted;
