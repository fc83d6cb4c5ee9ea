import { type FittedHead, fitBinaryHead, fitClassHead } from '../heads/fit-head.js';
import { type FeatureMatrix, type Head, takeRows } from '../heads/head.js';
import { areaUnderCurve } from '../heads/measures.js';
import type { GraphBuilder } from '../onnx/graph-builder.js';
import { namedClasses } from '../recipes/golden.js';
import type { Scored } from '../recipes/recipe.js';
import { type EnsembleOptions, fitEnsemble } from './ensemble.js';

/** From this many units on, the vocabulary and the networks are worth their time. */
export const LARGE_SET = 400;

/** What every fitted map recipe can do with features, in TypeScript and as ONNX nodes. */
export interface MapHead {
  readonly name: string;
  readonly classes: readonly string[] | null;
  predict(x: FeatureMatrix): Scored[];
  emit(g: GraphBuilder, features: string): { score: string; classScores: string | null };
}

export interface SupervisedMap extends MapHead {
  /** For the choice between recipes: out-of-fold scores (higher = worse), AUC and why. */
  readonly binary: FittedHead;
}

/** Learns good against bad, and the classes where two bad ones have 8 units at least. */
export async function fitSupervisedMap(
  x: FeatureMatrix,
  labels: readonly string[],
  options: EnsembleOptions,
): Promise<SupervisedMap> {
  const bad = Uint8Array.from(labels, (label) => (label === 'good' ? 0 : 1));
  const classes = namedClasses(labels);
  if (x.rows >= LARGE_SET) return fitLarge({ x, labels, bad, classes, options });
  const { seed, groups, signal } = options;
  const shared = { seed, ...(groups ? { groups } : {}), ...(signal ? { signal } : {}) };
  const binary = fitBinaryHead(x, bad, shared);
  options.progress?.(0.6, 'head');
  let classHead: Head | null = null;
  if (classes !== null) {
    const rows = labels.flatMap((label, i) => (classes.includes(label) ? [i] : []));
    const numbers = Int32Array.from(rows, (i) => classes.indexOf(labels[i]!));
    classHead = fitClassHead(takeRows(x, rows), numbers, classes.length, {
      ...shared,
      // Linear class heads on so many features take minutes where trees take seconds.
      kinds: ['trees'],
      folds: 3,
      ...(groups ? { groups: rows.map((i) => groups[i]) } : {}),
    }).head;
  }
  options.progress?.(1, 'head');
  return {
    name: binary.head.name,
    classes,
    binary,
    predict: (features) => {
      const scores = binary.head.predict(features);
      return asScored(scores, classHead?.predict(features) ?? null, classHead?.outputs ?? 0);
    },
    emit: (g, features) => ({
      score: binary.head.emit(g, features),
      classScores: classHead?.emit(g, features) ?? null,
    }),
  };
}

/** One set of probabilities answers both questions: the score is the log odds of all bad classes together. */
async function fitLarge({
  x,
  labels,
  bad,
  classes,
  options,
}: {
  x: FeatureMatrix;
  labels: readonly string[];
  bad: Uint8Array;
  classes: readonly string[] | null;
  options: EnsembleOptions;
}): Promise<SupervisedMap> {
  // Bad units of classes too small to learn count as bad in the binary case; beside named classes they only
  // get scores.
  const rows = labels.flatMap((label, i) => (classes === null || classes.includes(label) ? [i] : []));
  const numbers = Int32Array.from(rows, (i) => (classes === null ? bad[i]! : classes.indexOf(labels[i]!)));
  const count = classes?.length ?? 2;
  const { groups } = options;
  const ensemble = await fitEnsemble(takeRows(x, rows), numbers, count, {
    ...options,
    groups: groups === undefined ? undefined : rows.map((i) => groups[i]),
  });
  const { head } = ensemble;
  const left = labels.flatMap((label, i) => (classes !== null && !classes.includes(label) ? [i] : []));
  const outOfFold = new Float64Array(labels.length);
  const known = oddsOf(ensemble.outOfFold, count);
  rows.forEach((row, k) => {
    outOfFold[row] = known[k]!;
  });
  const others = oddsOf(head.predict(takeRows(x, left)), count);
  left.forEach((row, k) => {
    outOfFold[row] = others[k]!;
  });
  return {
    name: head.name,
    classes,
    binary: { head, outOfFold, quality: areaUnderCurve(outOfFold, bad), why: ensemble.why },
    predict: (features) => {
      const chances = head.predict(features);
      return asScored(oddsOf(chances, count), classes === null ? null : chances, count);
    },
    emit: (g, features) => {
      const chances = head.emit(g, features);
      return { score: emitOdds(g, chances, count), classScores: classes === null ? null : chances };
    },
  };
}

/** Keeps the logarithm finite; far below what a probability can mean. */
const TINY = 1e-9;

/** ln(sum of the bad probabilities) - ln(good probability): sums, never 1 - p, so that no digits are lost. */
function oddsOf(chances: Float64Array, count: number): Float64Array {
  return Float64Array.from({ length: chances.length / count }, (_, i) => {
    let bad = TINY;
    for (let c = 1; c < count; c++) bad += chances[i * count + c]!;
    return Math.log(bad) - Math.log(chances[i * count]! + TINY);
  });
}

function emitOdds(g: GraphBuilder, chances: string, count: number): string {
  const log = (from: number, to: number): string => {
    const part = g.node('Slice', [chances, g.ints([from]), g.ints([to]), g.ints([1])]);
    const sum = g.node('ReduceSum', [part, g.ints([1])], { keepdims: 0 });
    return g.node('Log', [g.node('Add', [sum, g.scalar(TINY)])]);
  };
  return g.node('Sub', [log(1, count), log(0, 1)]);
}

function asScored(scores: Float64Array, chances: Float64Array | null, count: number): Scored[] {
  return Array.from(scores, (score, i) => ({
    score,
    ...(chances === null
      ? {}
      : { classScores: Float32Array.from(chances.subarray(i * count, (i + 1) * count)) }),
  }));
}
