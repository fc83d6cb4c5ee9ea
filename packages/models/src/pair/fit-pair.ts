import { fitImage } from '../image/fit-image.js';
import type { Observation, PairObservation } from '../observe/observation.js';
import { FitError } from '../recipes/fit-error.js';
import { fitSeries } from '../recipes/fit-series.js';
import { goldenOf } from '../recipes/golden.js';
import type { FitOptions, FittedModel, FitUnit, Scored } from '../recipes/recipe.js';
import { chooseCombination } from './combination.js';
import { classesOf, emitPair, type PairModel, scorePair } from './pair-model.js';
import { evidenceOf, fitTailEvidence, type TailEvidence } from './tail-evidence.js';

/** Share of the whole fit that the traces take. */
const SERIES_SHARE = 0.2;

/** A fitted pair with what it is made of: each part would judge alone too. */
export interface FittedPair extends FittedModel {
  readonly pair: PairModel;
}

/**
 * Fits units that are seen in a trace and a picture: each part by its own recipe, then one score of both, chosen on
 * out-of-fold scores of these units alone. One graph; a unit with a part missing or damaged has no score.
 * @throws FitError as the recipes of the parts, and where fewer than 5 good units are readable in both.
 */
export async function fitPair(units: readonly FitUnit[], options: FitOptions): Promise<FittedPair> {
  const { seed, recipe, progress } = options;
  const parts = <K extends 'series' | 'image'>(part: K): FitUnit[] =>
    units.map((unit) => ({ ...unit, observation: (unit.observation as PairObservation)[part] }));
  const { backbone, progress: _progress, ...plain } = options;
  const series = await fitSeries(parts('series'), {
    ...plain,
    ...(progress ? { progress: (done, what) => progress(SERIES_SHARE * done, what) } : {}),
  });
  const image = await fitImage(parts('image'), {
    ...plain,
    ...(backbone === undefined ? {} : { backbone }),
    ...(progress
      ? { progress: (done, what) => progress(SERIES_SHARE + (0.95 - SERIES_SHARE) * done, what) }
      : {}),
  });
  const rows = units.flatMap((_unit, i) =>
    Number.isFinite(series.outOfFold[i]) && Number.isFinite(image.outOfFold[i]) ? [i] : [],
  );
  const kept = rows.flatMap((i) => units[i] ?? []);
  const bad = Uint8Array.from(kept, ({ label }) => (label === 'good' ? 0 : 1));
  const good = bad.reduce((n, b) => n + 1 - b, 0);
  if (good < 5)
    throw new FitError(
      'no-good-units',
      `a fit needs at least 5 good units readable in both parts, got ${good}`,
    );
  const evidenceFor = ({ outOfFold }: FittedModel) => {
    const scores = Float64Array.from(rows, (i) => outOfFold[i] ?? Number.NaN);
    return { scores, tail: fitTailEvidence(scores.filter((_score, i) => bad[i] === 0)) };
  };
  const [seen, looked] = [evidenceFor(series), evidenceFor(image)];
  const grouped = kept.some(({ group }) => group !== undefined);
  const { combination, outOfFold, why } = chooseCombination(
    { first: evidences(seen), second: evidences(looked) },
    bad,
    {
      seed,
      learn: recipe !== 'novelty',
      ...(grouped ? { groups: kept.map(({ group }) => group) } : {}),
    },
  );
  const model: PairModel = {
    ...{ series, image, combination },
    evidence: { series: seen.tail, image: looked.tail },
  };
  const reference = (observations: readonly Observation[]): Promise<Scored[]> =>
    referenceScores(model, observations);
  const golden = await goldenOf(kept, outOfFold, reference);
  const learnt = [series.recipe, image.recipe].includes('supervised') || combination.name === 'logistic';
  const all = new Float64Array(units.length).fill(Number.NaN);
  rows.forEach((i, k) => {
    all[i] = outOfFold[k] ?? Number.NaN;
  });
  const name = learnt ? ('supervised' as const) : ('novelty' as const);
  progress?.(1, 'fitted');
  return {
    recipe: name,
    name: `${name}/pair-v1/${combination.name}: ${series.name} + ${image.name}`,
    why: `${why}; trace: ${series.why}; picture: ${image.why}`,
    input: 'pair',
    onnx: emitPair(model, `${name}-pair-v1`),
    classes: classesOf(model),
    outOfFold: all,
    reference,
    golden,
    inputShape: [...series.inputShape, ...image.inputShape],
    pair: model,
  };
}

const evidences = ({ scores, tail }: { scores: Float64Array; tail: TailEvidence }): Float64Array =>
  scores.map((score) => evidenceOf(tail, score));

/** What the parts' own references say, put together. */
async function referenceScores(model: PairModel, observations: readonly Observation[]): Promise<Scored[]> {
  const out: Scored[] = observations.map(() => ({ score: Number.NaN }));
  const pairs = observations.flatMap((seen, i) => (seen.kind === 'pair' ? [{ i, seen }] : []));
  const first = await model.series.reference(pairs.map(({ seen }) => seen.series));
  const second = await model.image.reference(pairs.map(({ seen }) => seen.image));
  pairs.forEach(({ i }, k) => {
    const [own, other] = [first[k], second[k]];
    if (own !== undefined && other !== undefined) out[i] = scorePair(model, own, other);
  });
  return out;
}
