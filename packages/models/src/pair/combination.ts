import { fitBinaryHead } from '../heads/fit-head.js';
import type { FeatureMatrix, Head } from '../heads/head.js';
import { areaUnderCurve } from '../heads/measures.js';
import { groupedGain } from '../image/label-gain.js';
import type { GraphBuilder } from '../onnx/graph-builder.js';
import { FEWEST_BAD } from '../recipes/choose-recipe.js';

/**
 * How the evidence of two parts becomes one score. The plain ones take nothing from labels but the choice between them;
 * `first` and `second` hear one part alone, `logistic` has learnt from labels.
 */
export type Combination =
  | { readonly name: Plain; readonly head: null }
  | { readonly name: 'logistic'; readonly head: Head };

export interface ChosenCombination {
  readonly combination: Combination;
  /** Scores of the fit units from which it was chosen. */
  readonly outOfFold: Float64Array;
  readonly why: string;
}

type Plain = 'sum' | 'larger' | 'first' | 'second';

/** In the order in which they are tried; equals keep the earlier one. */
const PLAIN: readonly Plain[] = ['sum', 'larger', 'first', 'second'];

const plainly: Readonly<Record<Plain, (first: number, second: number) => number>> = {
  sum: (first, second) => first + second,
  larger: Math.max,
  first: (first) => first,
  second: (_, second) => second,
};

/** Standard errors by which a plain one must beat `sum`, and by which what was learnt from labels must beat that. */
const MARGIN = 1;
const LABEL_MARGIN = 2;
/** Evidence beyond this (one good unit in 5e8) teaches the head nothing more. */
const MOST_EVIDENCE = 20;
const FEATURES = 4;

/**
 * Chooses the combination on out-of-fold evidence of the fit set alone. The sum (Fisher 1925: minus log of the product of
 * tail ranks) is what stands without labels: it finds a fault that both parts show weakly, and one that a single part
 * shows plainly. Another one must win by more than noise, units of one group counted together.
 *
 * @param evidence of the two parts, one entry a unit, finite.
 */
export function chooseCombination(
  evidence: { readonly first: Float64Array; readonly second: Float64Array },
  bad: Uint8Array,
  options: {
    readonly seed: number;
    /** False: labels choose among the plain ones and teach nothing. */
    readonly learn: boolean;
    readonly groups?: readonly (string | undefined)[];
  },
): ChosenCombination {
  const { first, second } = evidence;
  const sum = first.map((e, i) => e + (second[i] ?? 0));
  const badCount = bad.reduce((n, b) => n + b, 0);
  if (badCount < FEWEST_BAD)
    return {
      combination: { name: 'sum', head: null },
      outOfFold: sum,
      why: `the evidence of trace and picture is added: ${badCount} bad units are fewer than ${FEWEST_BAD}`,
    };
  const auc = (scores: Float64Array): string => areaUnderCurve(scores, bad).toFixed(4);
  const scored = PLAIN.map((name) => ({
    name,
    scores: first.map((e, i) => plainly[name](e, second[i] ?? 0)),
  }));
  let best = { name: 'sum' as Plain, scores: sum, difference: 0 };
  for (const { name, scores } of scored) {
    const { difference, standardError } = groupedGain(scores, sum, bad, options.groups);
    if (difference > Math.max(MARGIN * standardError, best.difference)) best = { name, scores, difference };
  }
  const [, larger] = scored;
  const learnt = options.learn ? learn(evidence, bad, options) : null;
  const aucs = `out-of-fold AUC of the sum ${auc(sum)}, of the larger ${auc(larger?.scores ?? sum)}, of the trace alone ${auc(first)}, of the picture alone ${auc(second)}`;
  if (learnt !== null) {
    const more = groupedGain(learnt.outOfFold, best.scores, bad, options.groups);
    if (more.difference > LABEL_MARGIN * more.standardError)
      return {
        combination: { name: 'logistic', head: learnt.head },
        outOfFold: learnt.outOfFold,
        why: `labels weigh trace and picture, with an out-of-fold AUC of ${auc(learnt.outOfFold)}: ${aucs}`,
      };
  }
  const said = { combination: { name: best.name, head: null }, outOfFold: best.scores };
  switch (best.name) {
    case 'sum':
      return { ...said, why: `the evidence of trace and picture is added: ${aucs}` };
    case 'larger':
      return { ...said, why: `the larger evidence of trace and picture counts: ${aucs}` };
    case 'first':
      return { ...said, why: `the trace alone counts, the picture would blur it: ${aucs}` };
    case 'second':
      return { ...said, why: `the picture alone counts, the trace would blur it: ${aucs}` };
  }
}

/** Which features a logistic may use, the richest first: both parts with their squares, both, one of them. */
const USED = [
  [1, 1, 1, 1],
  [1, 1, 0, 0],
  [1, 0, 0, 0],
  [0, 1, 0, 0],
] as const;

/** The richest logistic under which a unit that stands out more in one part never scores better; null where none is. */
function learn(
  { first, second }: { readonly first: Float64Array; readonly second: Float64Array },
  bad: Uint8Array,
  { seed, groups }: { readonly seed: number; readonly groups?: readonly (string | undefined)[] },
): { head: Head; outOfFold: Float64Array } | null {
  const grid = Float64Array.from({ length: 201 }, (_, i) => (MOST_EVIDENCE * i) / 200);
  const still = new Float64Array(grid.length);
  for (const used of USED) {
    const x = features(first, second);
    // A column without spread has no weight, so the head passes over it wherever it is used.
    const values = x.values.map((value, i) => value * (used[i % FEATURES] ?? 0));
    const options = { seed, kinds: ['linear'] as const, ...(groups === undefined ? {} : { groups }) };
    const { head, outOfFold } = fitBinaryHead({ ...x, values }, bad, options);
    const rising = (along: FeatureMatrix): boolean =>
      head.predict(along).every((score, i, all) => i === 0 || score >= (all[i - 1] ?? 0) - 1e-9);
    if (rising(features(grid, still)) && rising(features(still, grid))) return { head, outOfFold };
  }
  return null;
}

/** Evidence of both parts, cut at 20, and their squares. */
function features(first: ArrayLike<number>, second: ArrayLike<number>): FeatureMatrix {
  const values = new Float32Array(first.length * FEATURES);
  for (let i = 0; i < first.length; i++) {
    const a = Math.min(MOST_EVIDENCE, first[i] ?? 0);
    const b = Math.min(MOST_EVIDENCE, second[i] ?? 0);
    values.set([a, b, a * a, b * b], i * FEATURES);
  }
  return { values, rows: first.length, width: FEATURES };
}

/** The score of one unit by the evidence of its parts; NaN where either is. */
export function combine({ name, head }: Combination, first: number, second: number): number {
  if (Number.isNaN(first) || Number.isNaN(second)) return Number.NaN;
  if (head !== null) return head.predict(features([first], [second]))[0] ?? Number.NaN;
  return plainly[name](first, second);
}

/** The same as nodes: float32 `[n, 1]` of each part to `[n]`. */
export function emitCombination(
  g: GraphBuilder,
  { name, head }: Combination,
  first: string,
  second: string,
): string {
  const flat = (value: string): string => g.node('Reshape', [value, g.ints([-1])]);
  if (name === 'first' || name === 'second') return flat(name === 'first' ? first : second);
  if (head === null) return flat(g.node(name === 'sum' ? 'Add' : 'Max', [first, second]));
  const both = g.node('Min', [g.node('Concat', [first, second], { axis: 1 }), g.scalar(MOST_EVIDENCE)]);
  return head.emit(g, g.node('Concat', [both, g.node('Mul', [both, both])], { axis: 1 }));
}
