import { openSession } from '../engine/engine.js';
import { type Prepare, toTensor } from '../engine/prepare.js';
import { type FittedHead, fitBinaryHead, fitClassHead } from '../heads/fit-head.js';
import { type FeatureMatrix, type Head, takeRows } from '../heads/head.js';
import { fitOneClass, type OneClass } from '../heads/one-class.js';
import type { Observation, ObservationKind } from '../observe/observation.js';
import { GraphBuilder } from '../onnx/graph-builder.js';
import type { SeriesFeatures } from '../series/series-graph.js';
import { chooseRecipe } from './choose-recipe.js';
import { FitError } from './fit-error.js';
import { goldenOf, namedClasses } from './golden.js';
import type { FitOptions, FittedModel, FitUnit, Scored } from './recipe.js';

/** A kind of observation whose features are one row of numbers computed by a graph. */
export interface FlatKind {
  readonly input: ObservationKind;
  /** Name of the feature set with its version, e.g. `series-v1`. */
  readonly features: string;
  readonly inputShape: readonly number[];
  readonly prepare: Prepare;
  /** Adds the inputs and the features to a graph. */
  emit(g: GraphBuilder): SeriesFeatures;
}

/** Rows that pass through the feature graph at once. */
const BATCH = 512;

/** Fits novelty and, where asked, labels on features that the exported graph itself computes. */
export async function fitFlat(
  units: readonly FitUnit[],
  options: FitOptions,
  kind: FlatKind,
): Promise<FittedModel> {
  const probe = new GraphBuilder();
  const { blocks, width, headColumns } = kind.emit(probe);
  const run = await featureRunner(kind);
  const all = await run(units.map((unit) => unit.observation));
  options.progress?.(0.2, 'features');
  const readable = all.rows;
  const kept = readable.map((i) => units[i]!);
  const x: FeatureMatrix = { values: all.values, rows: kept.length, width };
  const bad = Uint8Array.from(kept, (unit) => (unit.label === 'good' ? 0 : 1));
  const groups = kept.some((unit) => unit.group !== undefined) ? kept.map((unit) => unit.group) : undefined;
  const good = kept.flatMap((_, i) => (bad[i] ? [] : [i]));
  if (good.length < 5) {
    const why = all.faults.find((fault) => fault !== undefined);
    throw new FitError(
      'no-good-units',
      `a fit needs at least 5 readable good units, got ${good.length}${why === undefined ? '' : ` (first fault: ${why})`}`,
    );
  }
  const badCount = kept.length - good.length;
  if (options.recipe === 'supervised' && badCount < 2) {
    throw new FitError('no-bad-units', `supervised needs bad units in the fit set, got ${badCount}`);
  }
  const seed = options.seed;
  const { model: oneClass, outOfFold: outside } = fitOneClass(x, bad, blocks, {
    seed,
    ...(groups ? { groups } : {}),
  });
  options.progress?.(0.4, 'novelty');
  options.signal?.throwIfAborted();
  const novelty: Variant = {
    recipe: 'novelty',
    oneClass,
    headColumns,
    head: null,
    classHead: null,
    classes: null,
  };

  const wanted = options.recipe === 'supervised' || (options.recipe === 'auto' && badCount >= 20);
  const supervised = wanted
    ? fitSupervised({ x, bad, kept, novelty, outside: outside.parts, groups, options })
    : null;
  const chosen = chooseRecipe({
    wanted: options.recipe === 'supervised' ? 'supervised' : options.recipe === 'auto' ? 'auto' : 'novelty',
    bad,
    novelty: outside.score,
    supervised: supervised?.binary ?? null,
  });
  const variant = chosen.recipe === 'supervised' && supervised !== null ? supervised.variant : novelty;
  const keptScores = variant === novelty ? outside.score : supervised!.binary.outOfFold;
  const outOfFold = new Float64Array(units.length).fill(Number.NaN);
  readable.forEach((unit, i) => {
    outOfFold[unit] = keptScores[i]!;
  });
  options.progress?.(0.95, 'export');
  const reference = async (observations: readonly Observation[]): Promise<Scored[]> => {
    const { values, rows } = await run(observations);
    const scored = scoreWith(variant, { values, rows: rows.length, width });
    const out: Scored[] = observations.map(() => ({ score: Number.NaN }));
    rows.forEach((unit, i) => {
      out[unit] = scored[i]!;
    });
    return out;
  };
  const golden = await goldenOf(kept, keptScores, reference);
  options.progress?.(1, 'fitted');
  return {
    recipe: variant.recipe,
    name: `${variant.recipe}/${kind.features}/${variant.head === null ? 'one-class' : variant.head.name}`,
    why: chosen.why,
    input: kind.input,
    onnx: exportVariant(kind, variant),
    classes: variant.classes,
    outOfFold,
    reference,
    golden,
    inputShape: kind.inputShape,
  };
}

interface Variant {
  readonly recipe: 'novelty' | 'supervised';
  readonly oneClass: OneClass;
  readonly headColumns: readonly number[];
  readonly head: Head | null;
  readonly classHead: Head | null;
  readonly classes: readonly string[] | null;
}

/** Features of the head: the deviations of the columns it learns from, and every part of the one-class model. */
function headFeatures(
  { deviations, parts }: { deviations: Float32Array; parts: Float64Array },
  columns: readonly number[],
  rows: number,
): FeatureMatrix {
  const from = deviations.length / Math.max(1, rows);
  const own = parts.length / Math.max(1, rows);
  const width = columns.length + own;
  const values = new Float32Array(rows * width);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < columns.length; k++) values[i * width + k] = deviations[i * from + columns[k]!]!;
    for (let p = 0; p < own; p++) values[i * width + columns.length + p] = parts[i * own + p]!;
  }
  return { values, rows, width };
}

function fitSupervised({
  x,
  bad,
  kept,
  novelty,
  outside,
  groups,
  options,
}: {
  x: FeatureMatrix;
  bad: Uint8Array;
  kept: readonly FitUnit[];
  novelty: Variant;
  outside: Float64Array;
  groups: readonly (string | undefined)[] | undefined;
  options: FitOptions;
}): { variant: Variant; binary: FittedHead } {
  // Parts of units that the one-class model saw look too good: the head learns from those it did not see.
  const features = headFeatures(
    { deviations: novelty.oneClass.predict(x).deviations, parts: outside },
    novelty.headColumns,
    x.rows,
  );
  const headOptions = {
    seed: options.seed,
    ...(groups ? { groups } : {}),
    ...(options.signal ? { signal: options.signal } : {}),
  };
  const binary = fitBinaryHead(features, bad, headOptions);
  options.progress?.(0.8, 'head');
  const classes = namedClasses(kept.map((unit) => unit.label));
  let classHead: Head | null = null;
  if (classes !== null) {
    const rows = kept.flatMap((unit, i) => (classes.includes(unit.label) ? [i] : []));
    const labels = Int32Array.from(rows, (i) => classes.indexOf(kept[i]!.label));
    classHead = fitClassHead(takeRows(features, rows), labels, classes.length, {
      ...headOptions,
      ...(groups ? { groups: rows.map((i) => groups[i]) } : {}),
    }).head;
  }
  return {
    binary,
    variant: { ...novelty, recipe: 'supervised', head: binary.head, classHead, classes },
  };
}

function scoreWith({ oneClass, headColumns, head, classHead, classes }: Variant, x: FeatureMatrix): Scored[] {
  const said = oneClass.predict(x);
  const features = headFeatures(said, headColumns, x.rows);
  const final = head === null ? said.score : head.predict(features);
  const shares = classHead?.predict(features);
  return Array.from({ length: x.rows }, (_, i) => ({
    score: final[i]!,
    ...(shares && classes
      ? { classScores: Float32Array.from(shares.subarray(i * classes.length, (i + 1) * classes.length)) }
      : {}),
  }));
}

function exportVariant(
  kind: FlatKind,
  { oneClass, headColumns, head, classHead, classes, recipe }: Variant,
): Uint8Array {
  const g = new GraphBuilder();
  const { value } = kind.emit(g);
  const { score, parts, deviations } = oneClass.emit(g, value);
  if (head === null) g.output('score', score, 'float32', ['n']);
  else {
    const features = g.node(
      'Concat',
      [g.node('Gather', [deviations, g.ints(headColumns)], { axis: 1 }), parts],
      { axis: 1 },
    );
    g.output('score', head.emit(g, features), 'float32', ['n']);
    if (classHead !== null && classes !== null) {
      g.output('class_scores', classHead.emit(g, features), 'float32', ['n', classes.length]);
      g.metadata('classes', JSON.stringify(classes));
    }
  }
  g.metadata('recipe', recipe);
  g.metadata('features', kind.features);
  return g.encode(`${recipe}-${kind.features}`);
}

/** Runs the feature graph alone: training reads the very numbers that serving will see. */
async function featureRunner(kind: FlatKind) {
  const g = new GraphBuilder();
  const { value, width } = kind.emit(g);
  g.output('features', value, 'float32', ['n', width]);
  const graph = g.encode('features');
  return async (observations: readonly Observation[]) => {
    const session = await openSession(graph);
    try {
      const rows: number[] = [];
      const faults: (string | undefined)[] = [];
      const pieces: Float32Array[] = [];
      for (let from = 0; from < observations.length; from += BATCH) {
        const batch = await kind.prepare(observations.slice(from, from + BATCH), kind.inputShape);
        faults.push(...batch.faults);
        if (batch.rows.length === 0) continue;
        rows.push(...batch.rows.map((i) => from + i));
        const feeds = Object.fromEntries(Object.entries(batch.feeds).map(([name, t]) => [name, toTensor(t)]));
        const out = await session.run(feeds);
        pieces.push(out.features!.data as Float32Array);
      }
      const values = new Float32Array(rows.length * width);
      let at = 0;
      for (const piece of pieces) {
        values.set(piece, at);
        at += piece.length;
      }
      return { values, rows, faults };
    } finally {
      await session.release();
    }
  };
}
