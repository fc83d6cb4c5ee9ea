import { jumperStep } from '../drift/jumper.js';
import { auditRate } from './audit-rate.js';
import type { Decide, GateEffect, Region, UnitEvent } from './event.js';
import { close } from './lifecycle.js';
import { type SideName, withShare } from './side.js';
import { type Flow, type GateState, type Pending, withFlow } from './state.js';
import type { Step } from './step.js';
import { auditPropensity } from './weighting.js';

/** A unit has arrived. The hot path: one decision, at most one alarm. */
export function onUnit(state: GateState, event: UnitEvent): Step {
  if (Number.isNaN(event.score))
    return { state, effects: [ask(state, event, 'between', 'no score: a person decides')] };
  if (event.scope !== state.plan.scope && state.name !== 'closed') {
    const shut = close(state, `scope ${event.scope} is outside the certificate's scope ${state.plan.scope}`);
    return {
      state: shut.state,
      effects: [...shut.effects, ask(shut.state, event, 'between', shut.state.reason)],
    };
  }
  const region = regionOf(state, event.score);
  const next = atCheckpoint(withFlow(state, flowed(state, event, region)));
  const decision = decide(next, event, region);
  const counted = questioned(next, event, decision);
  return watched(counted, decision);
}

/** Rules G-7, G-8: what the two martingales say. An alarm is over when both have fallen well below it. */
function watched(state: GateState, decision: Decide): Step {
  const { level, spread, alarmed } = state.flow;
  const logSr = Math.max(level.logShiryaevRoberts, spread.logShiryaevRoberts);
  const { scoreAlarm, scoreCalm, unknownRegime } = state.plan.settings;
  if (!alarmed && logSr < Math.log(scoreAlarm)) return { state, effects: [decision] };
  if (logSr >= Math.log(unknownRegime) && state.name !== 'closed') {
    const shut = close(state, 'unknown regime: the scores no longer look like those of this epoch');
    return { state: shut.state, effects: [decision, ...shut.effects] };
  }
  if (!alarmed) return scoreAlarmed(state, decision);
  if (logSr >= Math.log(scoreCalm)) return { state, effects: [decision] };
  return { state: { ...state, flow: { ...state.flow, alarmed: false } }, effects: [decision] };
}

/** Rule G-7: a score alarm raises the audits at once, changes no state and is told once. */
function scoreAlarmed(state: GateState, decision: Decide): Step {
  const alarm: GateEffect = {
    type: 'alarm',
    what: 'score',
    why: 'the scores have shifted: audits are raised',
  };
  return {
    state: {
      ...state,
      boostLeft: state.plan.settings.boostAudits,
      watch: { ...state.watch, alarmed: true },
      flow: { ...state.flow, alarmed: true },
    },
    effects: [decision, alarm],
  };
}

function regionOf({ accept, reject }: GateState, score: number): Region {
  if (reject.threshold !== null && score >= reject.threshold) return 'reject';
  return accept.threshold !== null && score <= accept.threshold ? 'accept' : 'between';
}

function flowed({ flow, plan }: GateState, event: UnitEvent, region: Region): Flow {
  const newLot = event.lot !== null && event.lot !== flow.lot;
  const lotLeft = newLot && flow.lot !== null ? plan.settings.lotUnits : flow.lotLeft;
  return {
    units: flow.units + 1,
    inAccept: flow.inAccept + (region === 'accept' ? 1 : 0),
    inReject: flow.inReject + (region === 'reject' ? 1 : 0),
    nextCheckpoint: flow.nextCheckpoint,
    checkpoint: flow.checkpoint,
    level: event.pLevel === null ? flow.level : jumperStep(flow.level, event.pLevel),
    spread: event.pSpread === null ? flow.spread : jumperStep(flow.spread, event.pSpread),
    alarmed: flow.alarmed,
    lot: event.lot ?? flow.lot,
    lotLeft: region === 'accept' && lotLeft > 0 ? lotLeft - 1 : lotLeft,
  };
}

function atCheckpoint(state: GateState): GateState {
  const { flow } = state;
  if (flow.units < flow.nextCheckpoint) return state;
  return {
    ...state,
    accept: withShare(state, 'accept', flow.inAccept, flow.units, flow.checkpoint),
    reject: withShare(state, 'reject', flow.inReject, flow.units, flow.checkpoint),
    flow: { ...flow, nextCheckpoint: flow.nextCheckpoint * 2, checkpoint: flow.checkpoint + 1 },
  };
}

/** Notes a question whose answer will be evidence; every unit of a region that is asked, and the audits. */
function questioned(
  state: GateState,
  event: UnitEvent,
  { region, by, audit, propensity }: Decide,
): GateState {
  if (region === 'between' || state.name === 'closed' || (by === 'gate' && !audit)) return state;
  const { unitId, atMs } = event;
  const weight = region === 'accept' && state.accept.weighting ? lowestOver(state, propensity) : null;
  const question: Pending = { unitId, region, askedAtMs: atMs, audit, overdue: false, weight };
  const asked = { ...state, pending: [...state.pending, question] };
  return audit ? audited(asked, region) : asked;
}

/** A unit that everybody of its region would be asked about has propensity 1 and weight 1. */
const lowestOver = (state: GateState, propensity: number): number =>
  Math.min(1, auditRate(state, 'accept') / propensity);

function audited(state: GateState, region: SideName): GateState {
  const { probationLeft = 0 } = state;
  return {
    ...state,
    ...(region === 'accept' && probationLeft > 0 ? { probationLeft: probationLeft - 1 } : {}),
    audits: state.audits + 1,
    periodAudits: state.periodAudits + 1,
    boostLeft: state.boostLeft > 0 ? state.boostLeft - 1 : 0,
  };
}

function decide(state: GateState, event: UnitEvent, region: Region): Decide {
  if (state.name === 'shadow') return ask(state, event, region, 'shadow: every unit is judged by a person');
  if (state.name === 'closed') return ask(state, event, region, state.reason);
  if (region === 'between') return ask(state, event, region, 'between the thresholds');
  if (region === 'accept' && state.plan.safety)
    return ask(state, event, region, 'safety class: a model may add a stop, never pass');
  const propensity = auditPropensity(state, region, event.score);
  if (propensity >= 1)
    return ask(state, event, region, 'ramp: the bound does not allow an automatic call yet');
  return {
    type: 'decide',
    unitId: event.unitId,
    epoch: state.epoch,
    call: region === 'accept' ? 'pass' : 'reject',
    by: 'gate',
    region,
    position: region === 'accept' ? state.flow.inAccept : null,
    // A draw that is no number audits.
    audit: !(event.draw >= propensity),
    propensity,
    why: region === 'accept' ? 'score at or below the accepted one' : 'score at or above the rejected one',
  };
}

function ask(state: GateState, event: UnitEvent, region: Region, why: string): Decide {
  return {
    type: 'decide',
    unitId: event.unitId,
    epoch: state.epoch,
    call: 'ask',
    by: 'person',
    region,
    position: region === 'accept' ? state.flow.inAccept : null,
    audit: false,
    propensity: 1,
    why,
  };
}
