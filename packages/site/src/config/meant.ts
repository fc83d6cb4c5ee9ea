import {
  alternatives,
  childOf,
  configTree,
  kindOf,
  propertyOf,
  type SchemaNode,
} from './config-json-schema.js';
import type { Finding, Path } from './fault.js';
import { nearest } from './phrases.js';
import { keyMeant, unknownKey, wrongValue } from './shape-faults.js';

/** The content of a file as it was probably meant, so that a slip hides nothing that stands behind it. */
export interface Meant {
  readonly content: unknown;
  /** What was put right on the way, in places of the file. */
  readonly slips: readonly Finding[];
  /** Places, as in `content`, whose `kind` is none and may stand for several. */
  readonly unsure: readonly Unsure[];
  /** The place of the file that a place of `content` stands for. */
  readonly pathOf: (path: Path) => Path;
}

export interface Unsure {
  readonly path: Path;
  /** What the other keys fit equally well; at least two. */
  readonly kinds: readonly string[];
}

/**
 * Puts misspelt keys and words right, and gives an entry of no known kind the one that its word or its keys are closest
 * to. `choose` settles what is left open: the n-th of the kinds that fit. The content handed in is not changed.
 */
export function meant(given: unknown, choose: number | null = null): Meant {
  let content = given;
  const names = new Map<string, string>();
  const unsure: Unsure[] = [];
  const slips: Finding[] = [];
  const pathOf = (path: Path): Path =>
    path.map((key, i) => names.get(JSON.stringify(path.slice(0, i + 1))) ?? key);
  const found = ({ path, code, what, cure }: Finding): void => {
    slips.push({ path: pathOf(path), code, what, cure });
  };

  function walk(node: SchemaNode | undefined, path: Path): void {
    const value = path.reduce<unknown>(childOf, content);
    if (node === undefined || typeof value !== 'object' || value === null) {
      word(node, value, path);
      return;
    }
    // A mapping that an alias names twice is two.
    if (Array.isArray(value)) {
      put(path, [...value]);
      for (const i of value.keys()) walk(node.items, [...path, i]);
      return;
    }
    const entry: Record<string, unknown> = { ...value };
    put(path, entry);
    const choices = alternatives(node);
    const own = choices === null ? node : kind(choices, entry, path);
    if (own === null) return;
    keys(own, entry, path);
    for (const key of Object.keys(entry)) walk(propertyOf(own, key), [...path, key]);
  }

  /** A word of a fixed list. */
  function word(node: SchemaNode | undefined, value: unknown, path: Path): void {
    const known = node?.enum ?? (node?.const === undefined ? [] : [node.const]);
    if (typeof value !== 'string' || known.length === 0 || known.includes(value)) return;
    const close = nearest(value, known.map(String));
    if (close === null) return;
    found(wrongValue(path, content));
    put(path, close);
  }

  /** The alternative that an entry is; null where it may be several. */
  function kind(
    choices: readonly SchemaNode[],
    entry: Record<string, unknown>,
    path: Path,
  ): SchemaNode | null {
    const all = [...new Set(choices.flatMap((choice) => Object.keys(choice.properties ?? {})))];
    const key = Object.hasOwn(entry, 'kind')
      ? 'kind'
      : Object.keys(entry).find((other) => !all.includes(other) && keyMeant(other, all, entry) === 'kind');
    const written = key === undefined ? undefined : entry[key];
    if (key !== undefined && key !== 'kind') rename(entry, { key, to: 'kind' }, path);
    const named = choices.find((choice) => kindOf(choice) === written);
    if (named !== undefined) return named;
    const close = typeof written === 'string' ? nearest(written, choices.map(kindOf)) : null;
    const fit = close === null ? closest(choices, entry) : [close];
    const taken = fit.length === 1 ? fit[0] : choose === null ? undefined : fit[choose % fit.length];
    found(wrongValue([...path, 'kind'], content, fit));
    if (fit.length > 1) unsure.push({ path, kinds: fit });
    if (taken === undefined) return null;
    entry.kind = taken;
    return choices.find((choice) => kindOf(choice) === taken) ?? null;
  }

  /** Keys that are misspelt, under their right name. */
  function keys(node: SchemaNode, entry: Record<string, unknown>, path: Path): void {
    const known = Object.keys(node.properties ?? {});
    // Whatever may be called anything is right.
    if (known.length === 0) return;
    for (const key of Object.keys(entry)) {
      if (known.includes(key)) continue;
      const to = keyMeant(key, known, entry);
      if (to !== null) rename(entry, { key, to }, path);
    }
  }

  function rename(
    entry: Record<string, unknown>,
    { key, to }: { readonly key: string; readonly to: string },
    path: Path,
  ): void {
    found(unknownKey(path, key, content));
    names.set(JSON.stringify([...path, to]), key);
    entry[to] = entry[key];
    delete entry[key];
  }

  function put(path: Path, value: unknown): void {
    if (path.length === 0) content = value;
    const parent = path.slice(0, -1).reduce<unknown>(childOf, content);
    const key = path.at(-1);
    if (typeof parent === 'object' && parent !== null && key !== undefined)
      (parent as Record<string | number, unknown>)[key] = value;
  }

  walk(configTree(), []);
  return { content, slips, unsure, pathOf };
}

/** The kinds that most of the keys of an entry belong to, and of which least is missing. */
function closest(choices: readonly SchemaNode[], entry: Record<string, unknown>): string[] {
  const written = Object.keys(entry).filter((key) => key !== 'kind');
  const scores = choices.map((choice) => {
    const known = Object.keys(choice.properties ?? {});
    const fits = written.filter((key) => known.includes(key) || nearest(key, known) !== null).length;
    const lacks = (choice.required ?? []).filter(
      (key) => key !== 'kind' && !Object.hasOwn(entry, key),
    ).length;
    return 2 * fits - lacks;
  });
  const best = Math.max(...scores);
  return choices.filter((_, i) => scores[i] === best).map(kindOf);
}
