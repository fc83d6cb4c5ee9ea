import { isArmed } from '../contract/armed.js';
import type { Receipt } from '../contract/command.js';
import type { Context, LinkState } from '../contract/connector.js';
import type { Tag } from '../contract/tag.js';
import type { Scalar } from '../contract/value.js';
import { outside, toRaw } from './as-type.js';

/** A write that may be sent: the raw value for the peer, and how long it may take until then by the steady clock. */
export interface Allowed {
  readonly id: string;
  readonly value: Scalar;
  readonly raw: Scalar;
  readonly remainingMs: () => number;
}

/** What every write is asked before anything is sent. `armed` is unknown on purpose: a cast must not get through. */
export function checkWrite(
  armed: unknown,
  tag: Tag,
  now: LinkState,
  clocks: Pick<Context, 'nowMs' | 'steadyMs'>,
): Allowed | Receipt {
  const refused = (why: string, id = ''): Receipt => ({ id, outcome: 'refused', why });
  if (!isArmed(armed)) return refused('not armed by the guard');
  const { command, epoch } = armed;
  const { id, value, target, notAfterMs } = command;
  if (epoch !== now.epoch) return refused('armed under another epoch', id);
  if (now.state === 'down' || now.state === 'connecting') return refused(`no connection: ${now.why}`, id);
  if (target !== tag.tag) return refused(`the command is for ${target}, not for ${tag.tag}`, id);
  if (tag.access !== 'rw' || tag.array) return refused('the tag is not writable', id);
  if (outside(value, tag)) return refused('outside the range of the tag', id);
  const raw = toRaw(value, tag);
  if (raw === undefined) return refused(`not a value of type ${tag.type}`, id);
  const budgetMs = notAfterMs - clocks.nowMs();
  if (!(budgetMs > 0)) return refused('too late: notAfterMs has passed', id);
  const fromMs = clocks.steadyMs();
  return { id, value, raw, remainingMs: () => budgetMs - (clocks.steadyMs() - fromMs) };
}

/**
 * Seconds after which a broker must not deliver a command any more: the protocol knows whole seconds only, so a command
 * whose time is up in less than one may be late by the rest of it.
 */
export function expirySecondsOf(remainingMs: number): number {
  return Math.max(1, Math.floor(remainingMs / 1000));
}
