import { onAnswer, settle } from './answers.js';
import type { FindingEvent } from './event.js';
import { close } from './lifecycle.js';
import type { Findings, GateState } from './state.js';
import type { Step } from './step.js';

/**
 * Rules G-20, G-21: a unit was found bad at the end of the line or at the customer. It counts once, and only where
 * the gate of this epoch let it go; a question that still waits for its answer is answered by it.
 */
export function onFinding(state: GateState, event: FindingEvent): Step {
  const { unitId, epoch, answer } = event;
  const { findings, pending, plan } = state;
  const nothing: Step = { state, effects: [] };
  if (epoch !== state.epoch || findings.ids.includes(unitId)) return nothing;
  const waits = pending.some((question) => question.unitId === unitId);
  const position = letGo(state, event);
  if (!waits && position === null) return nothing;
  if (findings.ids.length >= plan.settings.findingsKept)
    return close(state, 'more findings downstream than can be told apart');
  if (waits || position === null)
    return onAnswer(noted(state, unitId, {}), { ...event, type: 'answer', bad: true, blind: true });
  const seen = answer === null ? { escapes: findings.escapes + 1 } : { misread: findings.misread + 1 };
  return settle(noted(state, unitId, { ...seen, positions: [...findings.positions, position] }));
}

/** Place among the accepted units of one that the gate let go; null where it did not. */
function letGo({ name, flow }: GateState, { call, answer, position }: FindingEvent): number | null {
  if (call !== 'pass' || answer === 'bad' || name === 'shadow' || position === null) return null;
  return position >= 1 && position <= flow.inAccept ? position : null;
}

const noted = (state: GateState, unitId: string, change: Partial<Findings>): GateState => ({
  ...state,
  findings: { ...state.findings, ...change, ids: [...state.findings.ids, unitId] },
});
