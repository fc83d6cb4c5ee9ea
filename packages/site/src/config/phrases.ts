import type { SchemaNode } from './config-json-schema.js';

/** What belongs in a place, as the end of "Write …", with an example where one helps. */
export function expected(node: SchemaNode): string {
  const what = node.expects ?? plain(node);
  return node.sample === undefined ? what : `${what}, e.g. ${flow(node.sample)}`;
}

function plain(node: SchemaNode): string {
  const options = node.enum ?? (node.const === undefined ? undefined : [node.const]);
  if (options) return anyOf(options.map(String));
  const value = node.anyOf?.find((other) => other.type !== 'null');
  if (value) return `${plain(value)}, or null`;
  return ofType([node.type ?? []].flat()[0], node);
}

function ofType(type: string | undefined, node: SchemaNode): string {
  switch (type) {
    case 'integer':
      return `a whole number ${range(node)}`;
    case 'number':
      return `a number ${range(node)}`;
    case 'boolean':
      return 'true or false';
    case 'array':
      return `a list of at least ${node.minItems ?? 0}`;
    case 'object':
      return node.required?.length
        ? `a mapping with ${listing(node.required.map((key) => `\`${key}\``))}`
        : 'a mapping';
    default:
      return node.maxLength === undefined ? 'text' : `text of at most ${node.maxLength} characters`;
  }
}

const range = ({ minimum, maximum }: SchemaNode): string => {
  if (minimum !== undefined && maximum !== undefined) return `from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return `from ${minimum} up`;
  return maximum === undefined ? '' : `up to ${maximum}`;
};

export const anyOf = (words: readonly string[]): string => joined(words, 'or');
export const listing = (words: readonly string[]): string => joined(words, 'and');

const joined = (words: readonly string[], last: string): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;

/** Content as YAML on one line. */
export function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value === 'object' && value !== null)
    return `{ ${Object.entries(value)
      .map(([key, child]) => `${key}: ${flow(child)}`)
      .join(', ')} }`;
  if (typeof value !== 'string') return String(value);
  const plainly = /^[\w./](?:[\w ./-]|:(?=[^\s]))*(?<! )$/.test(value);
  const otherwise = /^(?:true|false|null|[\d.:]+[\d])$/i.test(value) && !/^\d+\.\d+\.\d+/.test(value);
  return plainly && !otherwise ? value : JSON.stringify(value);
}

const SHOWN = 60;

/** What stands in a place, as the end of "is …". Secrets are never handed in here. */
export function received(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  switch (typeof value) {
    case 'string':
      return value === ''
        ? 'an empty text'
        : `${JSON.stringify(value.length > SHOWN ? `${value.slice(0, SHOWN)}…` : value)}`;
    case 'number':
    case 'bigint':
      return `the number ${value}`;
    case 'boolean':
      return `the value ${value}`;
    default:
      return 'a mapping';
  }
}

/** The known word that was probably meant, or null. */
export function nearest(word: string, known: readonly string[]): string | null {
  const bare = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const same = known.find((other) => bare(other) === bare(word));
  if (same !== undefined) return same;
  // A word cut short or drawn out.
  const begins = known.filter((other) => {
    const [short, long] = word.length < other.length ? [word, other] : [other, word];
    return short.length >= 4 && long.toLowerCase().startsWith(short.toLowerCase());
  });
  if (begins[0] !== undefined) return begins[0];
  let best: string | null = null;
  let least = Math.max(1, Math.floor(word.length / 3)) + 0.5;
  for (const other of known) {
    const apart = distance(word.toLowerCase(), other.toLowerCase());
    if (apart < least) {
      least = apart;
      best = other;
    }
  }
  return best;
}

/** Letters to be changed, added, taken away or swapped with their neighbour (optimal string alignment). */
function distance(a: string, b: string): number {
  // A key of a page of text is nobody's slip.
  if (a.length > 80) return Number.POSITIVE_INFINITY;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (before[j - 2] ?? 0) + 1);
      row.push(least);
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
