import { createHash } from 'node:crypto';
import { binomialLower, binomialUpper, certifyPerUnit } from '@selvedge/core';
import {
  areaUnderCurve,
  createRandom,
  fitMap,
  macroF1,
  openScorer,
  type Random,
  type Scored,
} from '@selvedge/models';
import { readWaferMaps, type WaferMap } from '../studies-kit/wafer-maps-data.js';

/**
 * Wafer maps: the class call and the share of good wafers that pass by themselves. `train` fits one model,
 * `val` is cut 60/40 into calibrate and stream, once per run with its own seed; equal maps stay on one side.
 */
const BUDGET = 0.005;
/** Half of the 5 % that the promise may be wrong: the other half belongs to the live audits. */
const DELTA = 0.025;
const BOOTSTRAPS = 200;

interface Judged {
  readonly unit: WaferMap;
  readonly key: string;
  readonly scored: Scored;
}

/** Runs the study: one fit with `seed`, 5 cuts by default; `keep` takes every n-th wafer only (for a test). */
export async function run(options: {
  readonly seed: number;
  readonly runs?: number | undefined;
  readonly keep?: number;
  readonly progress: (done: number, what: string) => void;
}): Promise<object> {
  const { seed, runs = 5, keep = 1, progress } = options;
  const all = (await readWaferMaps()).filter((_, i) => i % keep === 0);
  const key = ({ observation: { width, height, values } }: WaferMap): string =>
    createHash('sha256').update(`${width}x${height}:`).update(values).digest('hex');
  const fit = all.filter((unit) => unit.split === 'train');
  const known = new Set(fit.map(key));
  const later = all.filter((unit) => unit.split === 'val').map((unit) => ({ unit, key: key(unit) }));
  const rest = later.filter((unit) => !known.has(unit.key));
  const fitStart = performance.now();
  const model = await fitMap(fit, {
    recipe: 'supervised',
    seed,
    progress: (done, what) => progress(0.8 * done, what),
  });
  const fitSeconds = (performance.now() - fitStart) / 1000;
  // In this thread: the figure is then the speed of one core.
  const scorer = await openScorer(model, { workers: 0 });
  const scoreStart = performance.now();
  const scored = await scorer.score(rest.map(({ unit }) => unit.observation));
  const scoreSeconds = (performance.now() - scoreStart) / 1000;
  await scorer[Symbol.asyncDispose]();
  const judged = rest.map((one, i) => ({ ...one, scored: scored[i]! }));
  const classes = model.classes ?? [];
  const cuts: ReturnType<typeof measure>[] = [];
  for (let i = 0; i < runs; i++) {
    const cutSeed = seed + 7919 * i;
    const random = createRandom(cutSeed);
    const { calibrate, stream } = cut(judged, random);
    cuts.push(measure({ calibrate, stream, classes, random, seed: cutSeed }));
    progress(0.85 + (0.15 * (i + 1)) / runs, 'cuts');
  }
  return {
    what: 'demand: macro-F1 >= 0.90 on the stream and >= 95 % of good wafers accepted at 0.5 % escapes per unit',
    seed,
    model: model.name,
    why: model.why,
    units: { fit: fit.length, val: later.length, equalToFit: later.length - rest.length },
    seconds: { fit: round(fitSeconds, 1), score: round(scoreSeconds, 1) },
    scoredPerSecond: Math.round(rest.length / scoreSeconds),
    modelMegabytes: round(model.onnx.length / 1e6, 2),
    cuts,
    reached: cuts.every((one) => one.macroF1.value >= 0.9 && one.accepted.share >= 0.95),
  };
}

/** 60/40 by label; equal maps go together (the first one's label decides where). */
function cut(units: readonly Judged[], random: Random): { calibrate: Judged[]; stream: Judged[] } {
  const groups = new Map<string, Judged[]>();
  for (const unit of units) groups.set(unit.key, [...(groups.get(unit.key) ?? []), unit]);
  const order = [...groups.values()];
  random.shuffle(order);
  const seen = new Map<string, { calibrate: number; all: number }>();
  const calibrate: Judged[] = [];
  const stream: Judged[] = [];
  for (const group of order) {
    const { label } = group[0]!.unit;
    const count = seen.get(label) ?? { calibrate: 0, all: 0 };
    seen.set(label, count);
    const toCalibrate = count.calibrate < 0.6 * (count.all + group.length);
    count.all += group.length;
    if (toCalibrate) count.calibrate += group.length;
    (toCalibrate ? calibrate : stream).push(...group);
  }
  return { calibrate, stream };
}

function measure({
  calibrate,
  stream,
  classes,
  random,
  seed,
}: {
  calibrate: readonly Judged[];
  stream: readonly Judged[];
  classes: readonly string[];
  random: Random;
  seed: number;
}) {
  const isBad = ({ unit }: Judged): number => (unit.label === 'good' ? 0 : 1);
  const certificate = certifyPerUnit({
    scores: calibrate.map(({ scored }) => scored.score),
    bad: calibrate.map((unit) => isBad(unit) === 1),
    alpha: BUDGET,
    delta: DELTA,
  });
  const limit = certificate.threshold ?? Number.NEGATIVE_INFINITY;
  const good = stream.filter((unit) => !isBad(unit));
  const passed = good.filter(({ scored }) => scored.score <= limit).length;
  const escapes = stream.filter((unit) => isBad(unit) && unit.scored.score <= limit).length;
  const calls = Int32Array.from(stream, ({ scored }) => largest(scored.classScores));
  const truth = Int32Array.from(stream, ({ unit }) => classes.indexOf(unit.label));
  return {
    seed,
    calibrate: calibrate.length,
    stream: stream.length,
    auc: round(
      areaUnderCurve(
        stream.map(({ scored }) => scored.score),
        stream.map(isBad),
      ),
      5,
    ),
    macroF1: {
      value: round(macroF1(calls, truth, classes.length), 4),
      ...interval(calls, truth, classes, random),
    },
    perClass: Object.fromEntries(classes.map((name, c) => [name, classFigures(calls, truth, c)])),
    certificate: {
      threshold: certificate.threshold,
      k: certificate.k,
      n: certificate.n,
      upper: certificate.upper,
    },
    accepted: {
      good: good.length,
      passed,
      share: round(passed / Math.max(1, good.length), 4),
      lower95: round(binomialLower(passed, good.length, 0.025), 4),
      upper95: round(binomialUpper(passed, good.length, 0.025), 4),
    },
    escapes: {
      count: escapes,
      perUnit: round(escapes / stream.length, 5),
      upper95: round(binomialUpper(escapes, stream.length, 0.05), 5),
    },
  };
}

function largest(chances: Float32Array | undefined): number {
  let best = -1;
  chances?.forEach((p, c) => {
    if (best < 0 || p > chances[best]!) best = c;
  });
  return best;
}

function classFigures(calls: Int32Array, truth: Int32Array, c: number): { units: number; f1: number } {
  let both = 0;
  let called = 0;
  let units = 0;
  for (let i = 0; i < calls.length; i++) {
    if (calls[i] === c) called++;
    if (truth[i] === c) units++;
    if (calls[i] === c && truth[i] === c) both++;
  }
  return { units, f1: round((2 * both) / Math.max(1, called + units), 4) };
}

/** 95 % percentile bootstrap of the macro-F1 over the wafers of the stream. */
function interval(
  calls: Int32Array,
  truth: Int32Array,
  classes: readonly string[],
  random: Random,
): { lower95: number; upper95: number } {
  const values = Array.from({ length: BOOTSTRAPS }, () => {
    const rows = Int32Array.from(calls, () => random.below(calls.length));
    return macroF1(
      rows.map((i) => calls[i]!),
      rows.map((i) => truth[i]!),
      classes.length,
    );
  }).sort((a, b) => a - b);
  return {
    lower95: round(values[Math.floor(0.025 * BOOTSTRAPS)]!, 4),
    upper95: round(values[Math.ceil(0.975 * BOOTSTRAPS) - 1]!, 4),
  };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
