import { fileURLToPath } from 'node:url';
import { parseSync } from 'oxc-parser';
import { expect, it } from 'vitest';
import { said } from '../packages/site/src/report/said/said.js';
import { readSources } from './layers.js';

// What a run says reaches reports in other languages: each of its sentences must be in the report's list of them.

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Files all of whose sentences may stand in a report; of the other files of models only what is named `why`. */
const SAYS =
  /^packages\/(core\/src\/gate|site\/src\/(dataset\/(?!open)|quality|replay\/(?!write))|models\/src\/(recipes\/choose-recipe|(engine|map|image)\/prepare))/;
const WHY_ONLY = /^packages\/models\/src\//;
/** Never in a report: what is thrown as a fault of the input, asked of a person now, or shown while a run goes on. */
const ELSEWHERE = new Set([
  'InputFault',
  'FitError',
  'RangeError',
  'TypeError',
  'ask',
  'progress',
  'scorePart',
]);

/** Parts of a sentence that the list holds as a whole, and words for the log or for a person at the line. */
const PARTS = new Set([
  'Bad units come in groups (permutation test p = 7), so 7. More groups, not more units, make the proof stronger',
  'each group counts as one piece of evidence: 7 groups of 7 units',
  'one unit per group counts: 7 of 7',
  'items of a group from 7 to 7',
  'equal items from 7 to 7',
  '7 (AUC 7)',
  'number of channels',
  'selvedge replay 7',
  'agreement with operators',
  'the exported graph differs from the fitted recipe on 7 golden samples: score 7, class 7 (allowed 7)',
  'score at or below the accepted one',
  'score at or above the rejected one',
]);

type Node = { readonly type: string; readonly [key: string]: unknown };
const isNode = (x: unknown): x is Node => typeof x === 'object' && x !== null && 'type' in x;

it('every sentence of a run is known to the report in every language', () => {
  const sentences = readSources(ROOT).flatMap(({ path, text }) =>
    SAYS.test(path) || WHY_ONLY.test(path)
      ? sentencesOf(text, !SAYS.test(path)).map((sentence) => ({ path, sentence }))
      : [],
  );
  expect(sentences.length).toBeGreaterThan(100);
  const unknown = sentences.filter(({ sentence }) => !PARTS.has(sentence) && said(sentence, 'zh') === null);
  expect(unknown).toEqual([]);
});

it('a sentence that nobody has translated is found', () => {
  const text =
    'const x = { why: bad ? `unit 7 fell from the belt` : "the scores have shifted: audits are raised" };';
  const found = sentencesOf(text, true).filter((sentence) => said(sentence, 'id') === null);
  expect(found).toEqual(['unit 7 fell from the belt']);
  const parts =
    'const what = bad ? "a unit fell" : "the belt stopped"; const x = { why: `$' + '{what} at noon` };';
  expect(sentencesOf(parts, true)).toEqual(['a unit fell at noon', 'the belt stopped at noon']);
});

it.each([
  'each group counts as one piece of evidence: 30 groups of 600 units',
  'one unit per group counts: 30 of 600',
])('a sentence made of parts is known as a whole: %s', (how) => {
  const whole = `Bad units come in groups (permutation test p = 0.001), so ${how}. More groups, not more units, make the proof stronger`;
  expect(said(whole, 'zh')).toMatch(/0\.001.*600.*30/);
  expect(said(whole, 'id')).toMatch(/0,001.*30.*600/);
});

/**
 * Strings of three words or more: each value as `7`, each choice between two strings taken both ways, a text with a
 * name of its own in the place where it is used.
 */
function sentencesOf(text: string, whyOnly: boolean): string[] {
  const { program } = parseSync('file.ts', text);
  const named = namedTexts(program);
  const found: string[] = [];
  const visit = (node: unknown, inside: boolean): void => {
    if (Array.isArray(node)) for (const child of node) visit(child, inside);
    if (!isNode(node)) return;
    if (/^(Import|Export(All|Named))/.test(node.type) && node.source) return;
    if (node.type === 'CallExpression' || node.type === 'NewExpression') {
      const callee = node.callee as Node;
      if (ELSEWHERE.has(nameOf(callee) ?? nameOf(callee.property) ?? '')) return;
    }
    const name = nameOf(node.id) ?? nameOf(node.key) ?? '';
    // Messages are the text of an InputFault.
    if ((node.type === 'VariableDeclarator' || node.type === 'Property') && name === 'message') return;
    if (node.type === 'VariableDeclarator' && named.has(name)) return;
    const here = inside || !whyOnly || (node.type === 'Property' && name === 'why');
    if (here && isText(node)) found.push(...readings(node, named).filter((s) => /\S+ \S+ \S+/.test(s)));
    else for (const [key, child] of Object.entries(node)) if (key !== 'type') visit(child, here);
  };
  visit(program, false);
  return found;
}

const nameOf = (node: unknown): string | undefined =>
  isNode(node) && node.type === 'Identifier' ? String(node.name) : undefined;

const isText = (node: Node): boolean =>
  node.type === 'TemplateLiteral' || (node.type === 'Literal' && typeof node.value === 'string');

/** Constants that choose between two texts and stand in a template, by name, in the order of the file. */
function namedTexts(program: unknown): Map<string, readonly Node[]> {
  const held = new Map<string, Node[]>();
  const used = new Set<string>();
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) for (const child of node) visit(child);
    if (!isNode(node)) return;
    const init = node.init as Node | null | undefined;
    if (node.type === 'VariableDeclarator' && init?.type === 'ConditionalExpression')
      if (isText(init.consequent as Node) && isText(init.alternate as Node))
        held.set(nameOf(node.id) ?? '', [...(held.get(nameOf(node.id) ?? '') ?? []), init]);
    if (node.type === 'TemplateLiteral')
      for (const expression of node.expressions as Node[]) used.add(nameOf(expression) ?? '');
    for (const [key, child] of Object.entries(node)) if (key !== 'type') visit(child);
  };
  visit(program);
  return new Map([...held].filter(([name]) => used.has(name)));
}

function readings(node: Node, named: ReadonlyMap<string, readonly Node[]>): string[] {
  if (node.type === 'Literal') return [String(node.value)];
  // Of several with one name, the nearest one above.
  const held = named.get(nameOf(node) ?? '')?.findLast((init) => Number(init.end) <= Number(node.start));
  if (held) return readings(held, named);
  if (node.type === 'ConditionalExpression')
    return [node.consequent, node.alternate].flatMap((choice) => readings(choice as Node, named));
  if (node.type !== 'TemplateLiteral') return ['7'];
  const quasis = (node.quasis as { value: { cooked: string } }[]).map((q) => q.value.cooked);
  return (node.expressions as Node[]).reduce<string[]>(
    (heads, expression, i) =>
      heads.flatMap((head) => readings(expression, named).map((value) => `${head}${value}${quasis[i + 1]}`)),
    [quasis[0] ?? ''],
  );
}
