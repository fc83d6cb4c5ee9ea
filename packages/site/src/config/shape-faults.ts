import type { z } from 'zod';
import {
  alternatives,
  childOf,
  configTree,
  kindOf,
  nodeAt,
  propertyOf,
  type SchemaNode,
} from './config-json-schema.js';
import type { Finding, Path } from './fault.js';
import { anyOf, expected, nearest, received } from './phrases.js';

const SECRET = /secret|passw|token|api[-_]?key|private[-_]?key|credential/i;

/** What the schema found, in words: one finding a place, and one for each key that is not known. */
export function shapeFaults(issues: readonly z.core.$ZodIssue[], content: unknown): Finding[] {
  const seen = new Set<string>();
  const found = issues.flatMap((issue) => {
    const path = issue.path.map((key) => (typeof key === 'number' ? key : String(key)));
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key, content));
    const place = JSON.stringify(path);
    if (seen.has(place)) return [];
    seen.add(place);
    if (issue.code === 'custom' && typeof issue.params?.what === 'string')
      return [{ path, code: 'conflict' as const, what: issue.params.what, cure: String(issue.params.cure) }];
    return [wrongValue(path, content)];
  });
  // A key that is misspelt is not missing as well.
  const meant = new Set(found.map(({ meant }) => meant));
  return found
    .filter(({ code, path }) => code !== 'missing' || !meant.has(JSON.stringify(path)))
    .map(({ meant: _, ...finding }) => finding);
}

/** A finding, and the place that was probably meant. */
type Guess = Finding & { readonly meant?: string };

/** `fits`: the kinds that the other keys of an entry of no known kind fit. */
export function wrongValue(path: Path, content: unknown, fits: readonly string[] = []): Guess {
  const node = nodeAt(path, content) ?? {};
  const value = path.reduce<unknown>(childOf, content);
  const last = String(path.at(-1) ?? '');
  if (value === undefined) {
    if (path.length === 0)
      return { path, code: 'missing', what: 'the file is empty', cure: `Write ${expected(node)}` };
    return {
      path,
      code: 'missing',
      what: 'is missing',
      cure: `${fitting(fits, node)}Write ${expected(node)}`,
    };
  }
  if (/Env$/.test(last) || SECRET.test(last) || hasUser(value))
    return {
      path,
      code: 'secret',
      what: 'holds what may be a secret, so it is not repeated here',
      cure: `Write ${expected(node)}`,
    };
  const word = typeof value === 'string' ? meantBy(value, last, node) : null;
  if (word !== null)
    return {
      path,
      code: 'wrong-value',
      what: `is ${received(value)}`,
      cure: `Did you mean ${word}? Write ${expected(node)}`,
    };
  return {
    path,
    code: 'wrong-value',
    what: `is ${received(value)}`,
    cure: `${fitting(fits, node)}Write ${expected(node)}${hint(value, node)}`,
  };
}

/** What the keys beside a `kind` say; nothing where they fit every kind. */
const fitting = (fits: readonly string[], node: SchemaNode): string =>
  fits.length === 0 || fits.length >= (node.enum?.length ?? 0)
    ? ''
    : `The other keys here are those of ${anyOf(fits)}. `;

/** The known key that another one was meant for and that is not written itself; null where there is none. */
export function keyMeant(key: string, known: readonly string[], entry: object): string | null {
  if (key === '<<' || SECRET.test(key)) return null;
  const word = nearest(key, known);
  return word === null || Object.hasOwn(entry, word) ? null : word;
}

/** What is said of quotes and of keys without a value. */
function hint(value: unknown, node: SchemaNode): string {
  const type = [node.type ?? []].flat()[0];
  if (value === null && node.default !== undefined) return ', or take the key away';
  if (type === 'string' && (typeof value === 'number' || typeof value === 'boolean'))
    return new RegExp(node.pattern ?? '').test(String(value))
      ? '. Text that looks like a number, true or false stands in quotes'
      : '';
  const bare = typeof value === 'string' && /^(true|false|-?\d+(\.\d+)?)$/.test(value);
  return bare && (type === 'number' || type === 'integer' || type === 'boolean') ? ', without quotes' : '';
}

function meantBy(value: string, key: string, node: SchemaNode): string | null {
  if (key !== 'timezone') return nearest(value, (node.enum ?? []).map(String));
  const zones = Intl.supportedValuesOf('timeZone');
  const city = (zone: string) => zone.split('/').at(-1) ?? zone;
  const meant = nearest(city(value), zones.map(city));
  return zones.find((zone) => city(zone) === meant) ?? null;
}

/** `https://user:password@host`: what stands there is never repeated. */
const hasUser = (value: unknown): boolean => typeof value === 'string' && /\/\/[^/\s]*@/.test(value);

export function unknownKey(parent: Path, key: string, content: unknown): Guess {
  const path = [...parent, key];
  const node = nodeAt(parent, content) ?? {};
  const known = Object.keys(node.properties ?? {});
  const say = (what: string, cure: string, code: Finding['code'] = 'unknown-key'): Finding => ({
    path,
    code,
    what,
    cure,
  });
  const word = nearest(key, known);
  const target = word === null ? {} : { meant: JSON.stringify([...parent, word]) };
  if (SECRET.test(key))
    return {
      ...say(
        'looks like a secret; secrets never stand in this file',
        word === null
          ? 'Take it away; put the secret into an environment variable. The only place that names one is access.oidc.clientSecretEnv'
          : `Put the secret into an environment variable and write the NAME of that under \`${word}\``,
        'secret',
      ),
      ...target,
    };
  if (key === '<<')
    return say(
      'merging mappings is not part of YAML 1.2',
      'Write the keys out, or use an anchor for a whole value (`takt: *usual`)',
    );
  if (word !== null) {
    const written = childOf(parent.reduce<unknown>(childOf, content), word) !== undefined;
    return {
      ...say(
        'is not known here',
        written
          ? `Take it away: \`${word}\` is written already`
          : `Did you mean \`${word}\`? ${sentence(expected(propertyOf(node, word) ?? {}))}`,
      ),
      ...target,
    };
  }
  const kind = childOf(parent.reduce<unknown>(childOf, content), 'kind');
  const others = siblingsOf(parent, content).filter(
    (other) => kindOf(other) !== kind && propertyOf(other, key) !== undefined,
  );
  if (others.length > 0)
    return say(
      `is a setting of ${anyOf(others.map(kindOf))}, not of ${String(kind)}`,
      'Take it away, or change `kind`',
    );
  const home = homeOf(key, node);
  if (home !== null) return say('does not stand here', `Write it under \`${home}\``);
  const above = parent.findLast((k) => typeof k === 'string');
  return say(
    'is not known here',
    known.length === 0
      ? 'Take it away'
      : `Known ${above === undefined ? 'at the top' : `under ${above}`}: ${known.join(', ')}`,
  );
}

const sentence = (expects: string): string => `It takes ${expects}`;

/** The alternatives among which the place was chosen by its `kind`. */
function siblingsOf(path: Path, content: unknown): readonly SchemaNode[] {
  let node: SchemaNode | undefined = configTree();
  for (const [i, key] of path.entries()) {
    node =
      typeof key === 'number' ? node?.items : propertyOf(nodeAt(path.slice(0, i), content) ?? undefined, key);
  }
  return (node && alternatives(node)) ?? [];
}

/** The one section below a node that knows the key. */
function homeOf(key: string, node: SchemaNode): string | null {
  const homes = Object.entries(node.properties ?? {}).filter(([, child]) => propertyOf(child, key));
  return homes.length === 1 ? (homes[0]?.[0] ?? null) : null;
}
