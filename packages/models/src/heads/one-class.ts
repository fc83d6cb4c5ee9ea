import type { GraphBuilder } from '../onnx/graph-builder.js';
import { stratifiedFolds } from './folds.js';
import { type FeatureMatrix, takeRows } from './head.js';
import { fitPart, type Part, type PartName } from './one-class-parts.js';
import { quantile } from './quantile.js';
import { createRandom } from './random.js';
import { type ColumnScales, columnScales, emitTwoSided, twoSided } from './two-sided.js';

/** Columns that belong together, and the ways in which they are asked whether a unit looks like the good ones. */
export interface FeatureBlock {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** All columns carry the same unit: a column that never moved borrows its scale from the others. */
  readonly sameUnit: boolean;
  readonly parts: readonly PartName[];
}

/** What the one-class model says of many rows. */
export interface OneClassResult {
  /** `[rows]`, higher = less like the good ones; about 0 at a typical good unit, 1 at its 95 % quantile. */
  readonly score: Float64Array;
  /** `[rows, parts]`, each part on the same scale as `score`. */
  readonly parts: Float64Array;
  /** `[rows, width]` two-sided robust deviations, cut to +-20. */
  readonly deviations: Float32Array;
}

/** A description of good units, learnt from good units only. */
export interface OneClass {
  /** `block.part`, in the order of `OneClassResult.parts`. */
  readonly partNames: readonly string[];
  predict(x: FeatureMatrix): OneClassResult;
  emit(g: GraphBuilder, features: string): { score: string; parts: string; deviations: string };
}

/** Weight of the worst part in the score: 0 = mean of the parts, infinity = their maximum. */
const SHARPNESS = 1;

/**
 * Learns from the good rows of `x`. Every column becomes a deviation from the median on two scales (below and
 * above, each from the outer quantile), every part of a block one number, and every number is put on the scale of
 * good rows that its own fold did not see, so that parts with many parameters do not look better than they are.
 * The score is a soft maximum of the parts: log-mean-exp.
 *
 * `outOfFold` holds what is said of every row, bad ones too, by a description from the other folds (groups kept
 * together; the scale of the parts alone is common).
 */
export function fitOneClass(
  x: FeatureMatrix,
  bad: Uint8Array,
  blocks: readonly FeatureBlock[],
  { seed, groups }: { seed: number; groups?: readonly (string | undefined)[] },
): { model: OneClass; outOfFold: Omit<OneClassResult, 'deviations'> } {
  const rows = Array.from(bad, (_, i) => i);
  const good = rows.filter((i) => !bad[i]);
  const whole = fitDescription(takeRows(x, good), blocks, seed);
  const count = whole.parts.length;
  const folds = Math.max(2, Math.min(5, good.length));
  const fold = stratifiedFolds(Int32Array.from(bad), groups, folds, createRandom(seed));
  const held = new Float64Array(x.rows * count);
  for (let f = 0; f < folds; f++) {
    const test = rows.filter((i) => fold[i] === f);
    const train = good.filter((i) => fold[i] !== f);
    if (test.length === 0) continue;
    const description = train.length > 0 ? fitDescription(takeRows(x, train), blocks, seed) : whole;
    const raw = rawParts(description, takeRows(x, test)).parts;
    test.forEach((row, t) => {
      held.set(raw.subarray(t * count, (t + 1) * count), row * count);
    });
  }
  const calibration = calibrate(held, good, count);
  return { model: calibratedModel(whole, calibration), outOfFold: onScale(held, calibration) };
}

interface Description {
  readonly width: number;
  readonly scales: ColumnScales;
  readonly parts: readonly (Part & { readonly name: string; readonly block: FeatureBlock })[];
}

function fitDescription(good: FeatureMatrix, blocks: readonly FeatureBlock[], seed: number): Description {
  const scales = columnScales(good, blocks);
  const deviations = twoSided(good, scales);
  const parts = blocks.flatMap((block) =>
    block.parts.map((name) => {
      const part = fitPart(name, columns(deviations, good.rows, good.width, block), seed);
      return { ...part, name: `${block.name}.${name}`, block };
    }),
  );
  return { width: good.width, scales, parts };
}

function columns(
  values: Float32Array,
  rows: number,
  width: number,
  { from, to }: FeatureBlock,
): FeatureMatrix {
  const out = new Float32Array(rows * (to - from));
  for (let i = 0; i < rows; i++) out.set(values.subarray(i * width + from, i * width + to), i * (to - from));
  return { values: out, rows, width: to - from };
}

function rawParts(
  description: Description,
  x: FeatureMatrix,
): { parts: Float64Array; deviations: Float32Array } {
  const deviations = twoSided(x, description.scales);
  const count = description.parts.length;
  const parts = new Float64Array(x.rows * count);
  const cut = new Map<FeatureBlock, FeatureMatrix>();
  description.parts.forEach((part, p) => {
    const block = cut.get(part.block) ?? columns(deviations, x.rows, x.width, part.block);
    cut.set(part.block, block);
    const value = part.predict(block);
    for (let i = 0; i < x.rows; i++) parts[i * count + p] = value[i]!;
  });
  return { parts, deviations };
}

/** Added before the logarithm, so that a perfect match stays finite. */
const TINY = 1e-3;

/** Where each part's logarithm has its middle and (inverse) its way to the 95 % quantile, over good rows. */
interface Calibration {
  readonly centre: Float32Array;
  readonly scale: Float32Array;
}

function calibrate(held: Float64Array, good: readonly number[], count: number): Calibration {
  const centre = new Float32Array(count);
  const scale = new Float32Array(count);
  for (let p = 0; p < count; p++) {
    const column = Float64Array.from(good, (i) => Math.log(held[i * count + p]! + TINY)).sort();
    const middle = quantile(column, 0.5);
    centre[p] = middle;
    scale[p] = 1 / Math.max(0.1, quantile(column, 0.95) - middle);
  }
  return { centre, scale };
}

/** Parts on the common scale, and the score. */
function onScale(
  raw: Float64Array,
  { centre, scale }: Calibration,
): { score: Float64Array; parts: Float64Array } {
  const count = centre.length;
  const parts = new Float64Array(raw.length);
  const score = new Float64Array(raw.length / count);
  for (let i = 0; i < score.length; i++) {
    let sum = 0;
    for (let p = 0; p < count; p++) {
      const at = i * count + p;
      parts[at] = (Math.log(raw[at]! + TINY) - centre[p]!) * scale[p]!;
      sum += Math.exp(SHARPNESS * parts[at]!);
    }
    score[i] = Math.log(sum / count) / SHARPNESS;
  }
  return { score, parts };
}

function calibratedModel(description: Description, calibration: Calibration): OneClass {
  const { centre, scale } = calibration;
  const count = centre.length;
  return {
    partNames: description.parts.map((part) => part.name),
    predict: (x) => {
      const { parts, deviations } = rawParts(description, x);
      return { ...onScale(parts, calibration), deviations };
    },
    emit: (g, features) => {
      const deviations = emitTwoSided(g, features, description.scales);
      const slices = new Map<FeatureBlock, string>();
      const values = description.parts.map((part) => {
        const { block } = part;
        const slice =
          slices.get(block) ??
          g.node('Slice', [deviations, g.ints([block.from]), g.ints([block.to]), g.ints([1])]);
        slices.set(block, slice);
        return part.emit(g, slice);
      });
      const joined = values.length === 1 ? values[0]! : g.node('Concat', values, { axis: 1 });
      const log = g.node('Log', [g.node('Add', [joined, g.scalar(TINY)])]);
      const parts = g.node('Mul', [
        g.node('Sub', [log, g.floats(centre, [1, count])]),
        g.floats(scale, [1, count]),
      ]);
      const sharp = g.node('Mul', [parts, g.scalar(SHARPNESS)]);
      const sum = g.node('ReduceLogSumExp', [sharp], { axes: { ints: [1] }, keepdims: 0 });
      const score = g.node('Mul', [g.node('Sub', [sum, g.scalar(Math.log(count))]), g.scalar(1 / SHARPNESS)]);
      return { score, parts, deviations };
    },
  };
}
