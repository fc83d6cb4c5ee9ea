import { onAnswer, onFinding, onOverdue } from './answers.js';
import { onCertificate } from './certificate-event.js';
import type { GateEffect, GateEvent } from './event.js';
import { close, newEpoch, onTick } from './lifecycle.js';
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
    case 'overdue':
      return onOverdue(state, event);
    case 'certificate':
      return onCertificate(state, event);
    case 'finding':
      return onFinding(state);
    case 'close':
      return close(state, event.why);
    case 'new-epoch':
      return newEpoch(state, event);
    case 'tick':
      return onTick(state, event.atMs);
  }
}
