import { GraphBuilder } from '../onnx/graph-builder.js';
import { includeModel } from '../onnx/include-model.js';
import type { FittedModel, Scored } from '../recipes/recipe.js';
import { type Combination, combine, emitCombination } from './combination.js';
import { emitEvidence, evidenceOf, type TailEvidence } from './tail-evidence.js';

/** A fitted pair: both parts, what their scores mean among good units, and how the two become one score. */
export interface PairModel {
  readonly series: FittedModel;
  readonly image: FittedModel;
  readonly evidence: { readonly series: TailEvidence; readonly image: TailEvidence };
  readonly combination: Combination;
}

/** Least weight of a part in naming the class: where neither stands out both count alike. */
const LEAST_WEIGHT = 1e-3;

/** Classes of the pair: those of the part that has a class head; of the series where the two differ. */
export const classesOf = ({ series, image }: Pick<PairModel, 'series' | 'image'>): readonly string[] | null =>
  series.classes ?? image.classes;

/** Whether both parts name the same classes, so that both are heard. */
const bothName = ({ series, image }: PairModel): boolean =>
  series.classes !== null && JSON.stringify(series.classes) === JSON.stringify(image.classes);

/**
 * The pair as one graph. Inputs: `series` (and `length` where traces differ in length), `picture` (and `template`);
 * outputs: `score`, `heat` of the picture, and `class_scores` where a part has a class head.
 */
export function emitPair(model: PairModel, name: string): Uint8Array {
  const { series, image, evidence, combination } = model;
  const g = new GraphBuilder();
  const [length = 0, channels = 1] = series.inputShape;
  const [side = 0, colours = 3] = image.inputShape;
  const trace = new Map([
    ['x', g.input('series', 'float32', ['n', length > 0 ? length : 'length', channels])],
  ]);
  if (length === 0) trace.set('length', g.input('length', 'float32', ['n', 1]));
  const picture = new Map([['x', g.input('picture', 'uint8', ['n', side, side, 3])]]);
  if (colours === 6) picture.set('template', g.input('template', 'uint8', ['n', side, side, 3]));
  const first = includeModel(g, series.onnx, { inputs: trace, wanted: ['score', 'class_scores'] });
  const second = includeModel(g, image.onnx, { inputs: picture, wanted: ['score', 'class_scores', 'heat'] });
  const column = (value = ''): string => g.node('Reshape', [value, g.ints([-1, 1])]);
  const scores = [column(first.get('score')), column(second.get('score'))] as const;
  const seen = emitEvidence(g, evidence.series, scores[0]);
  const looked = emitEvidence(g, evidence.image, scores[1]);
  const both = emitCombination(g, combination, seen, looked);
  // A part without a number makes the whole one without: half a score is none.
  const missing = g.node('Reshape', [g.node('IsNaN', [g.node('Add', [...scores])]), g.ints([-1])]);
  g.output('score', g.node('Where', [missing, g.scalar(Number.NaN), both]), 'float32', ['n']);
  const classes = classesOf(model);
  const shares = [first.get('class_scores'), second.get('class_scores')] as const;
  if (classes !== null) {
    const [own, other] = shares;
    const named =
      bothName(model) && own !== undefined && other !== undefined
        ? weighed(g, [own, seen], [other, looked])
        : (own ?? other ?? '');
    g.output('class_scores', named, 'float32', ['n', classes.length]);
    g.metadata('classes', JSON.stringify(classes));
  }
  const heat = second.get('heat');
  if (heat !== undefined) g.output('heat', heat, 'float32', ['n', 'rows', 'columns']);
  return g.encode(name);
}

/** Mean of two `[n, classes]`, each with the weight of its evidence `[n, 1]`. */
function weighed(
  g: GraphBuilder,
  [a, seenA]: readonly [string, string],
  [b, seenB]: readonly [string, string],
): string {
  const weight = (value: string): string => g.node('Add', [value, g.scalar(LEAST_WEIGHT)]);
  const [wa, wb] = [weight(seenA), weight(seenB)];
  const sum = g.node('Add', [g.node('Mul', [a, wa]), g.node('Mul', [b, wb])]);
  return g.node('Div', [sum, g.node('Add', [wa, wb])]);
}

/** The same in TypeScript from what the parts say of one unit. */
export function scorePair(model: PairModel, series: Scored, image: Scored): Scored {
  const seen = evidenceOf(model.evidence.series, series.score);
  const looked = evidenceOf(model.evidence.image, image.score);
  const score = combine(model.combination, seen, looked);
  const [own, other] = [series.classScores, image.classScores];
  if (classesOf(model) === null || Number.isNaN(score)) return { score };
  if (!bothName(model) || own === undefined || other === undefined) {
    const named = own ?? other;
    return named === undefined ? { score } : { score, classScores: named };
  }
  const [a, b] = [seen + LEAST_WEIGHT, looked + LEAST_WEIGHT];
  return { score, classScores: own.map((share, c) => (share * a + (other[c] ?? 0) * b) / (a + b)) };
}
