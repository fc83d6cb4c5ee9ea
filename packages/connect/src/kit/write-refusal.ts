import { isArmed } from '../contract/armed.js';
import type { Command, Receipt } from '../contract/command.js';
import type { Context, LinkState } from '../contract/connector.js';
import type { Tag } from '../contract/tag.js';
import { isScaled, scaledDown, scaledUp } from './scaling.js';

/**
 * What every write is asked before anything is sent; null where nothing speaks against it. `armed` is unknown on purpose: a
 * cast must not get through.
 */
export function writeRefusal(
  armed: unknown,
  tag: Tag,
  { state, nowMs }: { readonly state: LinkState; readonly nowMs: number },
): Receipt | null {
  if (!isArmed(armed)) return { id: '', outcome: 'refused', why: 'not armed by the guard' };
  const { epoch, command } = armed;
  const { id, target, value, notAfterMs } = command;
  const refused = (why: string): Receipt => ({ id, outcome: 'refused', why });
  if (state.state !== 'up' && state.state !== 'degraded') return refused(`no connection: ${state.why}`);
  if (epoch !== state.epoch) return refused('armed under another epoch');
  if (nowMs > notAfterMs) return refused('too late: notAfterMs has passed');
  if (target !== tag.tag) return refused(`the command is for ${target}, not for ${tag.tag}`);
  if (tag.access !== 'rw' || tag.array) return refused('the tag is not writable');
  const { range } = tag;
  const number = typeof value === 'number' || typeof value === 'bigint';
  if (typeof value === 'number' && !Number.isFinite(value)) return refused('not a finite number');
  if (range && number && !(value >= range[0] && value <= range[1]))
    return refused('outside the range of the tag');
  if (number && isScaled(tag) && !survives(Number(value), tag))
    return refused('its scale and offset leave no number that says it');
  if (number && tag.type === 'float' && !Number.isFinite(Math.fround(scaledDown(Number(value), tag))))
    return refused('too large for a float');
  return null;
}

/** Whether what the peer would be told is read back as the value: a scale near 0, or a huge offset, makes it another one. */
function survives(value: number, tag: Tag): boolean {
  const back = scaledUp(scaledDown(value, tag), tag);
  return Math.abs(back - value) <= 1e-6 * Math.abs(value) + 1e-9 * Math.abs(tag.scale);
}

/** Ms that are left of a command's time, by the steady clock from now on: the wall clock may be set back while it waits. */
export function timeLeft(
  { notAfterMs }: Pick<Command, 'notAfterMs'>,
  { nowMs, steadyMs }: Pick<Context, 'nowMs' | 'steadyMs'>,
): () => number {
  const untilMs = steadyMs() + notAfterMs - nowMs();
  return () => untilMs - steadyMs();
}
