import { mobileNetBackbone } from '../backbone/backbone.js';
import { onnxBackbone } from '../backbone/onnx-backbone.js';
import { openSession } from '../engine/engine.js';
import { toTensor } from '../engine/prepare.js';
import { type FittedHead, fitBinaryHead, fitClassHead } from '../heads/fit-head.js';
import { stratifiedFolds } from '../heads/folds.js';
import { type FeatureMatrix, takeRows } from '../heads/head.js';
import { createRandom } from '../heads/random.js';
import type { Observation } from '../observe/observation.js';
import { GraphBuilder } from '../onnx/graph-builder.js';
import { chooseRecipe } from '../recipes/choose-recipe.js';
import { FitError } from '../recipes/fit-error.js';
import { goldenOf, namedClasses } from '../recipes/golden.js';
import type { FitOptions, FittedModel, FitUnit, Scored } from '../recipes/recipe.js';
import { kCentre } from './coreset.js';
import { groupedGain } from './label-gain.js';
import { fitOverall, type Overall, overallDistance } from './overall.js';
import { type Bank, GRID, SIDE, type Whitening } from './patch-graph.js';
import { fitWhitening, patchesOf } from './patch-model.js';
import { emitInputs, emitPictureModel, type PictureModel, scorePicture } from './picture-model.js';
import { emitPools, emitSummary, LEVEL, POOL_WIDTH, POOLS, summaryWidth } from './pooled.js';
import { prepare } from './prepare.js';

/** Typical patches kept. */
const BANK = 1000;
/** Good pictures whose patches can enter a bank, and patches among which it is chosen. */
const BANK_PICTURES = 300;
const BANK_CANDIDATES = 12_000;
/** Banks that score the fit set, each without a part of it. */
const FOLDS = 3;
/** Bad pictures from which on they choose the pool; before, the worst 5 % are averaged. */
const POOL_BAD = 10;
const USUAL_POOL = 2;
/** Standard errors by which a head must beat novelty out of fold before it takes the score. */
const MARGIN = 2;
const BATCH = 8;

/**
 * Fits the picture recipes: a frozen backbone, whitened patches, a bank of typical patches of good pictures (or
 * the template of each picture, where every unit has one), and on request a head on summaries and novelty.
 * The whitening is learnt once from good pictures of the whole fit set; the banks of `outOfFold` are cross-fitted.
 * @throws FitError where fewer than 5 good pictures can be read, `supervised` has fewer than 2 bad ones, or the
 * file named as backbone cannot be used.
 */
export async function fitImage(units: readonly FitUnit[], options: FitOptions): Promise<FittedModel> {
  const { seed, signal, progress } = options;
  const backbone =
    options.backbone === undefined
      ? await mobileNetBackbone()
      : await onnxBackbone(options.backbone, { side: SIDE, cells: GRID });
  const paired = units.every(({ observation: o }) => o.kind === 'image' && o.template !== undefined);
  const inputShape = [SIDE, paired ? 6 : 3];
  const goods = await readGoods(units, seed, signal);
  progress?.(0.15, 'pictures');
  const whitenings = await fitWhitening(
    backbone,
    goods.map((one) => one.pixels),
  );
  const width = whitenings.reduce((sum, w) => sum + w.components, 0);
  signal?.throwIfAborted();
  const patches = paired
    ? []
    : await patchesOf(
        backbone,
        whitenings,
        goods.map((one) => one.pixels),
        (done) => progress?.(0.15 + 0.2 * done, 'patches'),
      );
  const bad = Uint8Array.from(units, (unit) => (unit.label === 'good' ? 0 : 1));
  const grouped = units.some((unit) => unit.group !== undefined);
  const groups = grouped ? units.map((unit) => unit.group) : undefined;
  const random = createRandom(seed ^ 0x1a6e);
  const folds = stratifiedFolds(Int32Array.from(bad), groups, FOLDS, random);
  const bankOf = (without: number): Bank => {
    const members = patches.filter((_, i) => folds[goods[i]!.unit] !== without);
    return chooseBank(members.length > 0 ? members : patches, width, seed + 31 * (without + 2));
  };
  const bank = paired ? null : bankOf(-1);
  const foldBanks = paired ? [] : Array.from({ length: FOLDS }, (_, f) => bankOf(f));
  progress?.(0.45, 'bank');
  signal?.throwIfAborted();

  const seen = await foldFeatures({
    units,
    backbone,
    whitenings,
    width,
    foldBanks,
    folds,
    inputShape,
    options,
  });
  const kept = seen.rows.map((i) => units[i]!);
  const keptBad = Uint8Array.from(seen.rows, (i) => bad[i]!);
  const badCount = keptBad.reduce((sum, b) => sum + b, 0);
  if (options.recipe === 'supervised' && badCount < 2) {
    throw new FitError('no-bad-units', `supervised needs bad units in the fit set, got ${badCount}`);
  }
  const keptGroups: { groups?: (string | undefined)[] } = groups
    ? { groups: seen.rows.map((i) => groups[i]) }
    : {};
  const pool = choosePool(seen.features, keptBad, paired, keptGroups.groups);
  const { overall, own } = paired
    ? { overall: null, own: columnOf(seen.features, pool) }
    : withOverall(seen, keptBad, pool, folds);
  const features = withColumn(own, seen.features);
  const headOptions = { seed, ...keptGroups, ...(signal ? { signal } : {}) };
  const wanted = options.recipe === 'supervised' || (options.recipe === 'auto' && badCount >= 20);
  const head: FittedHead | null = wanted ? fitBinaryHead(features, keptBad, headOptions) : null;
  progress?.(0.9, 'head');
  const chosen = chooseRecipe({
    wanted: options.recipe === 'supervised' || options.recipe === 'auto' ? options.recipe : 'novelty',
    bad: keptBad,
    novelty: own,
    supervised: head,
  });
  const supervised = chosen.recipe === 'supervised' && head !== null;
  // Labels can hurt: novelty alone keeps the score where the head is not better by more than noise.
  const gain = supervised ? groupedGain(head.outOfFold, own, keptBad, keptGroups.groups) : null;
  const learnt = supervised && gain !== null && gain.difference > MARGIN * gain.standardError;
  const classPart = supervised ? classHeadOf(kept, features, headOptions) : null;
  const model: PictureModel = {
    backbone,
    whitenings,
    width,
    bank,
    overall,
    pool,
    head: learnt ? head.head : null,
    classHead: classPart?.head ?? null,
    classes: classPart?.classes ?? null,
  };
  const outOfFold = new Float64Array(units.length).fill(Number.NaN);
  seen.rows.forEach((unit, i) => {
    outOfFold[unit] = (learnt ? head.outOfFold : own)[i]!;
  });
  const reference = (observations: readonly Observation[]): Promise<Scored[]> =>
    referenceScores(model, observations, inputShape);
  const golden = await goldenOf(
    kept,
    seen.rows.map((i) => outOfFold[i]!),
    reference,
  );
  const g = new GraphBuilder();
  emitPictureModel(g, model);
  g.metadata('recipe', chosen.recipe);
  g.metadata('backbone', backbone.name);
  progress?.(1, 'fitted');
  return {
    recipe: chosen.recipe,
    name: `${chosen.recipe}/picture-v1/${learnt ? head.head.name : paired ? 'template' : 'patch-bank'}`,
    why: `${chosen.why}${supervised && !learnt ? '; the head is not better than novelty alone by more than noise, so novelty keeps the score' : ''}; novelty is the mean of the ${POOLS[pool]} worst of ${GRID * GRID} patches${paired ? '' : ' above the mean of all'}${options.backbone === undefined ? '' : `; backbone ${backbone.name}`}`,
    input: 'image',
    onnx: g.encode(`${chosen.recipe}-picture-v1`),
    classes: model.classes,
    outOfFold,
    reference,
    golden,
    inputShape,
  };
}

interface GoodPicture {
  readonly unit: number;
  readonly pixels: Uint8Array;
}

/** Decodes up to BANK_PICTURES good units, drawn by the seed. */
async function readGoods(
  units: readonly FitUnit[],
  seed: number,
  signal?: AbortSignal,
): Promise<GoodPicture[]> {
  const order = units.flatMap((unit, i) => (unit.label === 'good' ? [i] : []));
  createRandom(seed ^ 0x90d).shuffle(order);
  const goods: GoodPicture[] = [];
  let fault: string | undefined;
  for (let from = 0; from < order.length && goods.length < BANK_PICTURES; from += BATCH) {
    signal?.throwIfAborted();
    const some = order.slice(from, from + BATCH);
    const batch = await prepare(
      some.map((i) => units[i]!.observation),
      [SIDE, 3],
    );
    fault ??= batch.faults.find((f) => f !== undefined);
    const size = SIDE * SIDE * 3;
    const data = batch.feeds.x!.data as Uint8Array;
    batch.rows.forEach((row, k) => {
      goods.push({ unit: some[row]!, pixels: data.slice(k * size, (k + 1) * size) });
    });
  }
  if (goods.length < 5) {
    const why = fault === undefined ? '' : ` (first fault: ${fault})`;
    throw new FitError(
      'no-good-units',
      `a fit needs at least 5 readable good pictures, got ${goods.length}${why}`,
    );
  }
  return goods;
}

/** A bank from a seeded sample of all patches. */
function chooseBank(patches: readonly Float32Array[], width: number, seed: number): Bank {
  const random = createRandom(seed);
  const cells = GRID * GRID;
  const total = patches.length * cells;
  const share = Math.min(1, BANK_CANDIDATES / total);
  const count = Math.floor(total * share);
  const sample = new Float32Array(count * width);
  for (let i = 0; i < count; i++) {
    // One of each run of equal length, so that every picture gives the same number.
    const at = Math.min(total - 1, Math.floor((i + random.next()) / share));
    const from = (at % cells) * width;
    sample.set(patches[Math.floor(at / cells)]!.subarray(from, from + width), i * width);
  }
  return kCentre(sample, width, BANK, random);
}

/** Pools by the bank of each unit's own fold, and its summary: one row for every unit that can be read. */
async function foldFeatures(given: {
  units: readonly FitUnit[];
  backbone: PictureModel['backbone'];
  whitenings: readonly Whitening[];
  width: number;
  foldBanks: readonly Bank[];
  folds: Int32Array;
  inputShape: readonly number[];
  options: FitOptions;
}): Promise<{ rows: number[]; features: FeatureMatrix }> {
  const { units, width, foldBanks, folds, inputShape, options } = given;
  const g = new GraphBuilder();
  const { patches, distances } = emitInputs(g, given, foldBanks);
  distances.forEach((d, f) => {
    g.output(`pools${f}`, emitPools(g, d), 'float32', ['n', POOL_WIDTH]);
  });
  g.output('summary', emitSummary(g, patches), 'float32', ['n', summaryWidth(width)]);
  const session = await openSession(g.encode('picture-features'), { threads: 2 });
  const wide = POOL_WIDTH + summaryWidth(width);
  const rows: number[] = [];
  const values: Float32Array[] = [];
  try {
    for (let from = 0; from < units.length; from += BATCH) {
      options.signal?.throwIfAborted();
      const batch = await prepare(
        units.slice(from, from + BATCH).map((unit) => unit.observation),
        inputShape,
      );
      if (batch.rows.length === 0) continue;
      const out = await session.run(
        Object.fromEntries(Object.entries(batch.feeds).map(([name, t]) => [name, toTensor(t)])),
      );
      batch.rows.forEach((row, k) => {
        const line = new Float32Array(wide);
        const fold = foldBanks.length === 0 ? 0 : folds[from + row]!;
        const pools = out[`pools${fold}`]!.data as Float32Array;
        const summary = out.summary!.data as Float32Array;
        line.set(pools.subarray(k * POOL_WIDTH, (k + 1) * POOL_WIDTH));
        line.set(summary.subarray(k * summaryWidth(width), (k + 1) * summaryWidth(width)), POOL_WIDTH);
        rows.push(from + row);
        values.push(line);
      });
      options.progress?.(0.45 + (0.4 * from) / units.length, 'scores of the fit set');
    }
  } finally {
    await session.release();
  }
  const all = new Float32Array(values.length * wide);
  values.forEach((line, i) => {
    all.set(line, i * wide);
  });
  return { rows, features: { values: all, rows: values.length, width: wide } };
}

const columnOf = ({ values, rows, width }: FeatureMatrix, column: number): Float64Array =>
  Float64Array.from({ length: rows }, (_, i) => values[i * width + column]!);

/** `x` with one more column in front. */
function withColumn(column: Float64Array, { values, rows, width }: FeatureMatrix): FeatureMatrix {
  const wider = new Float32Array(rows * (width + 1));
  for (let i = 0; i < rows; i++) {
    wider[i * (width + 1)] = column[i]!;
    wider.set(values.subarray(i * width, (i + 1) * width), i * (width + 1) + 1);
  }
  return { values: wider, rows, width: width + 1 };
}

/** The summary part and the novelty of each unit by models that did not see its fold. */
function withOverall(
  { rows, features }: { rows: readonly number[]; features: FeatureMatrix },
  bad: Uint8Array,
  pool: number,
  folds: Int32Array,
): { overall: NonNullable<PictureModel['overall']>; own: Float64Array } {
  const { values, width } = features;
  const summary = (i: number): Float32Array => values.subarray(i * width + POOL_WIDTH, (i + 1) * width);
  const learn = (without: number): Overall => {
    const good = rows.flatMap((unit, i) => (bad[i] || folds[unit] === without ? [] : [i]));
    const all = new Float32Array(good.length * (width - POOL_WIDTH));
    good.forEach((i, k) => {
      all.set(summary(i), k * (width - POOL_WIDTH));
    });
    return fitOverall({ values: all, rows: good.length, width: width - POOL_WIDTH });
  };
  const byFold = Array.from({ length: FOLDS }, (_, f) => learn(f));
  const pools = aboveLevel(features, pool);
  const distances = rows.map((unit, i) => overallDistance(byFold[folds[unit]!]!, summary(i)));
  const spread = (of: ArrayLike<number>): number => {
    const good = Array.from(of).filter((_, i) => !bad[i]);
    const mean = good.reduce((sum, v) => sum + v, 0) / good.length;
    return Math.sqrt(good.reduce((sum, v) => sum + (v - mean) ** 2, 0) / good.length) + 1e-6 * mean + 1e-12;
  };
  const overall = { ...learn(-1), poolScale: spread(pools), scale: spread(distances) };
  return { overall, own: pools.map((v, i) => v / overall.poolScale + distances[i]! / overall.scale) };
}

/** How far a pool stands above the mean distance of its own picture, which its texture alone can raise. */
function aboveLevel(features: FeatureMatrix, pool: number): Float64Array {
  const level = columnOf(features, LEVEL);
  return columnOf(features, pool).map((v, i) => v - level[i]!);
}

/** The usual pool, or the best of those by which bad pictures are told apart better by more than noise. */
function choosePool(
  x: FeatureMatrix,
  bad: Uint8Array,
  paired: boolean,
  groups?: readonly (string | undefined)[],
): number {
  if (bad.reduce((sum, b) => sum + b, 0) < POOL_BAD) return USUAL_POOL;
  const scores = POOLS.map((_, p) => (paired ? columnOf(x, p) : aboveLevel(x, p)));
  const usual = scores[USUAL_POOL]!;
  let best = { pool: USUAL_POOL, difference: 0 };
  scores.forEach((of, pool) => {
    const { difference, standardError } = groupedGain(of, usual, bad, groups);
    if (difference > Math.max(standardError, best.difference)) best = { pool, difference };
  });
  return best.pool;
}

function classHeadOf(
  kept: readonly FitUnit[],
  x: FeatureMatrix,
  options: { seed: number; groups?: (string | undefined)[] },
) {
  const classes = namedClasses(kept.map((unit) => unit.label));
  if (classes === null) return null;
  const rows = kept.flatMap((unit, i) => (classes.includes(unit.label) ? [i] : []));
  const labels = Int32Array.from(rows, (i) => classes.indexOf(kept[i]!.label));
  const groups = options.groups ? { groups: rows.map((i) => options.groups![i]) } : {};
  return {
    classes,
    head: fitClassHead(takeRows(x, rows), labels, classes.length, { ...options, ...groups }).head,
  };
}

/** The recipe beyond the patches computed in TypeScript: what the exported graph is compared with. */
async function referenceScores(
  model: PictureModel,
  observations: readonly Observation[],
  inputShape: readonly number[],
): Promise<Scored[]> {
  const batch = await prepare(observations, inputShape);
  const size = SIDE * SIDE * 3;
  const patchesFor = (data: Uint8Array): Promise<Float32Array[]> =>
    patchesOf(
      model.backbone,
      model.whitenings,
      batch.rows.map((_, k) => data.subarray(k * size, (k + 1) * size)),
      () => undefined,
    );
  const patches = await patchesFor(batch.feeds.x!.data as Uint8Array);
  const templates = batch.feeds.template ? await patchesFor(batch.feeds.template.data as Uint8Array) : [];
  const out: Scored[] = observations.map(() => ({ score: Number.NaN }));
  batch.rows.forEach((unit, k) => {
    out[unit] = scorePicture(model, patches[k]!, templates[k]);
  });
  return out;
}
