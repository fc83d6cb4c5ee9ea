import { createHash } from 'node:crypto';
import {
  binomialLower,
  binomialUpper,
  DEFAULT_SETTINGS,
  deltaLedger,
  type GatePlan,
  liveUpper,
  startGate,
} from '@selvedge/core';
import {
  type Evidence,
  REPLAY_SPEC_VERSION,
  type ReplayDocument,
  type Warning,
} from '@selvedge/core/records';
import { type Dataset, isBad } from '../dataset/dataset.js';
import { refuseOneClass } from '../dataset/open-dataset.js';
import { itemOf, type Ref, type Split, splitDataset } from '../dataset/split.js';
import { InputFault } from '../faults.js';
import { Station } from '../pipeline/station.js';
import { checkQuality } from '../quality/check-quality.js';
import { assumptions } from './assumptions.js';
import {
  blindShare,
  type CalibrationSet,
  certify,
  type EvidenceSet,
  evidenceUnits,
  rampThreshold,
  shareUpTo,
} from './certify.js';
import { shareCurve } from './curve.js';
import { classReport, median, rocAuc } from './measures.js';
import { fittedModel, givenScores, type ReplayModel, type ScoredPart, scorePart } from './model.js';
import type { ReplayOptions } from './options.js';
import { damaged, setAside } from './set-aside.js';
import { collector, runStream, type StreamResult, type StreamUnit } from './stream.js';
import { viewer } from './views.js';
import { chooseWatch, type Observes } from './watch.js';

export interface ReplayResult {
  readonly document: ReplayDocument;
  readonly evidence: Evidence;
  /** An automatic decision was allowed at some time and the final state is ramp, open or watch. */
  readonly allowed: boolean;
  /** The fitted graph, or null where scores were made elsewhere. */
  readonly onnx: Uint8Array | null;
  /** CSV, one line a stream unit. */
  readonly decisions: string;
}

export interface ReplaySets {
  readonly main: Dataset;
  readonly calibrate: Dataset | null;
  readonly stream: Dataset | null;
}

/**
 * A labelled data set through the whole pipeline: observe, score, calibrate, certify, decide, audit, watch for
 * drift. Pure in (data, options): same input and seed give the same result, timings apart. Throws InputFault.
 */
export async function replay(sets: ReplaySets, options: ReplayOptions): Promise<ReplayResult> {
  for (const data of [sets.calibrate ?? sets.main, sets.stream]) if (data) refuseOneClass(data, data.name);
  if (sets.calibrate && sets.main.items.every((i) => i.fault !== null))
    refuseOneClass(sets.main, sets.main.name);
  if (options.recipe === 'score' && sets.main.observation !== 'score') {
    const message = `--recipe score needs a table whose one feature column is named "score"; ${sets.main.name} holds ${sets.main.observation} observations`;
    throw new InputFault({ code: 'no-scores', message, file: sets.main.name });
  }
  const other = [sets.calibrate, sets.stream].find((d) => d && d.observation !== sets.main.observation);
  if (other) {
    const message = `${other.name} holds ${other.observation} observations, ${sets.main.name} ${sets.main.observation}: all sets must be alike`;
    throw new InputFault({ code: 'mixed-sets', message, file: other.name });
  }
  const split = splitDataset(sets.main, { ...sets, seed: options.seed });
  const quality = await checkQuality(split, options);
  const given = sets.main.observation === 'score';
  const model = given ? await givenScores(split.fit) : await fittedModel(split.fit, options);
  try {
    return await replayWith(model, sets.main, split, quality, options);
  } finally {
    await model.close();
  }
}

async function replayWith(
  model: ReplayModel,
  main: Dataset,
  split: Split,
  quality: readonly Warning[],
  options: ReplayOptions,
): Promise<ReplayResult> {
  const calibrated = await scorePart(model, split.calibrate, 'scoring the calibration set', options);
  const streamed = await scorePart(model, split.stream, 'scoring the stream', options);
  const all = calibrationSet(split.calibrate, calibrated);
  const evidence = evidenceUnits(all, options);
  const ledger = deltaLedger({ confidence: options.confidence, overkillRate: options.overkill });
  const terms = { escape: options.escape, overkill: options.overkill, contract: options.contract, ledger };
  const sides = certify(evidence.set, terms);
  const middle = median(
    [...model.outOfFold.scores].filter((s, i) => !model.outOfFold.bad[i] && Number.isFinite(s)),
  );
  const watch = chooseWatch(all, { seed: options.seed, middle, independentUnits: options.independentUnits });
  const plan: GatePlan = {
    budget: {
      escapeRate: options.escape,
      overkillRate: options.overkill,
      confidence: options.confidence,
      contract: options.contract,
    },
    signedBy: 'nobody yet (replay)',
    reason: 'asked for on the command line',
    safety: false,
    plannedUnits: evidence.set.scores.length,
    rampThreshold: rampThreshold(model.outOfFold, options.escape),
    scope: main.name,
    settings: { ...DEFAULT_SETTINGS, unknownRegime: watch.closesAt },
  };
  const secret = auditSecret(options.seed, split);
  const notes = collector();
  const station = new Station({
    state: startGate(plan, { atMs: timeOf(split.calibrate[0]) }),
    secret,
    middle,
    watch: notes.watch,
  });
  shadow(station, split.calibrate, calibrated, { observes: watch.observes, scope: plan.scope });
  const certificate = {
    type: 'certificate' as const,
    atMs: timeOf(split.calibrate.at(-1)),
    n: evidence.set.scores.length,
    bads: evidence.set.bad.filter(Boolean).length,
    accept: sides.accept,
    reject: sides.reject,
  };
  station.tell(certificate);
  const stream = runStream(station, unitsOf(split.stream, streamed, watch.observes), {
    notes,
    scope: plan.scope,
  });
  const warnings = [
    ...main.notes.map((detail) => ({ code: 'input-ignored', detail })),
    ...split.warnings,
    ...quality,
    ...evidence.warnings,
    ...watch.warnings,
    ...damaged(split, model.fitFaults, calibrated, streamed),
  ];
  const vacuous = noBetterThanBlind(evidence.set, sides.accept?.threshold ?? null, terms, options.seed);
  if (vacuous) warnings.push(vacuous);
  const document = makeDocument({
    model,
    split,
    calibrated,
    streamed,
    stream,
    station,
    sides,
    certificate,
    options,
    warnings,
  });
  const curve = shareCurve(evidence.set, {
    contract: options.contract,
    alpha: options.escape,
    delta: ledger.accept.certificate,
  });
  const show = await viewer(main, split.fit, model);
  const worstEscapes: Evidence['worstEscapes'][number][] = [];
  for (const position of stream.worst) {
    const ref = split.stream[position]!;
    const { id, label } = itemOf(ref);
    worstEscapes.push({
      id,
      label,
      score: streamed.scores[position]!,
      view: await show(await ref.data.read(ref.index)),
    });
  }
  const opened = document.gate.certificate !== null && sides.accept !== null;
  return {
    document,
    allowed: stream.allowed && ['ramp', 'open', 'watch'].includes(document.gate.state),
    onnx: model.onnx,
    decisions: stream.decisions,
    evidence: {
      document,
      promise: {
        escapeRate: options.escape,
        overkillRate: options.overkill,
        confidence: options.confidence,
        contract: options.contract,
        signedBy: plan.signedBy,
        reason: plan.reason,
        ledger: [
          ...Object.entries(ledger.accept).map(([part, delta]) => ({ part: `escape: ${part}`, delta })),
          ...(options.overkill > 0
            ? Object.entries(ledger.reject).map(([part, delta]) => ({ part: `overkill: ${part}`, delta }))
            : []),
        ],
      },
      data: {
        name: main.name,
        layout: main.layout,
        observation: main.observation,
        splitRule: split.rule,
        groupRule: options.groupRule,
        setAside: setAside(split, model.fitFaults, calibrated, streamed),
      },
      model: { name: model.name, why: model.why, parity: model.parity },
      curve: {
        points: curve,
        certified: opened
          ? {
              share: shareUpTo(evidence.set.scores, sides.accept!.threshold),
              escapeUpper: sides.accept!.upper,
              ...passedBy(evidence.set, sides.accept!.threshold),
            }
          : null,
      },
      live: stream.live,
      drift: {
        unitOfObservation: watch.observation,
        alarmLog10: Math.log10(plan.settings.scoreAlarm),
        closeLog10: watch.closes ? Math.log10(plan.settings.unknownRegime) : null,
        harmWatchLog10: Math.log10(plan.settings.harmWatch),
        harmCloseLog10: Math.log10(plan.settings.harmClose),
        points: stream.drift,
        alarms: stream.alarms,
      },
      worstEscapes,
      assumptions: assumptions({
        contract: options.contract,
        origin: options.origin,
        orderUnknown: split.orderUnknown,
        grouped: all.groups !== null,
        independentUnits: options.independentUnits,
        clustered: evidence.clustered,
        byGroup: evidence.set.byGroup,
      }),
      repeat: {
        command: options.command,
        version: options.version,
        commit: options.commit,
        dataHash: main.hash,
        modelHash: model.hash,
        certificateHash: opened
          ? createHash('sha256').update(JSON.stringify(certificate)).digest('hex')
          : null,
        auditSecretHash: station.secretHash,
        auditSecret: secret.toString('hex'),
      },
    },
  };
}

/** What a threshold passes: the count with which the certificate's bound can be computed again. */
function passedBy({ scores, bad }: CalibrationSet, threshold: number): { passed: number; passedBad: number } {
  const passed = bad.filter((_, i) => scores[i]! <= threshold);
  return { passed: passed.length, passedBad: passed.filter(Boolean).length };
}

/** From the seed and the ids of the stream, never from labels or scores: nothing that is judged can choose its audits. */
function auditSecret(seed: number, { stream }: Split): Buffer {
  const hash = createHash('sha256').update(`selvedge replay ${seed}`);
  for (const ref of stream) hash.update(`\n${itemOf(ref).id}`);
  return hash.digest();
}

/** The calibration set as evidence: units that have a score. */
function calibrationSet(refs: readonly Ref[], { scores }: ScoredPart): CalibrationSet {
  const kept = refs.map((_, i) => i).filter((i) => !Number.isNaN(scores[i]!));
  const groups = kept.map((i) => itemOf(refs[i]!).group);
  return {
    scores: Float64Array.from(kept, (i) => scores[i]!),
    bad: kept.map((i) => isBad(itemOf(refs[i]!))),
    groups: groups.some((g) => g !== null) ? groups.map((g, i) => g ?? itemOf(refs[kept[i]!]!).id) : null,
  };
}

/** The units in order, with whether the score martingale observes them. */
function* unitsOf(refs: readonly Ref[], { scores }: ScoredPart, observes: Observes): Iterable<StreamUnit> {
  for (const [i, ref] of refs.entries()) {
    const item = itemOf(ref);
    const score = scores[i]!;
    const observed = !Number.isNaN(score) && observes(item.group);
    yield { item, score, observed, atMs: item.atMs ?? 0 };
  }
}

/** Shadow: every calibration unit is judged by a person. Its labels count for the ramp's own e-process. */
function shadow(
  station: Station,
  refs: readonly Ref[],
  part: ScoredPart,
  { observes, scope }: { observes: Observes; scope: string },
): void {
  for (const { item, score, observed, atMs } of unitsOf(refs, part, observes)) {
    const decision = station.decide({ id: item.id, atMs, score, observed, scope, lot: null });
    station.answer(decision, { bad: isBad(item), atMs });
  }
}

/** Epoch ms of a unit; 0 where the set knows no time. */
const timeOf = (ref: Ref | undefined): number => (ref ? (itemOf(ref).atMs ?? 0) : 0);

function noBetterThanBlind(
  set: EvidenceSet,
  threshold: number | null,
  terms: Parameters<typeof certify>[1],
  seed: number,
): Warning | null {
  if (threshold === null) return null;
  const share = shareUpTo(set.scores, threshold);
  const { median: blind, noBetter } = blindShare(set, terms, { share, seed });
  if (!noBetter) return null;
  const percent = (x: number) => `${(100 * x).toFixed(0)} %`;
  return {
    code: 'no-better-than-blind',
    detail: `The gate may pass ${percent(share)} of the units within this budget, but passing units at random would be allowed about ${percent(blind)} too, and the model is not shown to be better than that: bad units are so rare that the budget itself carries the promise. Lower the budget or promise per pass (--contract per-pass)`,
  };
}

function makeDocument(run: {
  model: ReplayModel;
  split: Split;
  calibrated: ScoredPart;
  streamed: ScoredPart;
  stream: StreamResult;
  station: Station;
  sides: ReturnType<typeof certify>;
  certificate: { n: number };
  options: ReplayOptions;
  warnings: Warning[];
}): ReplayDocument {
  const { model, split, calibrated, streamed, stream, station, sides, options } = run;
  const { tally } = stream;
  const { state } = station;
  const delta = 1 - options.confidence;
  const counts = (refs: readonly Ref[]) => {
    const bad = refs.filter((r) => isBad(itemOf(r))).length;
    return { good: refs.length - bad, bad };
  };
  const touched = tally.asked + tally.audits;
  const n = tally.units;
  const trials = options.contract === 'per-unit' ? n : tally.unseenPasses;
  const labels = split.stream.map((r) => itemOf(r).label);
  const called =
    model.classes === null ? [] : split.stream.map((_, i) => i).filter((i) => streamed.classCalls[i]! >= 0);
  const certified = sides.accept ?? sides.reject;
  const opened = stream.transitions.some((t) => t.why.startsWith('certificate'));
  return {
    specVersion: REPLAY_SPEC_VERSION,
    origin: options.origin,
    recipe: model.recipe,
    seed: options.seed,
    counts: { fit: counts(split.fit), calibrate: counts(split.calibrate), stream: counts(split.stream) },
    model: {
      auc: rocAuc(
        [...calibrated.scores, ...streamed.scores],
        [...split.calibrate, ...split.stream].map((r) => isBad(itemOf(r))),
      ),
      fitMs: model.fitMs,
      scoreMsMedian: median([...calibrated.msPerUnit, ...streamed.msPerUnit]),
    },
    classes:
      model.classes === null || called.length === 0
        ? null
        : classReport(
            called.map((i) => labels[i]!),
            called.map((i) => model.classes![streamed.classCalls[i]!]!),
          ),
    gate: {
      state: state.name,
      reason: state.reason,
      accept: decides(state.name) ? state.accept.threshold : null,
      reject: decides(state.name) ? state.reject.threshold : null,
      certificate:
        certified === null || !opened
          ? null
          : {
              test: certified.test,
              n: run.certificate.n,
              // Where no pass was certified, nothing is promised of escapes.
              escapeUpper: sides.accept?.upper ?? 1,
              overkillUpper: sides.reject?.upper ?? null,
              confidence: options.confidence,
            },
    },
    stream: {
      units: n,
      automatic: tally.automatic,
      asked: tally.asked,
      automaticShare: tally.automatic / n,
      escapes: tally.escapes,
      escapePerUnit: tally.escapes / n,
      escapePerAutoPass: tally.escapes / Math.max(1, tally.unseenPasses),
      escapeUpper: trials === 0 ? 1 : binomialUpper(tally.escapes, trials, delta),
      liveUpper: liveUpper(state),
      overkills: tally.overkills,
      overkillPerUnit: tally.overkills / n,
      audits: tally.audits,
      transitions: stream.transitions,
    },
    interventions: {
      before: 1,
      after: touched / n,
      reduction: 1 - touched / n,
      interval: [1 - binomialUpper(touched, n, delta / 2), 1 - binomialLower(touched, n, delta / 2)],
    },
    warnings: run.warnings,
  };
}

const decides = (state: string): boolean => state === 'open' || state === 'ramp' || state === 'watch';
