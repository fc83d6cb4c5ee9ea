import { createHash } from 'node:crypto';
import {
  createRandom,
  type FittedModel,
  type FitUnit,
  fitModel,
  type Observation,
  openScorer,
  type Scored,
  type Scorer,
} from '@selvedge/models';
import { checkParity } from '@selvedge/release';
import { isBad } from '../dataset/dataset.js';
import { itemOf, type Ref } from '../dataset/split.js';
import { InputFault, placeless } from '../faults.js';
import type { ReplayOptions } from './options.js';

/** Units that a fit reads at most: what bounds the memory of a replay. */
export const MAX_FIT_UNITS = 20_000;
const BATCH = 256;

/** What turns observations into scores for one replay, and what is known about it. */
export interface ReplayModel {
  readonly name: string;
  readonly recipe: string;
  readonly why: string;
  readonly parity: string;
  readonly hash: string;
  readonly onnx: Uint8Array | null;
  readonly classes: readonly string[] | null;
  readonly fitMs: number;
  /** Units of the fit set that could not be read, with the reason. */
  readonly fitFaults: readonly { readonly id: string; readonly why: string }[];
  /** Out-of-fold scores of the fit units with their labels: for thresholds fixed beforehand, never evidence. */
  readonly outOfFold: { readonly scores: Float64Array; readonly bad: readonly boolean[] };
  score(units: readonly Observation[]): Promise<Scored[]>;
  heat(unit: Observation): ReturnType<Scorer['heat']>;
  close(): Promise<void>;
}

/** Scores made elsewhere: the observation is the score. */
export async function givenScores(fit: readonly Ref[]): Promise<ReplayModel> {
  const scores: number[] = [];
  const bad: boolean[] = [];
  for (const ref of fit) {
    if (itemOf(ref).fault !== null) continue;
    scores.push(scoreOf(await ref.data.read(ref.index)));
    bad.push(isBad(itemOf(ref)));
  }
  return {
    name: 'score',
    recipe: 'score',
    why: 'the scores were made elsewhere; nothing was fitted here',
    parity: 'not applicable: no graph was exported',
    hash: createHash('sha256').update('score').digest('hex'),
    onnx: null,
    classes: null,
    fitMs: 0,
    fitFaults: [],
    outOfFold: { scores: Float64Array.from(scores), bad },
    score: async (units) => units.map((unit) => ({ score: scoreOf(unit) })),
    heat: async () => null,
    close: async () => {},
  };
}

const scoreOf = (unit: Observation): number =>
  unit.kind === 'row' ? (unit.values[0] ?? Number.NaN) : Number.NaN;

/** Fits a recipe, exports it as one graph, and refuses a graph that differs from the fit. */
export async function fittedModel(fit: readonly Ref[], options: ReplayOptions): Promise<ReplayModel> {
  const units: FitUnit[] = [];
  const sources: string[] = [];
  const unread: { id: string; why: string }[] = [];
  for (const ref of sampled(fit, options.seed)) {
    options.signal?.throwIfAborted();
    const { id, label, group, fault, source } = itemOf(ref);
    if (fault !== null) continue;
    try {
      const observation = await ref.data.read(ref.index);
      units.push({ id, label, observation, ...(group === null ? {} : { group }) });
      sources.push(source);
    } catch (error) {
      unread.push({ id: source, why: (error as Error).message });
    }
  }
  const goods = units.filter((u) => u.label === 'good').length;
  if (goods < 10) {
    const message = `only ${goods} good units can be used for the fit; at least 10 are needed`;
    throw new InputFault({ code: 'too-few-good', message });
  }
  const started = performance.now();
  const model: FittedModel = await fitModel(units, {
    recipe: options.recipe,
    seed: options.seed,
    ...(options.backbone === undefined ? {} : { backbone: options.backbone }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.progress === undefined
      ? {}
      : { progress: (done: number, what: string) => options.progress?.(done, `fit: ${what}`) }),
  });
  const fitMs = performance.now() - started;
  const scorer = await openScorer(model);
  const parity = await checkParity(model, scorer);
  if (!parity.passed) {
    await scorer[Symbol.asyncDispose]();
    throw new Error(
      `the exported graph differs from the fitted recipe on ${parity.samples} golden samples: score ${parity.worstScore.toExponential(1)}, class ${parity.worstClass.toExponential(1)} (allowed ${parity.tolerance})`,
    );
  }
  return {
    name: model.name,
    recipe: model.recipe,
    why: model.why,
    parity: `graph and fitted recipe agree on ${parity.samples} golden samples: largest difference ${parity.worstScore.toExponential(1)} of the score range (allowed ${parity.tolerance})`,
    hash: createHash('sha256').update(model.onnx).digest('hex'),
    onnx: model.onnx,
    classes: model.classes,
    fitMs,
    fitFaults: [
      ...unread,
      // The fit gives no score to a unit that it could not decode.
      ...sources
        .filter((_, i) => Number.isNaN(model.outOfFold[i]))
        .map((id) => ({ id, why: 'it could not be decoded for the fit' })),
    ],
    outOfFold: { scores: model.outOfFold, bad: units.map((u) => u.label !== 'good') },
    score: (batch) => scorer.score(batch),
    heat: (unit) => scorer.heat(unit),
    close: () => scorer[Symbol.asyncDispose](),
  };
}

/** At most {@link MAX_FIT_UNITS}: bad units first (at most half), good ones drawn by seed. */
function sampled(fit: readonly Ref[], seed: number): readonly Ref[] {
  if (fit.length <= MAX_FIT_UNITS) return fit;
  const rng = createRandom(seed);
  const bads = fit.filter((r) => isBad(itemOf(r)));
  const goods = fit.filter((r) => !isBad(itemOf(r)));
  rng.shuffle(bads);
  rng.shuffle(goods);
  const kept = bads.slice(0, Math.max(MAX_FIT_UNITS / 2, MAX_FIT_UNITS - goods.length));
  return [...kept, ...goods.slice(0, MAX_FIT_UNITS - kept.length)];
}

const faultOf = (fault: string, unit: Observation, ref: Ref): string =>
  unit.kind === 'image' && typeof unit.source === 'string'
    ? placeless(fault, unit.source, itemOf(ref).source)
    : fault;

/** Scores of a part of a data set, NaN where a unit could not be read or scored. */
export interface ScoredPart {
  readonly scores: Float64Array;
  /** Index into the model's classes, or -1. */
  readonly classCalls: Int32Array;
  readonly faults: ReadonlyMap<number, string>;
  readonly msPerUnit: readonly number[];
}

export async function scorePart(
  model: ReplayModel,
  refs: readonly Ref[],
  what: string,
  options: ReplayOptions,
): Promise<ScoredPart> {
  const scores = new Float64Array(refs.length).fill(Number.NaN);
  const classCalls = new Int32Array(refs.length).fill(-1);
  const faults = new Map<number, string>();
  const msPerUnit: number[] = [];
  for (let start = 0; start < refs.length; start += BATCH) {
    options.signal?.throwIfAborted();
    const rows: number[] = [];
    const units: Observation[] = [];
    for (let i = start; i < Math.min(refs.length, start + BATCH); i++) {
      const ref = refs[i]!;
      try {
        units.push(await ref.data.read(ref.index));
        rows.push(i);
      } catch (error) {
        faults.set(i, (error as Error).message);
      }
    }
    const from = performance.now();
    const scored: (Scored & { fault?: string })[] = units.length === 0 ? [] : await model.score(units);
    if (units.length > 0) msPerUnit.push((performance.now() - from) / units.length);
    scored.forEach((s, k) => {
      const i = rows[k]!;
      scores[i] = Number.isFinite(s.score) ? s.score : Number.NaN;
      if (!Number.isFinite(s.score))
        faults.set(i, faultOf(s.fault ?? 'the model gave no score', units[k]!, refs[i]!));
      if (s.classScores) classCalls[i] = s.classScores.indexOf(Math.max(...s.classScores));
    });
    options.progress?.(Math.min(1, (start + BATCH) / refs.length), what);
  }
  return { scores, classCalls, faults, msPerUnit };
}
