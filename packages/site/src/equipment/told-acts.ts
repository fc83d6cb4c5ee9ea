import type { Value } from '@selvedge/connect';

/** One act of a person at the equipment that was not in the standard work. */
export interface ToldAct {
  readonly type: string;
  readonly seconds: number;
}

const MOST_ACTS = 100;
const LONGEST_TYPE = 40;

/** The acts of a list in JSON; null where it is none, or one of them is no act: then none of it is believed. */
export function toldActs(value: Value): ToldAct[] | null {
  if (typeof value !== 'string') return null;
  try {
    const list: unknown = value === '' ? [] : JSON.parse(value);
    if (!Array.isArray(list) || list.length > MOST_ACTS) return null;
    const acts = list.map(({ type, seconds }: Record<string, unknown>) => ({ type, seconds }));
    return acts.every(isAct) ? acts : null;
  } catch {
    return null;
  }
}

function isAct(act: { readonly type: unknown; readonly seconds: unknown }): act is ToldAct {
  const { type, seconds } = act;
  if (typeof type !== 'string' || type === '' || type.length > LONGEST_TYPE) return false;
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds >= 0;
}
