import { z } from 'zod';
import { configSchema } from './config-schema.js';
import type { Path } from './fault.js';

/** The part of JSON schema (2020-12) that the configuration is described in. */
export interface SchemaNode {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  /** In plain words what belongs here; not part of the published schema. */
  readonly expects?: string;
  /** A good value; `examples` in the published schema. */
  readonly sample?: unknown;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
  /** One alternative for each `kind`; or, without `properties`, which keys exclude each other. */
  readonly oneOf?: readonly SchemaNode[];
  /** A value, or null. */
  readonly anyOf?: readonly SchemaNode[];
}

let described: SchemaNode | null = null;

/** The schema of the file as a tree of plain data, from which messages and the reference page are made. */
export function configTree(): SchemaNode {
  described ??= z.toJSONSchema(configSchema, { io: 'input' }) as SchemaNode;
  return described;
}

/** The schema of the file for editors and other programs: JSON schema 2020-12. */
export function configJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = withoutWords(configTree()) as Record<string, unknown>;
  return {
    $schema,
    title: 'Configuration of a Selvedge site',
    description: 'Checks between sections are not part of this schema: run `selvedge check`.',
    ...rest,
  };
}

/** The tree in the words of the standard alone; `names`: the keys are settings and no words. */
function withoutWords(node: unknown, names = false): unknown {
  if (Array.isArray(node)) return node.map((child) => withoutWords(child));
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node).flatMap(([key, child]): [string, unknown][] => {
      if (names) return [[key, withoutWords(child)]];
      if (key === 'expects') return [];
      if (key === 'sample') return [['examples', [child]]];
      return [[key, key === 'default' ? child : withoutWords(child, key === 'properties')]];
    }),
  );
}

/** Alternatives by `kind`, or null. */
export const alternatives = (node: SchemaNode): readonly SchemaNode[] | null =>
  node.properties === undefined && node.oneOf !== undefined ? node.oneOf : null;

export const kindOf = (alternative: SchemaNode): string => String(alternative.properties?.kind?.const);

/**
 * The node that describes the place `path` of a file with the content `value`, or null where the path leads out of
 * the schema. Among alternatives the one named by `kind` in the content is taken.
 */
export function nodeAt(path: Path, value: unknown, root: SchemaNode = configTree()): SchemaNode | null {
  let node: SchemaNode | undefined = root;
  let content = value;
  for (const key of path) {
    node = typeof key === 'number' ? node?.items : propertyOf(chosen(node, content), key);
    content = childOf(content, key);
    if (node === undefined) return null;
  }
  return chosen(node, content) ?? node;
}

function chosen(node: SchemaNode | undefined, content: unknown): SchemaNode | undefined {
  const choices = node && alternatives(node);
  if (!choices) return node;
  const kind = childOf(content, 'kind');
  const known = choices.find((choice) => kindOf(choice) === kind);
  // Not known yet: what `kind` itself may be is all that can be said.
  const kinds = { enum: choices.map(kindOf) };
  return known ?? { ...node, oneOf: choices, properties: { kind: kinds } };
}

/** The description of a setting, own properties only: `__proto__` is none. */
export const propertyOf = (node: SchemaNode | undefined, key: string): SchemaNode | undefined =>
  childOf(node?.properties, key) as SchemaNode | undefined;

/** A child of parsed content, own properties only. */
export function childOf(content: unknown, key: string | number): unknown {
  if (typeof content !== 'object' || content === null || !Object.hasOwn(content, key)) return undefined;
  return (content as Record<string | number, unknown>)[key];
}
