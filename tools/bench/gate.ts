import {
  type CertificateEvent,
  DEFAULT_SETTINGS,
  type Decide,
  type GateState,
  startGate,
  step,
} from '@selvedge/core';
import { createRandom } from '@selvedge/models';
import { Station } from '@selvedge/site';
import type { Bench } from '../bench-kit/row.js';
import { median } from '../bench-kit/timing.js';

const CERTIFIED = 3000;
const WARM = 50_000;
const DECISIONS = 200_000;
const STEPS = 1_000_000;
const ROUNDS = 5;
const AT_MS = 1_760_000_000_000;

const certificate: CertificateEvent = {
  type: 'certificate',
  atMs: AT_MS,
  n: CERTIFIED,
  bads: 180,
  accept: { threshold: 0.9, upper: 0.004, delta: 0.025, test: 'exact-binomial-per-unit', share: 0.9 },
  reject: null,
};

const freshGate = (): GateState =>
  startGate(
    {
      budget: { escapeRate: 0.005, overkillRate: 0, confidence: 0.95, contract: 'per-unit' },
      signedBy: 'bench',
      reason: 'bench',
      safety: false,
      plannedUnits: CERTIFIED,
      rampThreshold: null,
      scope: 'bench',
      settings: DEFAULT_SETTINGS,
    },
    { atMs: AT_MS },
  );

/** Decisions a second of an open gate: three HMACs, two ranks, the state, and the answers to its audits. */
function decisionsPerSecond(seed: number): number {
  const random = createRandom(seed);
  const station = new Station({
    state: freshGate(),
    secret: Uint8Array.from({ length: 32 }, () => random.below(256)),
    middle: 0.5,
  });
  station.tell(certificate);
  const scores = Float64Array.from({ length: WARM + DECISIONS }, () => random.next());
  const bring = (from: number, to: number): void => {
    for (let i = from; i < to; i++) {
      const atMs = AT_MS + i;
      const decision = station.decide({
        id: `unit-${i}`,
        atMs,
        score: scores[i] ?? Number.NaN,
        observed: true,
        scope: 'bench',
        lot: null,
      });
      if (decision.audit) station.answer(decision, { bad: false, atMs });
    }
  };
  bring(0, WARM);
  const from = performance.now();
  bring(WARM, WARM + DECISIONS);
  const seconds = (performance.now() - from) / 1000;
  requireOpen(station.state);
  return DECISIONS / seconds;
}

/** Unit events a second through `step`, draw and p-values handed in, the answers to the audits included. */
function stepsPerSecond(seed: number): number {
  const random = createRandom(seed);
  const numbers = (): Float64Array => Float64Array.from({ length: STEPS }, () => random.next());
  const [scores, draws, levels, spreads] = [numbers(), numbers(), numbers(), numbers()];
  const ids = Array.from({ length: STEPS }, (_, i) => `unit-${i}`);
  let state = step(freshGate(), certificate).state;
  const from = performance.now();
  for (let i = 0; i < STEPS; i++) {
    const unitId = ids[i] ?? '';
    const atMs = AT_MS + i;
    const next = step(state, {
      type: 'unit',
      unitId,
      atMs,
      score: scores[i] ?? Number.NaN,
      draw: draws[i] ?? Number.NaN,
      pLevel: levels[i] ?? null,
      pSpread: spreads[i] ?? null,
      scope: 'bench',
      lot: null,
    });
    state = next.state;
    // The decision is always the first effect on a unit of the scope.
    if ((next.effects[0] as Decide).audit) {
      state = step(state, { type: 'answer', unitId, atMs, bad: false, blind: true }).state;
    }
  }
  const seconds = (performance.now() - from) / 1000;
  requireOpen(state);
  return STEPS / seconds;
}

/** A closed gate decides faster: a figure from one would be worth nothing. */
function requireOpen({ name, reason }: GateState): void {
  if (name !== 'open') throw new Error(`the gate of the bench is ${name}: ${reason}`);
}

export const run: Bench = async ({ progress }) => {
  const decisions: number[] = [];
  const steps: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    decisions.push(decisionsPerSecond(1 + round));
    steps.push(stepsPerSecond(1 + round));
    progress((round + 1) / ROUNDS, `round ${round + 1} of ${ROUNDS}`);
  }
  return [
    {
      name: 'gate: complete decisions, one core',
      value: median(decisions),
      unit: '1/s',
      limit: { atLeast: 100_000 },
      note: `audit draw and rank draws by HMAC, two ranks, state, 3 % answered; median of ${ROUNDS} x ${DECISIONS} after ${WARM}`,
    },
    {
      name: 'gate: state function alone, one core',
      value: median(steps),
      unit: '1/s',
      limit: { atLeast: 1_000_000 },
      note: `draw and p-values handed in, 3 % answered; median of ${ROUNDS} x ${STEPS}`,
    },
  ];
};
