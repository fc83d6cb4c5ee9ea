import { certifyPerUnit, certifyPerUnitByGroup, clusterTest, deltaLedger } from '@selvedge/core';
import {
  areaUnderCurve,
  type FittedModel,
  fitPair,
  type Observation,
  openScorer,
  type PairModel,
  type Scored,
  scorePair,
} from '@selvedge/models';
import { median, round, uniforms } from '../studies-kit/score-pools.js';
import { type PairUnit, pairUnits } from '../studies-kit/seat-pair-units.js';

/**
 * Seam verdicts from the trace alone, the picture alone, and both as one unit: how well each tells bad covers from good
 * ones it has never seen, and what share of covers its certificate lets pass alone. Simulated: plants drawn from the
 * priors of the pack, one machine under the tuned PID, recipe `auto`, covers in the order in which they were sewn; whole
 * plants are the repetitions, and the arms are met by the same covers. What shows where is the simulator's: its
 * sensors and its renderer draw from the same stitches.
 */
const PLAN = { fit: 400, certify: 300, stream: 150 } as const;
/** Units on which the one graph is compared with its parts put together. */
const COMPARED = 40;
const BUDGET = { escapeRate: 0.02, overkillRate: 0, confidence: 0.95, contract: 'per-unit' } as const;
/** `sum`: the pair as it would be without labels to choose its combination. */
const ARMS = ['series', 'image', 'sum', 'pair'] as const;
type Arm = (typeof ARMS)[number];
const RUNS = 5;
/** Two-sided 95 % quantiles of Student's t by degrees of freedom. */
const T95 = [Number.NaN, 12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262] as const;

interface ArmResult {
  readonly name: string;
  readonly auc: number;
  /** AUC of one bad class against the good covers, by class. */
  readonly byClass: Readonly<Record<string, number>>;
  readonly test: string;
  readonly threshold: number | null;
  /** Share of the stream that scores at most the certified threshold, and bad covers among it. */
  readonly automaticShare: number;
  readonly escapes: number;
  readonly unscored: number;
}

interface RunResult {
  readonly plant: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly badInFit: number;
  readonly why: string;
  readonly fitSeconds: number;
  /** Largest difference of a score between the pair's graph and its parts put together. */
  readonly graphDiffers: number;
  readonly arms: Readonly<Record<Arm, ArmResult>>;
}

/** Runs the study. 5 plants by default, 3000 + 100 x seed + run. */
export async function run({
  seed,
  runs = RUNS,
  progress,
  step,
}: {
  seed: number;
  runs?: number | undefined;
  progress: (done: number, what: string) => void;
  step: <T>(name: string, make: () => Promise<T>) => Promise<T>;
}): Promise<object> {
  const results: RunResult[] = [];
  for (let r = 0; r < runs; r++) {
    const plant = 3000 + 100 * seed + r;
    results.push(await step(`plant-${plant}`, () => onePlant(plant)));
    progress((r + 1) / runs, `plant ${plant}`);
  }
  return { origin: 'simulated', plan: PLAN, budget: BUDGET, ...summaryOf(results), plants: results };
}

async function onePlant(plant: number): Promise<RunResult> {
  const fit: PairUnit[] = [];
  const later: PairUnit[] = [];
  const counts: Record<string, number> = {};
  for await (const unit of pairUnits(plant, PLAN.fit + PLAN.certify + PLAN.stream)) {
    (fit.length < PLAN.fit ? fit : later).push(unit);
    counts[unit.label] = (counts[unit.label] ?? 0) + 1;
  }
  const began = performance.now();
  const model = await fitPair(fit, { recipe: 'auto', seed: plant });
  const fitSeconds = Math.round((performance.now() - began) / 1000);
  const { series, image } = model.pair;
  const said = {
    series: await scoresOf(
      series,
      later.map(({ observation }) => observation.series),
    ),
    image: await scoresOf(
      image,
      later.map(({ observation }) => observation.image),
    ),
  };
  const joined = (pair: PairModel): Scored[] =>
    said.series.map((one, i) => scorePair(pair, one, said.image[i] ?? { score: Number.NaN }));
  const pair = joined(model.pair);
  const graph = await scoresOf(
    model,
    later.slice(0, COMPARED).map(({ observation }) => observation),
  );
  const graphDiffers = Math.max(
    ...graph.map(({ score }, i) => Math.abs(score - (pair[i]?.score ?? Number.NaN))),
  );
  const sum = joined({ ...model.pair, combination: { name: 'sum', head: null } });
  const arm = (name: string, of: readonly Scored[]): ArmResult => judged(name, of, { later, plant });
  const arms = {
    series: arm(series.name, said.series),
    image: arm(image.name, said.image),
    sum: arm('sum', sum),
    pair: arm(model.name, pair),
  };
  const badInFit = fit.filter(({ label }) => label !== 'good').length;
  return { plant, counts, badInFit, why: model.why, fitSeconds, graphDiffers, arms };
}

async function scoresOf(model: FittedModel, seen: readonly Observation[]): Promise<Scored[]> {
  const scorer = await openScorer(model, { workers: 0 });
  const said = await scorer.score(seen);
  await scorer[Symbol.asyncDispose]();
  return said;
}

function judged(
  name: string,
  said: readonly Scored[],
  { later, plant }: { later: readonly PairUnit[]; plant: number },
): ArmResult {
  const unscored = said.filter(({ score }) => !Number.isFinite(score)).length;
  // A cover without a score goes to a person: it is as far from passing as can be.
  const scores = Float64Array.from(said, ({ score }) => (Number.isFinite(score) ? score : Number.MAX_VALUE));
  const bad = Uint8Array.from(later, ({ label }) => Number(label !== 'good'));
  const byClass: Record<string, number> = {};
  for (const kind of new Set(later.map(({ label }) => label))) {
    if (kind === 'good') continue;
    const rows = later.flatMap(({ label }, i) => (label === 'good' || label === kind ? [i] : []));
    byClass[kind] = round(
      areaUnderCurve(
        rows.map((i) => scores[i] ?? 0),
        rows.map((i) => bad[i] ?? 0),
      ),
    );
  }
  const evidence = { scores: scores.slice(0, PLAN.certify), bad: bad.slice(0, PLAN.certify) };
  const groups = later.slice(0, PLAN.certify).map(({ group }) => group);
  const { clustered } = clusterTest({ groups, lost: evidence.bad, rng: uniforms(plant) });
  const given = { ...evidence, alpha: BUDGET.escapeRate, delta: deltaLedger(BUDGET).accept.certificate };
  const proof = clustered ? certifyPerUnitByGroup({ ...given, groups }) : certifyPerUnit(given);
  const threshold = proof.threshold;
  const passed = Array.from({ length: PLAN.stream }, (_, i) => PLAN.certify + i).filter(
    (i) => threshold !== null && (scores[i] ?? Number.POSITIVE_INFINITY) <= threshold,
  );
  return {
    ...{ name, auc: round(areaUnderCurve(scores, bad)), byClass, test: proof.test, threshold },
    automaticShare: passed.length / PLAN.stream,
    escapes: passed.filter((i) => bad[i]).length,
    unscored,
  };
}

/** Means over plants; differences are paired by plant, with a 95 % interval by Student's t. */
function summaryOf(results: readonly RunResult[]): object {
  const over = (of: (arms: RunResult['arms']) => number) => {
    const values = results.map(({ arms }) => of(arms));
    const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
    const sd = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1));
    const half = ((T95[values.length - 1] ?? 1.96) * sd) / Math.sqrt(values.length);
    return {
      mean: round(mean),
      median: round(median(values)),
      interval: [round(mean - half), round(mean + half)],
    };
  };
  const figures = (['auc', 'automaticShare'] as const).map((key) => [
    key,
    {
      ...Object.fromEntries(ARMS.map((arm) => [arm, over((arms) => arms[arm][key])])),
      pairMinusSeries: over(({ pair, series }) => pair[key] - series[key]),
      pairMinusImage: over(({ pair, image }) => pair[key] - image[key]),
      sumMinusSeries: over(({ sum, series }) => sum[key] - series[key]),
    },
  ]);
  const escapes = (arm: Arm): number => results.reduce((n, { arms }) => n + arms[arm].escapes, 0);
  return {
    ...Object.fromEntries(figures),
    escapes: Object.fromEntries(ARMS.map((arm) => [arm, escapes(arm)])),
    streamed: results.length * PLAN.stream,
  };
}
