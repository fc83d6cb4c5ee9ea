/** What a key press means while questions are shown. */
export type Act =
  | { readonly do: 'choose'; readonly index: number; readonly by: 'keyboard' | 'pedal' }
  | { readonly do: 'move'; readonly step: -1 | 1 }
  | { readonly do: 'undo' }
  | { readonly do: 'help' };

/** What a foot pedal may be told to do: the first to the sixth answer, or to take the last one back. */
export type PedalAct = 0 | 1 | 2 | 3 | 4 | 5 | 'undo';

/** Keys that pedals send, and what they mean. */
export type Pedals = Readonly<Record<string, PedalAct>>;

export const DEFAULT_PEDALS: Pedals = { PageUp: 0, PageDown: 1, F13: 0, F14: 1, F15: 'undo' };

export interface Press {
  readonly key: string;
  readonly repeat: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
  /** True while a text field has the focus. */
  readonly typing: boolean;
}

/** The act of a key, or null where it means nothing here. A key that is held down answers once. */
export function actOf(press: Press, choices: number, pedals: Pedals): Act | null {
  if (press.repeat || press.typing) return null;
  if (press.ctrlKey && press.key.toLowerCase() === 'z') return { do: 'undo' };
  if (press.ctrlKey || press.altKey || press.metaKey) return null;
  const pedal = Object.hasOwn(pedals, press.key) ? pedals[press.key] : undefined;
  if (pedal === 'undo') return { do: 'undo' };
  if (pedal !== undefined) return pedal < choices ? { do: 'choose', index: pedal, by: 'pedal' } : null;
  if (/^[1-6]$/.test(press.key)) {
    const index = Number(press.key) - 1;
    return index < choices ? { do: 'choose', index, by: 'keyboard' } : null;
  }
  if (press.key === 'ArrowRight' || press.key === 'ArrowDown') return { do: 'move', step: 1 };
  if (press.key === 'ArrowLeft' || press.key === 'ArrowUp') return { do: 'move', step: -1 };
  if (press.key === 'Backspace') return { do: 'undo' };
  return press.key === 'h' || press.key === 'H' ? { do: 'help' } : null;
}

/** Keys that a pedal must not take: they have a meaning of their own. */
export const isReserved = (key: string): boolean =>
  /^([1-6hH]|Arrow.*|Enter|Tab|Backspace|Escape|Shift|Control|Alt|Meta)$/.test(key);

/** Pedals as kept by the browser; the default where nothing sensible is kept. */
export function pedalsFrom(kept: string | null): Pedals {
  if (kept === null) return DEFAULT_PEDALS;
  try {
    const value: unknown = JSON.parse(kept);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return DEFAULT_PEDALS;
    const entries = Object.entries(value).filter(
      (entry): entry is [string, PedalAct] =>
        !isReserved(entry[0]) && (entry[1] === 'undo' || [0, 1, 2, 3, 4, 5].includes(entry[1])),
    );
    return Object.fromEntries(entries);
  } catch {
    return DEFAULT_PEDALS;
  }
}

/** One pedal told to do something; a key does one thing only. */
export const withPedal = (pedals: Pedals, key: string, act: PedalAct): Pedals =>
  isReserved(key) ? pedals : { ...pedals, [key]: act };

/** Which keys do it. */
export const keysFor = (pedals: Pedals, act: PedalAct): readonly string[] =>
  Object.keys(pedals).filter((key) => pedals[key] === act);
