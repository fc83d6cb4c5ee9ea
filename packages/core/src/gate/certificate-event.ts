import { binomialUpper } from '../bounds/binomial.js';
import { settle } from './answers.js';
import type { CertificateEvent, GateEffect } from './event.js';
import { moveTo } from './lifecycle.js';
import { emptyFlow, freshSide, type GateState } from './state.js';
import type { Step } from './step.js';

/**
 * Rule G-12: the fixed-n certificate is heard once, in shadow, at its planned n and with its delta. It sets its
 * own threshold and starts a new live e-process; refused, the gate stays in shadow and says why.
 */
export function onCertificate(state: GateState, event: CertificateEvent): Step {
  const fault = faultOf(state, event);
  if (fault !== null) {
    const reason = `the certificate was refused: ${fault}`;
    // Why a gate closed or opened is not hidden by a certificate that came too late.
    const kept = state.name === 'shadow' ? { ...state, reason } : state;
    return { state: kept, effects: [{ type: 'alarm', what: 'refused', why: reason }] };
  }
  const { n, accept, reject } = event;
  const heard: GateState = { ...state, certificate: { n, atMs: event.atMs, accept, reject } };
  const { escapeRate } = state.plan.budget;
  if (binomialUpper(event.bads, n, state.ledger.accept.certificate) <= escapeRate)
    return vacuous(heard, event);
  const usable = state.plan.safety ? null : accept;
  if (usable === null && reject === null) {
    const reason = `${n} labelled units do not prove any automatic share within the budget`;
    return settle({ ...heard, reason });
  }
  const { auditFloorAccept, auditFloorReject } = state.plan.settings;
  const { level, spread } = state.flow;
  const probation = event.assessed === true ? probationOf(state) : {};
  const open: GateState = {
    ...heard,
    ...probation,
    accept: freshSide(usable?.threshold ?? null, auditFloorAccept, usable?.auditCut ?? null),
    reject: freshSide(reject?.threshold ?? null, auditFloorReject),
    periodAtMs: event.atMs,
    periodAudits: 0,
    pending: [],
    flow: { ...emptyFlow(), level, spread, lot: state.flow.lot },
  };
  const opened = moveTo(open, 'open', `certificate on ${n} labelled units`);
  const warning = noBetterThanBlind(event, escapeRate);
  return warning === null ? opened : { state: opened.state, effects: [...opened.effects, warning] };
}

/** Rule G-24; a plan from before probation has none. */
function probationOf({ plan: { settings } }: GateState): Pick<GateState, 'probationLeft'> {
  const { probationRate = 0, probationAudits = 0 } = settings;
  return probationRate > 0 && probationAudits > 0 ? { probationLeft: probationAudits } : {};
}

/** Rule G-13: a per-unit budget of 1 % with 6 % bad lets one unit in six pass unseen; then the model carries nothing. */
function noBetterThanBlind({ accept, bads, n }: CertificateEvent, escapeRate: number): GateEffect | null {
  if (accept?.share === undefined) return null;
  const blind = Math.min(1, (escapeRate * n) / bads);
  if (accept.share > 1.25 * blind + 0.02) return null;
  const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
  const why = `the gate may pass ${percent(accept.share)} of the units, but passing ${percent(blind)} of them at random would keep this budget too: the budget carries the promise, not the model`;
  return { type: 'alarm', what: 'blind', why };
}

function vacuous(heard: GateState, { bads, n }: CertificateEvent): Step {
  const reason = `the budget is vacuous: ${bads} bad of ${n} units is surely no more than the budget allows, so passing everything would keep it`;
  const state: GateState = { ...heard, reason, accept: { ...heard.accept, threshold: null } };
  return { state, effects: [{ type: 'alarm', what: 'refused', why: reason }] };
}

function faultOf(state: GateState, { n, accept, reject }: CertificateEvent): string | null {
  const { plan, ledger } = state;
  if (state.name !== 'shadow') return `the gate is in state ${state.name}`;
  if (state.certificate !== null) return 'this epoch has had its certificate';
  if (n !== plan.plannedUnits) return `it rests on ${n} units, planned were ${plan.plannedUnits}`;
  if (accept !== null && accept.delta > ledger.accept.certificate * (1 + 1e-9))
    return 'its escape delta exceeds the ledger';
  if (reject !== null && plan.budget.overkillRate === 0) return 'no overkill budget was signed';
  if (reject !== null && reject.delta > ledger.reject.certificate * (1 + 1e-9))
    return 'its overkill delta exceeds the ledger';
  return null;
}
