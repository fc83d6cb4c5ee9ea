import { childOf } from './config-json-schema.js';
import type { Path } from './fault.js';

/**
 * A place of a file that may be wrong elsewhere. Checks between places read through it, so that all faults are found at
 * once: what is absent or of another type is null, and the shape check has named it.
 */
export interface Draft {
  readonly path: Path;
  readonly value: unknown;
  at(...keys: readonly (string | number)[]): Draft;
  text(): string | null;
  number(): number | null;
  /** The items of a list; none where it is no list. */
  items(): Draft[];
  written(): boolean;
}

export function draftOf(value: unknown, path: Path = []): Draft {
  return {
    path,
    value,
    at: (...keys) => draftOf(keys.reduce<unknown>(childOf, value), [...path, ...keys]),
    text: () => (typeof value === 'string' ? value : null),
    number: () => (typeof value === 'number' && Number.isFinite(value) ? value : null),
    items: () => (Array.isArray(value) ? value.map((item, i) => draftOf(item, [...path, i])) : []),
    written: () => value !== undefined && value !== null,
  };
}
