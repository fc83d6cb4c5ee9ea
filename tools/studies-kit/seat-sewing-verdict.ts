import {
  certifyPerUnit,
  certifyPerUnitByGroup,
  clusterTest,
  DEFAULT_SETTINGS,
  deltaLedger,
  type GateEvent,
  type GateState,
  Ranker,
  startGate,
  step,
} from '@selvedge/core';
import { areaUnderCurve, fitBinaryHead } from '@selvedge/models';
import { SEAM_FEATURES } from '@selvedge/pack-seat-sewing';
import { median, round, uniforms } from './score-pools.js';

/** One finished cover as the verdict station gets it, with the truth that a person's answer gives. */
export interface VerdictUnit {
  readonly features: Float32Array;
  readonly group: string;
  readonly safety: boolean;
  /** A person judges it whatever the gate says: a cover of a coin pair. */
  readonly paired: boolean;
  readonly bad: boolean;
}

/** How the plant's covers are used, in covers of parts that are not safety. */
export const VERDICT_PLAN = {
  skip: 400,
  fit: 600,
  certify: 1200,
  escapeRate: 0.005,
  confidence: 0.95,
} as const;

export interface VerdictResult {
  readonly auc: number | null;
  readonly opened: boolean;
  readonly state: string;
  readonly reason: string;
  readonly clustered: boolean;
  /** Units of the stream, and those of them that left while the gate was open, watching or in ramp. */
  readonly stream: number;
  readonly inOpenEpoch: number;
  readonly automatic: number;
  readonly escapes: number;
  readonly audits: number;
  /** Touches of a person for a verdict in the stream: asked and audited. */
  readonly touches: number;
  readonly transitions: readonly string[];
  /** Safety covers put before a gate of their own class, and those that it passed: must be 0. */
  readonly safetyUnits: number;
  readonly safetyPassed: number;
}

/** The verdict gate of one plant through its life: fit and certificate on its own shadow labels, then the stream. */
export function verdictGate(
  units: readonly VerdictUnit[],
  seed: number,
  {
    skip,
    fit,
    certify,
    escapeRate,
    confidence,
  }: Readonly<Record<keyof typeof VERDICT_PLAN, number>> = VERDICT_PLAN,
): VerdictResult {
  const chance = uniforms(seed ^ 0x76657264);
  const own = units.filter((u) => !u.safety);
  const safety = units.filter((u) => u.safety);
  const matrix = (list: readonly VerdictUnit[]) => {
    const width = SEAM_FEATURES.length;
    const values = new Float32Array(list.length * width);
    list.forEach((u, i) => {
      values.set(u.features, i * width);
    });
    return { values, rows: list.length, width };
  };
  const fitSet = own.slice(skip, skip + fit);
  const calibration = own.slice(skip + fit, skip + fit + certify);
  const stream = own.slice(skip + fit + certify);
  const fitBad = Uint8Array.from(fitSet, (u) => Number(u.bad));
  const budget = { escapeRate, overkillRate: 0, confidence, contract: 'per-unit' } as const;
  const plan = {
    budget,
    signedBy: 'study',
    reason: 'seat-sewing',
    safety: false,
    plannedUnits: certify,
    rampThreshold: null,
    scope: 'study',
    settings: DEFAULT_SETTINGS,
  };
  let gate: GateState = startGate(plan, { atMs: 0 });
  // A safety class has a gate of its own kind: whatever evidence it is handed, it passes nothing.
  let guard: GateState = startGate({ ...plan, safety: true }, { atMs: 0 });
  const transitions: string[] = [];
  const tell = (event: GateEvent, index: number) => {
    const next = step(gate, event);
    gate = next.state;
    for (const effect of next.effects)
      if (effect.type === 'transition')
        transitions.push(`${index}: ${effect.from} -> ${effect.to}: ${effect.why}`);
    return next.effects;
  };
  const badInFit = fitBad.reduce((n, b) => n + b, 0);
  const head =
    badInFit < 5 || badInFit > fit - 5
      ? null
      : fitBinaryHead(matrix(fitSet), fitBad, {
          seed,
          kinds: ['linear'],
          groups: fitSet.map((u) => u.group),
        }).head;
  const scoresOf = (list: readonly VerdictUnit[]) =>
    head === null ? new Float64Array(list.length).fill(Number.NaN) : head.predict(matrix(list));
  const scores = scoresOf(calibration);
  const bad = Uint8Array.from(calibration, (u) => Number(u.bad));
  const groups = calibration.map((u) => u.group);
  const { clustered } = clusterTest({ groups, lost: bad, rng: chance });
  const level = new Ranker();
  const spread = new Ranker();
  const middle = head === null ? 0 : median([...scores]);
  const seenGroups = new Set<string>();
  let seen = 0;
  const pass = (unit: VerdictUnit, score: number, index: number) => {
    const unitId = `u${index}`;
    const first = !seenGroups.has(unit.group) && Number.isFinite(score);
    seenGroups.add(unit.group);
    const effects = tell(
      {
        type: 'unit',
        unitId,
        atMs: ++seen * 40_000,
        score,
        draw: chance(),
        // One unit a hide is an observation of the drift: the others are like it.
        pLevel: first ? level.next(score, chance()) : null,
        pSpread: first ? spread.next(Math.abs(score - middle), chance()) : null,
        scope: 'study',
        lot: null,
      },
      index,
    );
    const decision = effects.find((effect) => effect.type === 'decide');
    if (decision === undefined) throw new Error(`no decision on ${unitId}`);
    const alone = decision.call === 'pass' && decision.by === 'gate' && !decision.audit;
    if (!alone) tell({ type: 'answer', unitId, bad: unit.bad, blind: true, atMs: seen * 40_000 }, index);
    return { alone, audit: decision.audit };
  };
  calibration.forEach((unit, i) => {
    pass(unit, scores[i]!, i - certify);
  });
  if (head !== null) {
    const delta = deltaLedger(budget).accept.certificate;
    const given = { scores, bad, alpha: escapeRate, delta };
    const proof = clustered ? certifyPerUnitByGroup({ ...given, groups }) : certifyPerUnit(given);
    const { threshold, upper, test } = proof;
    const event: GateEvent = {
      type: 'certificate',
      atMs: seen * 40_000,
      n: certify,
      bads: bad.reduce((n, b) => n + b, 0),
      accept: threshold === null ? null : { threshold, upper, delta, test },
      reject: null,
    };
    tell(event, 0);
    guard = step(guard, event).state;
  }
  const opened = gate.name === 'open';
  const streamScores = scoresOf(stream);
  let [inOpenEpoch, automatic, escapes, audits, touches] = [0, 0, 0, 0, 0];
  stream.forEach((unit, i) => {
    if (gate.name === 'open' || gate.name === 'watch' || gate.name === 'ramp') inOpenEpoch++;
    if (unit.paired) {
      touches++;
      return;
    }
    const { alone, audit } = pass(unit, streamScores[i]!, i + 1);
    if (audit) audits++;
    if (!alone) touches++;
    else {
      automatic++;
      if (unit.bad) escapes++;
    }
  });
  const safetyScores = scoresOf(safety);
  let safetyPassed = 0;
  safety.forEach((_unit, i) => {
    const next = step(guard, {
      type: 'unit',
      unitId: `s${i}`,
      atMs: i * 40_000,
      score: safetyScores[i]!,
      draw: chance(),
      pLevel: null,
      pSpread: null,
      scope: 'study',
      lot: null,
    });
    guard = next.state;
    if (next.effects.some((e) => e.type === 'decide' && e.call === 'pass' && e.by === 'gate' && !e.audit))
      safetyPassed++;
  });
  return {
    auc: head === null ? null : round(areaUnderCurve(scores, Int32Array.from(bad))),
    opened,
    state: gate.name,
    reason: gate.reason,
    clustered,
    stream: stream.length,
    inOpenEpoch,
    automatic,
    escapes,
    audits,
    touches,
    transitions,
    safetyUnits: safety.length,
    safetyPassed,
  };
}
