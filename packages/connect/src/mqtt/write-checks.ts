import type { Armed } from '../contract/armed.js';
import type { Receipt } from '../contract/command.js';
import type { Context, LinkState } from '../contract/connector.js';
import type { Tag } from '../contract/tag.js';
import type { Scalar } from '../contract/value.js';
import { timeLeft, writeRefusal } from '../kit/write-refusal.js';
import { toRaw } from './as-type.js';

/** A write that may be sent: the raw value for the peer, and how long it may take until then by the steady clock. */
export interface Allowed {
  readonly id: string;
  readonly raw: Scalar;
  readonly remainingMs: () => number;
}

/** What every write is asked before anything is sent, and the raw value of one that may be. */
export function checkWrite(
  armed: unknown,
  tag: Tag,
  state: LinkState,
  clocks: Pick<Context, 'nowMs' | 'steadyMs'>,
): Allowed | Receipt {
  const refusal = writeRefusal(armed, tag, { state, nowMs: clocks.nowMs() });
  if (refusal) return refusal;
  const { command } = armed as Armed;
  const { id, value } = command;
  const raw = toRaw(value, tag);
  if (raw === undefined) return { id, outcome: 'refused', why: `not a value of type ${tag.type}` };
  return { id, raw, remainingMs: timeLeft(command, clocks) };
}

/**
 * Seconds after which a broker must not deliver a command any more: the protocol knows whole seconds only, so a command
 * whose time is up in less than one may be late by the rest of it.
 */
export function expirySecondsOf(remainingMs: number): number {
  return Math.max(1, Math.floor(remainingMs / 1000));
}
