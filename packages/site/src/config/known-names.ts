import type { z } from 'zod';
import type { Draft } from './draft.js';
import { nearest } from './phrases.js';

/** The names of a list, for the places that refer to them. */
export interface KnownNames {
  /** As they are written; one that is malformed is named by the schema already. */
  readonly names: readonly string[];
  /** Entries whose name is malformed (its text), missing, or another's (null): a name may have meant one of them. */
  readonly lost: readonly (string | null)[];
}

/** `key` holds the name of each item; `schema` says what a name may be. */
export function knownNames(items: readonly Draft[], key: string, schema: z.ZodType): KnownNames {
  const names = items.flatMap((item) => item.at(key).text() ?? []);
  const lost = items.flatMap((item, i): (string | null)[] => {
    const name = item.at(key).text();
    if (name === null) return [null];
    if (!schema.safeParse(name).success) return [name];
    return items.findIndex((other) => other.at(key).value === name) < i ? [null] : [];
  });
  return { names, lost };
}

/**
 * What to say of a name that none of a list has: the one that was probably meant, or null for none. Undefined where
 * nothing is to be said: it is there, or it is that of an entry whose own name is wrong. `uses`: how often each text
 * stands in the file; a name that is used elsewhere is not the one that was misspelt here.
 */
export function strayed(
  name: string,
  { names, lost }: KnownNames,
  uses: ReadonlyMap<string, number>,
): string | null | undefined {
  if (names.includes(name) || names.length + lost.length === 0) return undefined;
  if (lost.some((text) => text !== null && nearest(name, [text]) !== null)) return undefined;
  const used = (other: string): boolean => (uses.get(other) ?? 0) > 1;
  const close = nearest(
    name,
    names.toSorted((a, b) => Number(used(a)) - Number(used(b))),
  );
  if (lost.includes(null) && (close === null || used(close))) return undefined;
  return close;
}

/** How often each text stands in a file. */
export function usesOf(content: unknown): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  const seen = new Set<object>();
  const count = (value: unknown): void => {
    if (typeof value === 'string') uses.set(value, (uses.get(value) ?? 0) + 1);
    // What holds itself is not walked again.
    if (typeof value !== 'object' || value === null || seen.has(value)) return;
    seen.add(value);
    for (const child of Object.values(value)) count(child);
  };
  count(content);
  return uses;
}
