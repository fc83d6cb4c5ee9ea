import { onAnswer, settle } from './answers.js';
import { onCertificate } from './certificate-event.js';
import type { GateEffect, GateEvent } from './event.js';
import { onFinding } from './findings.js';
import { close, newEpoch, onTick } from './lifecycle.js';
import { onOverdue } from './overdue.js';
import { onSeed } from './seeds.js';
import type { GateState } from './state.js';
import { onUnit } from './unit.js';

export interface Step {
  readonly state: GateState;
  readonly effects: readonly GateEffect[];
}

/**
 * The gate: `(state, event) -> (state, effects)`. Pure: the same events give the same states on the line, in
 * a replay and in a test. Never throws on an event of its type; whatever cannot be decided is asked.
 */
export function step(state: GateState, event: GateEvent): Step {
  switch (event.type) {
    case 'unit':
      return onUnit(state, event);
    case 'answer':
      return onAnswer(state, event);
    case 'certificate':
      return onCertificate(state, event);
    case 'finding':
      return onFinding(state, event);
    case 'seed':
      return onSeed(state, event);
    case 'close':
      return close(state, event.why);
    case 'journal-failed':
      return close(state, `the journal cannot commit: ${event.why}`);
    case 'signature-bad':
      return close(state, `a signature does not verify: ${event.why}`);
    case 'new-epoch':
      return newEpoch(state, event);
    case 'tick':
      return ticked(state, event.atMs);
  }
}

/** Overdue questions first, what they mean for the ramp next, expiry last. */
function ticked(state: GateState, atMs: number): Step {
  const late = onOverdue(state, atMs);
  const settled = late.state === state ? late : settle(late.state);
  const expiry = onTick(settled.state, atMs);
  const told = late === settled ? [] : late.effects;
  return { state: expiry.state, effects: [...told, ...settled.effects, ...expiry.effects] };
}
