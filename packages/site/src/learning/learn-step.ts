import { join } from 'node:path';
import type { ExpectedScores } from '@selvedge/core';
import { type FittedModel, fitModel, type Observation, openScorer, type Scorer } from '@selvedge/models';
import { checkParity, type ParityResult } from '@selvedge/release';
import { type Database, JOURNAL_FILE, openForReading, readContent } from '@selvedge/store';
import { turned } from '../live/given-scores.js';
import { median } from '../replay/measures.js';
import { type AssessmentRequest, sitFor, testApplicant } from './assessment.js';
import { saidScores } from './evidence.js';
import type { LearnMessage, LearnRequest, LearnResult, ShadowScores } from './learn-request.js';
import { unitsHash } from './roles.js';
import { type Content, readTraining, seenOf } from './training.js';

type Told = (what: Extract<LearnMessage, { at: 'progress' }>['what'], done: number) => void;

/** Evidence units scored at once. */
const BATCH = 64;
/** Fewest units of evidence that a test looks at: fewer prove nothing at any budget that is signed here. */
export const FEWEST_EVIDENCE = 30;
/** Units of evidence by which the present pace is measured. */
const PACE_UNITS = 500;
const HOUR_MS = 3_600_000;

interface Ground {
  readonly db: Database;
  readonly content: Content;
  readonly request: LearnRequest;
  readonly tell: Told;
}

/**
 * One step of learning: collect, fit, compare the exported graph with the fitted recipe, score the evidence, test. Reads
 * the site's folder past the site; what it leaves behind the site writes.
 * @throws FitError where the units cannot carry the recipe.
 */
export async function learn(request: LearnRequest, tell: Told): Promise<LearnResult> {
  const db = openForReading(join(request.folder, JOURNAL_FILE));
  try {
    const content: Content = { get: (hash) => readContent(request.folder, db, hash) };
    const ground = { db, content, request, tell };
    return request.what.kind === 'fit' ? await fitAndTest(ground) : await scoreAndTest(ground);
  } finally {
    db.close();
  }
}

async function fitAndTest(ground: Ground): Promise<LearnResult> {
  const { db, content, request, tell } = ground;
  const { station, observed, roles, good } = request;
  if (request.what.kind !== 'fit') throw new TypeError('not a fit');
  const { recipe, seed } = request.what;
  const watch = stopwatch();
  tell('collects', 0);
  const training = await readTraining(
    { db, content, progress: (done) => tell('collects', done) },
    { station, observed, roles },
  );
  watch.lap('collect');
  const model = await fitModel(training.units, { recipe, seed, progress: (done) => tell('fits', done) });
  watch.lap('fit');
  const scorer = await openScorer(model, { workers: 0 });
  try {
    const parity = await checkParity(model, scorer);
    watch.lap('parity');
    const about = {
      station,
      name: model.name,
      from: 'fit' as const,
    };
    const counts = { units: training.units.length, bad: training.bad.filter(Boolean).length };
    const none = { scores: [], scoredMs: 0, scoredCpuMs: 0, assessed: null, training: counts };
    if (!parity.passed)
      return { fitted: null, refused: { ...about, ...refusal(parity) }, ...none, parts: watch.parts() };
    const scores = [...model.outOfFold];
    const middle = median(scores.filter((score, i) => !training.bad[i] && Number.isFinite(score)));
    const applied = {
      ...about,
      asked: null,
      recipe: model.recipe,
      parity: inWords(parity),
      input: model.input,
      inputShape: [...model.inputShape],
      classes: model.classes?.map((label) => (label === 'good' ? good : label)) ?? null,
      middle,
      fit: {
        seed,
        untilSeq: training.untilSeq,
        ...counts,
        unitsHash: unitsHash(training.units),
        tookMs: watch.took('fit'),
      },
    };
    const tested = await scoreAndAssess(ground, {
      scorer,
      applicant: 'candidate',
      classes: applied.classes,
      fixedSeq: training.untilSeq,
      scoredSeq: 0,
      middle,
      expected: expectedOf(model, training),
      lap: watch.lap,
    });
    return {
      fitted: { onnx: model.onnx, applied },
      refused: null,
      ...tested,
      training: counts,
      parts: watch.parts(),
    };
  } finally {
    await scorer[Symbol.asyncDispose]();
  }
}

async function scoreAndTest(ground: Ground): Promise<LearnResult> {
  const { request, content } = ground;
  if (request.what.kind !== 'score') throw new TypeError('not a score');
  const { graph, applicant, appliedSeq, middle } = request.what;
  const watch = stopwatch();
  const row = ground.db
    .prepare('SELECT body FROM applicant WHERE station = ? AND id = ?')
    .get(request.station, applicant);
  if (row === undefined) throw new Error(`nobody applies as ${applicant}`);
  const { input, inputShape, classes } = JSON.parse(String(row.body));
  const raw =
    graph === null
      ? null
      : await openScorer({ onnx: await content.get(graph), input, inputShape }, { workers: 0 });
  const scorer = raw !== null && request.what.turned ? turned(raw) : raw;
  watch.lap('collect');
  try {
    const tested = await scoreAndAssess(ground, {
      ...{ scorer, applicant, classes, middle, expected: null, lap: watch.lap },
      fixedSeq: appliedSeq,
      scoredSeq: graph === null ? appliedSeq : 0,
    });
    return { fitted: null, refused: null, ...tested, training: { units: 0, bad: 0 }, parts: watch.parts() };
  } finally {
    await scorer?.[Symbol.asyncDispose]();
  }
}

/** Takes a number for the test, scores its evidence (or takes what was said), and looks. */
async function scoreAndAssess(
  { db, content, request, tell }: Ground,
  {
    scorer,
    applicant,
    classes,
    fixedSeq,
    scoredSeq,
    middle,
    expected,
    lap,
  }: {
    readonly scorer: Scorer | null;
    readonly applicant: string;
    readonly classes: readonly string[] | null;
    readonly fixedSeq: number;
    readonly scoredSeq: number;
    readonly middle: number;
    readonly expected: ExpectedScores | null;
    readonly lap: (part: Part) => void;
  },
): Promise<Pick<LearnResult, 'scores' | 'scoredMs' | 'scoredCpuMs' | 'assessed'>> {
  const { station, plan, roles, rolesSeq, observed, inPost } = request;
  if (plan === null) return { scores: [], scoredMs: 0, scoredCpuMs: 0, assessed: null };
  const about: AssessmentRequest = {
    ...{ station, applicant, plan, roles, rolesSeq, fixedSeq, scoredSeq, middle },
  };
  const sitting = sitFor(db, about);
  const { units } = sitting.evidence;
  const from = { wall: performance.now(), cpu: process.cpuUsage() };
  const scores: ShadowScores = [];
  const known = scorer === null ? saidScores(db, station, applicant) : new Map<string, number>();
  if (scorer !== null) {
    const read = db.prepare('SELECT observation FROM unit WHERE station = ? AND id = ?');
    for (let at = 0; at < units.length; at += BATCH) {
      tell('scores', at / units.length);
      const some = units.slice(at, at + BATCH);
      const seen = await Promise.all(
        some.map(({ unit }) => seenOf(content, String(read.get(station, unit)?.observation), observed)),
      );
      scores.push(
        ...(await saidOf(
          scorer,
          some.map(({ unit }) => unit),
          seen,
          classes,
        )),
      );
    }
    for (const { unit, score } of scores) known.set(unit, score ?? Number.NaN);
  }
  const used = process.cpuUsage(from.cpu);
  const scored = {
    scores,
    scoredMs: performance.now() - from.wall,
    scoredCpuMs: (used.user + used.system) / 1000,
  };
  lap('score');
  if (units.length < FEWEST_EVIDENCE) return { ...scored, assessed: null };
  tell('assesses', 0);
  const labelsPerHour = paceOf(db, units);
  const {
    applicant: _,
    hash: __,
    ...assessed
  } = testApplicant(about, sitting, {
    ...{ said: known, expected, labelsPerHour },
    inPost: inPost === null ? null : { ...inPost, said: saidScores(db, station, inPost.model) },
  });
  lap('assess');
  return { ...scored, assessed };
}

async function saidOf(
  scorer: Scorer,
  units: readonly string[],
  seen: readonly (Observation | null)[],
  classes: readonly string[] | null,
): Promise<ShadowScores> {
  const there = seen.filter((one) => one !== null);
  const said = await scorer.score(there);
  let next = 0;
  return units.map((unit, i) => {
    if (seen[i] === null) return { unit, score: null, fault: 'its content is gone', classCall: null };
    const { score, fault, classScores } = said[next++]!;
    if (!Number.isFinite(score))
      return {
        unit,
        score: null,
        fault: (fault ?? 'the model gave no score').slice(0, 300),
        classCall: null,
      };
    return { unit, score, fault: null, classCall: classOf(classes, classScores) };
  });
}

/** The class with the largest share. */
export function classOf(
  classes: readonly string[] | null,
  scores: ArrayLike<number> | undefined,
): string | null {
  if (classes === null || scores === undefined) return null;
  let best = 0;
  for (let c = 1; c < scores.length; c++) if (scores[c]! > scores[best]!) best = c;
  return classes[best] ?? null;
}

/** Labels of role evidence per hour, over the newest of them; null with too few. */
function paceOf(db: Database, units: readonly { readonly seq: number }[]): number | null {
  const some = units.slice(-PACE_UNITS);
  const at = db.prepare('SELECT at_ms FROM journal WHERE seq = ?');
  const [first, last] = [some[0], some.at(-1)];
  if (first === undefined || last === undefined || some.length < 2) return null;
  const tookMs = Number(at.get(last.seq)?.at_ms) - Number(at.get(first.seq)?.at_ms);
  return tookMs > 0 ? ((some.length - 1) * HOUR_MS) / tookMs : null;
}

/** What the fit promises of the stream: out-of-fold scores of labels whose propensity is known. */
function expectedOf(
  model: FittedModel,
  { bad, weights }: { readonly bad: readonly boolean[]; readonly weights: readonly (number | null)[] },
): ExpectedScores | null {
  const kept = weights.flatMap((weight, i) => (weight === null ? [] : [i]));
  if (kept.length === 0) return null;
  return {
    scores: Float64Array.from(kept, (i) => model.outOfFold[i]!),
    bad: kept.map((i) => bad[i]!),
    weights: Float64Array.from(kept, (i) => weights[i]!),
  };
}

/** Why a graph that differs from its recipe is refused, with the samples that show it. */
export function refusal({ worstScore, samples, differing }: ParityResult): {
  why: string;
  differing: { sample: string; expected: number; got: number | null }[];
} {
  return {
    why: `the exported graph differs from the fitted recipe on ${differing.length} of ${samples} golden samples: by ${worstScore.toExponential(1)} of the score range at worst`,
    differing: differing.map(({ sample, expected, got }) => ({
      sample: `golden ${sample}`,
      expected,
      got: Number.isFinite(got) ? got : null,
    })),
  };
}

const inWords = ({ samples, worstScore }: ParityResult): string =>
  `graph and fitted recipe agree on ${samples} golden samples: largest difference ${worstScore.toExponential(1)} of the score range`;

type Part = 'collect' | 'fit' | 'parity' | 'score' | 'assess';

function stopwatch() {
  const from = performance.now();
  let last = from;
  const parts: Record<Part, number> = { collect: 0, fit: 0, parity: 0, score: 0, assess: 0 };
  return {
    lap: (part: Part): void => {
      const now = performance.now();
      parts[part] += now - last;
      last = now;
    },
    took: (part: Part): number => parts[part],
    parts: () => ({ ...parts, total: performance.now() - from }),
  };
}
