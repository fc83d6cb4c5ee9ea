import { harmStart, harmStatistic } from '../anytime/harm.js';
import type { AnswerEvent, GateEffect } from './event.js';
import { foundHarm } from './found-harm.js';
import { close, moveTo, renewed, reset } from './lifecycle.js';
import { rampRate, regionBudget, withLabel } from './side.js';
import type { GateState, Pending } from './state.js';
import type { Step } from './step.js';
import { counted, startWeighting } from './weighting.js';

/** A person's answer (rules G-3, G-7). Only the first blind answer to a pending question is evidence. */
export function onAnswer(state: GateState, event: AnswerEvent): Step {
  const asked = state.pending.find(({ unitId }) => unitId === event.unitId);
  if (asked === undefined) return { state, effects: [] };
  const answered: GateState = {
    ...state,
    pending: state.pending.filter((question) => question !== asked),
    overdueAudits: state.overdueAudits - (asked.audit && asked.overdue ? 1 : 0),
  };
  if (!event.blind) return { state: answered, effects: [] };
  return evidence(answered, asked, event);
}

function evidence(state: GateState, { region, audit, overdue, weight }: Pending, event: AnswerEvent): Step {
  const { bad } = event;
  const firstBad = audit && region === 'accept' && bad && state.boostLeft === 0;
  let next: GateState = { ...state, [region]: withLabel(state, region, { bad, late: overdue, weight }) };
  if (next.renewal !== null && region === 'accept') {
    const { renewal } = next;
    const labels = counted(renewal, weight, { n: 1, k: bad ? 1 : 0, overdue: 0 });
    next = { ...next, renewal: { ...renewal, ...labels } };
  }
  if (audit && region === 'accept' && bad) next = startWeighting(next);
  const effects: GateEffect[] = [];
  if (firstBad) {
    next = { ...next, boostLeft: next.plan.settings.boostAudits };
    effects.push({
      type: 'alarm',
      what: 'bad-audit',
      why: `audit of ${event.unitId} found a bad unit: audits are raised`,
    });
  }
  if (next.name === 'watch') next = { ...next, watch: { ...next.watch, audits: next.watch.audits + 1 } };
  return then(settle(next), effects);
}

/** Rule G-10: what the evidence so far means for the state. The order is: harm, watch, ramp, renewal. */
export function settle(state: GateState): Step {
  if (state.name === 'closed') return { state, effects: [] };
  const { settings } = state.plan;
  const found = foundHarm(state);
  const harm = Math.max(harmStatistic(state.accept.harm), harmStatistic(state.reject.harm), found);
  const deciding = state.name !== 'shadow';
  if (deciding && harm >= settings.harmClose) {
    const where = found === harm ? 'more bad units are found downstream' : 'the audits find more bad units';
    return close(state, `harm: ${where} than the budget allows`);
  }
  const rated: GateState =
    deciding && state.ramped ? { ...state, accept: { ...state.accept, rate: rampRate(state) } } : state;
  if ((rated.name === 'open' || rated.name === 'ramp') && harm >= settings.harmWatch) {
    const watching: GateState = {
      ...rated,
      before: rated.name,
      watch: { audits: 0, alarmed: false },
      flow: reset(rated.flow),
    };
    const where = found === harm ? 'downstream' : 'among the audits';
    return moveTo(watching, 'watch', `more bad units ${where} than expected: audits are raised`);
  }
  if (rated.name === 'watch' && !rated.expired && calm(rated, harm)) {
    return moveTo(rated, rated.before, `${settings.watchAudits} audits without harm or score alarm`);
  }
  if (rated.name === 'shadow') return fromShadow(rated);
  const { rate } = rated.accept;
  if (rated.name === 'ramp' && rate <= settings.auditFloorAccept) {
    return moveTo(rated, 'open', 'the live bound has brought the audits down to their floor');
  }
  return renewed(rated);
}

function calm({ watch, plan }: GateState, harm: number): boolean {
  return watch.audits >= plan.settings.watchAudits && harm < plan.settings.watchEndHarm && !watch.alarmed;
}

/** Rule G-11: shadow opens on live evidence only after the planned certificate has been heard, per unit by the ramp. */
function fromShadow(state: GateState): Step {
  const { plan, accept } = state;
  const waiting = plan.plannedUnits !== null && state.certificate === null;
  if (waiting || accept.threshold === null || plan.safety) return { state, effects: [] };
  const allowed = regionBudget(state, 'accept');
  if (plan.budget.contract === 'per-pass') {
    if (accept.upper > allowed) return { state, effects: [] };
    const rate = plan.settings.auditFloorAccept;
    return moveTo(
      { ...state, accept: { ...accept, rate, harm: harmStart() } },
      'open',
      'the live bound lies within the budget',
    );
  }
  if (accept.n < plan.settings.rampLabels || accept.upper > plan.settings.rampCap * allowed)
    return { state, effects: [] };
  const ramped: GateState = {
    ...state,
    ramped: true,
    accept: { ...accept, rate: rampRate(state), harm: harmStart() },
  };
  return moveTo(ramped, 'ramp', 'the live bound allows a first part of the calls');
}

function then(step: Step, before: readonly GateEffect[]): Step {
  return before.length === 0 ? step : { state: step.state, effects: [...before, ...step.effects] };
}
