import { isArmed } from '../contract/armed.js';
import type { Receipt } from '../contract/command.js';
import type { LinkState } from '../contract/connector.js';
import type { Tag } from '../contract/tag.js';

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
  if (range && number && !(value >= range[0] && value <= range[1]))
    return refused('outside the range of the tag');
  return null;
}
