import { close } from './lifecycle.js';
import { withOverdue } from './side.js';
import type { GateState } from './state.js';
import type { Step } from './step.js';

/**
 * Rule G-9: a question that nobody answered in time counts as wrong in the bound until it is answered, and not in the
 * harm detector. Too many overdue audits close the gate. A question that was no audit is then forgotten, so that
 * the list stays short; it goes on counting as wrong.
 */
export function onOverdue(state: GateState, atMs: number): Step {
  const since = atMs - state.plan.settings.overdueMs;
  if (!state.pending.some((question) => !question.overdue && question.askedAtMs < since))
    return { state, effects: [] };
  let next = state;
  const pending = [];
  for (const question of state.pending) {
    if (question.overdue || question.askedAtMs >= since) {
      pending.push(question);
      continue;
    }
    next = { ...next, [question.region]: withOverdue(next, question) };
    if (!question.audit) continue;
    pending.push({ ...question, overdue: true });
    next = { ...next, overdueAudits: next.overdueAudits + 1 };
  }
  next = { ...next, pending };
  const { overdueCount, overdueShare } = next.plan.settings;
  const enough = Math.max(next.audits, 1 / overdueShare);
  if (next.overdueAudits > overdueCount || next.overdueAudits > overdueShare * enough)
    return close(next, `${next.overdueAudits} audits are overdue: the evidence is missing`);
  return { state: next, effects: [] };
}
