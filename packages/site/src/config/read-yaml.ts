import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import type { Finding, Path } from './fault.js';

/** The content of a YAML text, with the line of every place in it. */
export interface ReadYaml {
  /** Undefined where nothing can be read. */
  readonly content: unknown;
  readonly faults: readonly (Finding & { readonly line: number | null })[];
  /** Line of the key at a path, or of the nearest place above it that exists; from 1. */
  readonly lineOf: (path: Path) => number | null;
}

/** What the reader's own messages mean for somebody who does not know YAML by heart. */
const SYNTAX: Readonly<Record<string, { what: string; cure: string }>> = {
  TAB_AS_INDENT: { what: 'a tab stands in the indentation', cure: 'Indent with spaces only' },
  BAD_INDENT: {
    what: 'the indentation does not fit the lines above',
    cure: 'Put the keys of one mapping, and the dashes of one list, below each other',
  },
  MISSING_CHAR: {
    what: 'a quote, bracket, comma or colon is missing here',
    cure: 'Close what was opened on this line or the one above',
  },
  MULTILINE_IMPLICIT_KEY: {
    what: 'a line is no `key: value`',
    cure: 'Write a colon and a space after the key',
  },
  MULTIPLE_DOCS: { what: 'a second document begins here', cure: 'Keep one: take the line `---` away' },
  ALIAS_PROPS: { what: 'an alias has an anchor or a tag of its own', cure: 'Take it away' },
};

export function readYaml(text: string): ReadYaml {
  const counter = new LineCounter();
  const lineAt = (offset: number): number => Math.max(1, counter.linePos(offset).line);
  const none = { content: undefined, lineOf: () => null };
  try {
    const doc = parseDocument(text, { lineCounter: counter, prettyErrors: false, logLevel: 'error' });
    const faults = [...doc.errors, ...doc.warnings].map((error) => {
      const line = lineAt(error.pos[0]);
      if (error.code === 'DUPLICATE_KEY') {
        const key = /^[\w-]{1,60}/.exec(text.slice(error.pos[0]))?.[0];
        const what = `${key ? `\`${key}\`` : 'a key'} is written twice in one mapping`;
        return { ...syntax(what, 'Keep one of the two'), line };
      }
      if (error.code === 'TAG_RESOLVE_FAILED')
        return {
          ...syntax(
            'a tag (a word that begins with `!`) is not understood',
            'Take it away, or put the text in quotes',
          ),
          line,
        };
      const open = error.code === 'BAD_INDENT' && error.message.startsWith('Flow');
      const known = SYNTAX[open ? 'MISSING_CHAR' : error.code];
      return {
        ...(known
          ? syntax(known.what, known.cure)
          : syntax(`this is no YAML: ${firstLine(error.message)}`, 'Correct this line')),
        line,
      };
    });
    const dangling = unknownAliases(doc).map((node) => ({
      ...syntax(
        `*${node.source.slice(0, 40)} names nothing above`,
        'Write the anchor before it, or put a text that begins with * in quotes',
      ),
      line: lineAt(node.range?.[0] ?? 0),
    }));
    faults.push(...dangling);
    const readable = dangling.length === 0 && doc.errors.every(({ code }) => code === 'DUPLICATE_KEY');
    return {
      content: readable ? doc.toJS({ maxAliasCount: 1000 }) : undefined,
      faults,
      lineOf: (path) => lineOf(doc, path, lineAt),
    };
  } catch (error) {
    const why = error instanceof RangeError ? 'it is nested too deeply' : firstLine(String(error));
    return {
      ...none,
      faults: [{ ...syntax(`the file cannot be read: ${why}`, 'Simplify it'), line: null }],
    };
  }
}

const syntax = (what: string, cure: string): Finding => ({ path: [], code: 'syntax', what, cure });

const firstLine = (message: string): string => (message.split('\n')[0] ?? '').replace(/[.:]+$/, '');

function unknownAliases(doc: Document.Parsed) {
  const found: { source: string; range?: Node['range'] }[] = [];
  visit(doc, {
    Alias: (_, node) => {
      if (node.resolve(doc) === undefined) found.push(node);
    },
  });
  return found;
}

function lineOf(doc: Document.Parsed, path: Path, lineAt: (offset: number) => number): number | null {
  let node: unknown = doc.contents;
  let at = (node as Node | null)?.range?.[0];
  for (const key of path) {
    if (isAlias(node)) node = node.resolve(doc);
    if (isMap(node)) {
      const pair = node.items.findLast(
        (item) => isScalar(item.key) && String(item.key.value) === String(key),
      );
      if (!pair) break;
      at = (pair.key as Node).range?.[0] ?? at;
      node = pair.value;
    } else if (isSeq(node)) {
      const item = node.items[Number(key)];
      if (item === undefined) break;
      at = (item as Node).range?.[0] ?? at;
      node = item;
    } else break;
  }
  return at === undefined ? null : lineAt(at);
}
