import { createHash } from 'node:crypto';
import { type FeatureMatrix, takeRows } from '../heads/head.js';
import { type FeatureBlock, fitOneClass } from '../heads/one-class.js';
import { createRandom } from '../heads/random.js';
import type { Observation } from '../observe/observation.js';
import { GraphBuilder } from '../onnx/graph-builder.js';
import { chooseRecipe, FEWEST_BAD } from '../recipes/choose-recipe.js';
import { FitError } from '../recipes/fit-error.js';
import { goldenOf } from '../recipes/golden.js';
import type { FitOptions, FittedModel, FitUnit, Scored } from '../recipes/recipe.js';
import { extractGrids, extractMapFeatures } from './extract.js';
import { emitMapFeatures, FEATURE_BLOCKS } from './features.js';
import { learnVocabulary, type Vocabulary } from './patches.js';
import { mapFault } from './prepare.js';
import { fitSupervisedMap, LARGE_SET, type MapHead, type SupervisedMap } from './supervised.js';

/** Good units that describe the good ones: more make the fit longer and the description no better. */
const ONE_CLASS_ROWS = 3000;
/** Maps of each label that patches are drawn from: rare patterns get as much of the vocabulary as common ones. */
const VOCABULARY_MAPS = 300;

/**
 * Fits sparse maps: features of the canonical grid, then `novelty` (good maps only) or `supervised` (trees and
 * linear on small sets; trees, a learnt vocabulary of local patterns and networks on large ones), one ONNX graph
 * with input `x` uint8 `[n, H, W]`. Equal maps stay in one fold even without a group.
 * @throws FitError where fewer than 5 good maps, or for `supervised` fewer than 2 bad ones, can be read.
 */
export async function fitMap(units: readonly FitUnit[], options: FitOptions): Promise<FittedModel> {
  const { seed, signal } = options;
  if (options.recipe === 'score') throw new FitError('wrong-kind', 'the recipe score reads rows, not maps');
  const readable = units.flatMap((unit, i) => (mapFault(unit.observation) === undefined ? [i] : []));
  const kept = readable.map((i) => units[i]!);
  const bad = Uint8Array.from(kept, (unit) => (unit.label === 'good' ? 0 : 1));
  const badCount = bad.reduce((sum, b) => sum + b, 0);
  if (kept.length - badCount < 5) {
    const why = units.map((unit) => mapFault(unit.observation)).find((fault) => fault !== undefined);
    throw new FitError(
      'no-good-units',
      `a fit needs at least 5 readable good maps, got ${kept.length - badCount}${why === undefined ? '' : ` (first fault: ${why})`}`,
    );
  }
  if (options.recipe === 'supervised' && badCount < 2) {
    throw new FitError('no-bad-units', `supervised needs bad units in the fit set, got ${badCount}`);
  }
  const supervise = options.recipe === 'supervised' || (options.recipe === 'auto' && badCount >= FEWEST_BAD);
  const maps = kept.map((unit) => unit.observation);
  const vocabulary = supervise && kept.length >= LARGE_SET ? await vocabularyOf(kept, options) : null;
  const x = await extractMapFeatures(maps, vocabulary, {
    progress: (done) => options.progress?.(0.05 + 0.25 * done, 'features'),
    signal,
  });
  const groups = kept.map((unit) => unit.group ?? contentOf(unit.observation));
  const supervised = supervise
    ? await fitSupervisedMap(
        x,
        kept.map((unit) => unit.label),
        { seed, groups, signal, progress: (done, what) => options.progress?.(0.3 + 0.6 * done, what) },
      )
    : null;
  const novelty = options.recipe === 'supervised' ? null : fitNovelty(x, bad, groups, seed);
  const chosen = choose(options.recipe, bad, novelty, supervised);
  const scores = chosen.recipe === 'novelty' ? novelty!.outOfFold : supervised!.binary.outOfFold;
  const head: MapHead = chosen.recipe === 'novelty' ? novelty! : supervised!;
  const outOfFold = new Float64Array(units.length).fill(Number.NaN);
  readable.forEach((unit, i) => {
    outOfFold[unit] = scores[i]!;
  });
  options.progress?.(0.95, 'export');
  const reference = async (observations: readonly Observation[]): Promise<Scored[]> => {
    const features = await extractMapFeatures(observations, vocabulary);
    const fine = observations.map((unit) => mapFault(unit) === undefined);
    return head.predict(features).map((scored, i) => (fine[i] ? scored : { score: Number.NaN }));
  };
  const golden = await goldenOf(kept, scores, reference);
  options.progress?.(1, 'fitted');
  return {
    recipe: chosen.recipe,
    name: `${chosen.recipe}/map-v1/${head.name}`,
    why: chosen.why,
    input: 'map',
    onnx: exportMap(head, vocabulary, chosen.recipe),
    classes: head.classes,
    outOfFold,
    reference,
    golden,
    inputShape: [],
  };
}

function choose(
  wanted: 'novelty' | 'supervised' | 'auto',
  bad: Uint8Array,
  novelty: (MapHead & { outOfFold: Float64Array }) | null,
  supervised: SupervisedMap | null,
): { recipe: 'novelty' | 'supervised'; why: string } {
  if (novelty === null) {
    return { recipe: 'supervised', why: `supervised was asked for: ${supervised!.binary.why}` };
  }
  return chooseRecipe({ wanted, bad, novelty: novelty.outOfFold, supervised: supervised?.binary ?? null });
}

/** Good maps only: how far each block of features lies from what good maps show. */
function fitNovelty(
  x: FeatureMatrix,
  bad: Uint8Array,
  groups: readonly string[],
  seed: number,
): MapHead & { outOfFold: Float64Array } {
  const rows = Int32Array.from(bad, (_, i) => i);
  const good = rows.filter((i) => !bad[i]);
  createRandom(seed ^ 0x90d).shuffle(good);
  const taken = good.slice(0, ONE_CLASS_ROWS);
  const blocks: readonly FeatureBlock[] = FEATURE_BLOCKS;
  const described = takeRows(x, taken);
  const fitted = fitOneClass(described, new Uint8Array(taken.length), blocks, {
    seed,
    groups: Array.from(taken, (i) => groups[i]),
  });
  // Rows outside the description were not seen by it; those inside are scored by the folds.
  const outOfFold = fitted.model.predict(x).score;
  taken.forEach((row, k) => {
    outOfFold[row] = fitted.outOfFold.score[k]!;
  });
  return {
    name: 'one-class',
    classes: null,
    outOfFold,
    predict: (features) => Array.from(fitted.model.predict(features).score, (score) => ({ score })),
    emit: (g, features) => ({ score: fitted.model.emit(g, features).score, classScores: null }),
  };
}

async function vocabularyOf(
  kept: readonly FitUnit[],
  { seed, progress, signal }: FitOptions,
): Promise<Vocabulary> {
  const order = Int32Array.from(kept, (_, i) => i);
  createRandom(seed ^ 0x70c).shuffle(order);
  const taken = new Map<string, number>();
  const drawn: Observation[] = [];
  for (const i of order) {
    const { label, observation } = kept[i]!;
    const count = taken.get(label) ?? 0;
    if (count >= VOCABULARY_MAPS) continue;
    taken.set(label, count + 1);
    drawn.push(observation);
  }
  const { density, on } = await extractGrids(drawn, { signal });
  progress?.(0.02, 'vocabulary of local patterns');
  return learnVocabulary(density, on, seed);
}

function contentOf(unit: Observation): string {
  if (unit.kind !== 'map') return '';
  const hash = createHash('sha256').update(`${unit.width}x${unit.height}:`).update(unit.values);
  return `content:${hash.digest('hex')}`;
}

function exportMap(head: MapHead, vocabulary: Vocabulary | null, recipe: string): Uint8Array {
  const g = new GraphBuilder();
  const { score, classScores } = head.emit(g, emitMapFeatures(g, vocabulary));
  g.output('score', score, 'float32', ['n']);
  if (classScores !== null && head.classes !== null) {
    g.output('class_scores', classScores, 'float32', ['n', head.classes.length]);
    g.metadata('classes', JSON.stringify(head.classes));
  }
  g.metadata('recipe', recipe);
  g.metadata('features', 'map-v1');
  return g.encode(`${recipe}-map-v1`);
}
