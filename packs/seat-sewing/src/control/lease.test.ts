import { describe, expect, it } from 'vitest';
import { uniformAt } from '../line/counter-random.js';
import { SEAM_STITCHES } from '../line/line-machine.js';
import { drawPlant } from '../line/plant.js';
import type { CoverContext, FinishedCover } from '../line/signals.js';
import { prior } from '../priors.js';
import { CorrectedController } from './corrected.js';
import { CorrectionsGate } from './corrections-gate.js';
import { CORRECTIONS_PLAN } from './corrections-plan.js';
import { adviserGainsAt, pidGainsAt } from './gain-space.js';
import { LEASES, withinLease } from './lease.js';
import { PidController } from './pid.js';
import { runMachine } from './run-machine.js';

const lease = LEASES.steering;
const given = { incumbent: 0.001, distance: 0, share: 1 };

describe('a lease', () => {
  it('bounds the distance from the incumbent, its rate and the value', () => {
    const far = withinLease(lease, { ...given, proposed: 1 });
    expect(far.distance).toBe(lease.ratePerStitch);
    expect(withinLease(lease, { ...given, proposed: 1, distance: lease.bound }).distance).toBe(lease.bound);
    expect(withinLease(lease, { ...given, proposed: 1, distance: lease.bound, share: 0.5 }).distance).toBe(
      lease.bound - lease.ratePerStitch,
    );
    expect(withinLease(lease, { ...given, incumbent: 0.029, proposed: 1, distance: 0.01 }).value).toBe(
      lease.high,
    );
  });
  it('goes back to the incumbent without a share, and on a proposal that is no number', () => {
    for (const end of [
      { proposed: 1, share: 0 },
      { proposed: Number.NaN, share: 1 },
    ]) {
      let distance = lease.bound;
      for (let i = 0; i < 5; i++) distance = withinLease(lease, { ...given, ...end, distance }).distance;
      expect(distance).toBe(lease.rollBack);
    }
  });
});

const context = (cover: number, safety = false): CoverContext => ({
  cover,
  part: 0,
  safety,
  stitches: 300,
  threadLot: 0,
  hide: 0,
  needleStitches: 0,
  bobbinStitches: 0,
  knob: 0,
});
/** What a cover's pictures and feelers say depends on whether each setting is corrected. */
interface Line {
  readonly offOf?: (share: number, cover: number) => number;
  readonly lockOf?: (share: number, cover: number) => number;
  readonly verdictOf?: (shares: { readonly steering: number }, cover: number) => FinishedCover['verdict'];
}

function drive(gate: CorrectionsGate, covers: number, { offOf, lockOf, verdictOf }: Line) {
  return Array.from({ length: covers }, (_, c) => {
    const shares = gate.sharesFor(context(c), true);
    const finished: FinishedCover = {
      context: context(c),
      strips: Float64Array.of(offOf?.(shares.steering, c) ?? 0.5),
      acts: [],
      verdict: verdictOf?.(shares, c) ?? 'good',
      knob: 0,
    };
    gate.finished(finished, { shares, shiftAtTurn: 0, lockOff: [lockOf?.(shares.tension, c) ?? 0.05] });
    return shares;
  });
}

/** A cover is better or worse by chance, the corrected ones less often. */
const noisy = (share: number, cover: number) => 0.4 + 0.3 * ((cover * 0.618) % 1) - (share > 0 ? 0.2 : 0);

describe('the gate on corrections', () => {
  it('applies nothing in shadow, half bounds by a coin in trial, full bounds when both are proved', () => {
    const gate = new CorrectionsGate(CORRECTIONS_PLAN, 1);
    const shares = drive(gate, 400, { offOf: noisy }).map((s) => s.steering);
    const shadow = CORRECTIONS_PLAN.shadowCovers;
    expect(shares.slice(0, shadow).every((s) => s === 0)).toBe(true);
    const opened = gate.transitions.find((t) => t.to === 'open');
    expect(opened?.setting).toBe('steering');
    const trial = shares.slice(shadow, (opened?.cover ?? 0) + 1);
    expect(new Set(trial)).toEqual(new Set([0, 0.5]));
    for (let i = 0; i + 1 < trial.length; i += 2) expect(trial[i]! + trial[i + 1]!).toBe(0.5);
    expect(gate.state).toBe('open');
    expect(shares.at(-1) === 1 || shares.at(-2) === 1).toBe(true);
  });
  it('opens one setting on its own proof and leaves the other', () => {
    const gate = new CorrectionsGate(CORRECTIONS_PLAN, 5);
    const worse = (share: number, cover: number) => noisy(0, cover) + (share > 0 ? 0.2 : 0);
    const shares = drive(gate, 400, { offOf: worse, lockOf: (share, c) => 0.1 * noisy(share, c) });
    expect(gate.states).toEqual({ steering: 'refused', tension: 'open' });
    expect(shares.slice(-4).some((s) => s.tension === 1)).toBe(true);
    expect(shares.slice(-4).every((s) => s.steering === 0)).toBe(true);
  });
  it('stops a trial early where the pairs speak for the incumbent, and for good where they prove harm', () => {
    const gate = new CorrectionsGate(CORRECTIONS_PLAN, 2);
    const shares = drive(gate, 2000, { offOf: (share) => (share > 0 ? 0.55 : 0.5) }).map((s) => s.steering);
    const first = gate.transitions.find((t) => t.setting === 'steering' && t.to === 'refused');
    expect(first?.why).toContain('speak for the incumbent');
    expect((first?.cover ?? 0) - CORRECTIONS_PLAN.shadowCovers).toBeLessThan(40);
    expect(shares.filter((s) => s > 0).length).toBeLessThan(40);
    const strict = new CorrectionsGate({ ...CORRECTIONS_PLAN, doubt: 1e-9 }, 2);
    drive(strict, 400, { offOf: (share) => (share > 0 ? 0.55 : 0.5) });
    expect(strict.states.steering).toBe('closed');
  });
  it('bounds what a trial may cost in acts, whatever the measured offsets say', () => {
    const gate = new CorrectionsGate(CORRECTIONS_PLAN, 3);
    const verdictOf: Line['verdictOf'] = (shares, c) =>
      shares.steering > 0 && c % 3 === 0 ? 'off-line' : 'good';
    const shares = drive(gate, 300, { offOf: noisy, verdictOf }).map((s) => s.steering);
    const stop = gate.transitions.find((t) => t.to === 'refused');
    expect(stop?.why).toContain(`cost ${CORRECTIONS_PLAN.maxCost} acts`);
    expect(shares.slice((stop?.cover ?? 0) + 1).every((s) => s === 0)).toBe(true);
  });
  it('lets a trial that proves nothing end with its lease, and signs it again with less error to spend', () => {
    const gate = new CorrectionsGate(CORRECTIONS_PLAN, 3);
    drive(gate, 48 + LEASES.steering.covers, {});
    expect(gate.state).toBe('refused');
    const { againAfter, attempts } = CORRECTIONS_PLAN;
    drive(gate, attempts * (againAfter + LEASES.steering.covers), {});
    const trials = gate.transitions.filter((t) => t.setting === 'steering' && t.to === 'trial');
    expect(trials).toHaveLength(attempts);
    expect(gate.state).toBe('refused');
  });
  it('opens a setting without an effect at most as often as was signed, over all attempts', () => {
    let opened = 0;
    for (let key = 0; key < 60; key++) {
      const gate = new CorrectionsGate(CORRECTIONS_PLAN, 1000 + key);
      drive(gate, 1500, { offOf: (_share, c) => 0.3 + 0.4 * uniformAt(key, c) });
      if (gate.transitions.some((t) => t.setting === 'steering' && t.to === 'open')) opened++;
    }
    // 99 % limit of a binomial of 60 at .025.
    expect(opened).toBeLessThanOrEqual(5);
  });
  it('gives no share on a safety part in any state, nor where the machine is not known', () => {
    const gate = new CorrectionsGate(CORRECTIONS_PLAN, 1);
    drive(gate, 400, { offOf: noisy });
    expect(gate.state).toBe('open');
    expect(gate.sharesFor(context(0, true), true)).toEqual({ steering: 0, tension: 0 });
    expect(gate.sharesFor(context(0), false)).toEqual({ steering: 0, tension: 0 });
  });
});

describe('a controller with an adviser', () => {
  const plant = drawPlant(2006);
  const run = (controller: PidController | CorrectedController) =>
    [...runMachine(plant, { machine: 0, controller, covers: 80 })].map((sewn) => sewn.truth.error);
  const pid = pidGainsAt();

  it('is the incumbent bit for bit while its gate is in shadow', () => {
    const gate = new CorrectionsGate({ ...CORRECTIONS_PLAN, shadowCovers: 1000 }, 1);
    const shadow = new CorrectedController({ pid, adviser: adviserGainsAt(), gate, stitches: SEAM_STITCHES });
    expect(run(shadow)).toEqual(run(new PidController(pid)));
    expect(shadow.adviser.ready).toBe(true);
  });
  it('never commands otherwise than the incumbent on a safety part', () => {
    const always = new CorrectedController({
      pid,
      adviser: adviserGainsAt(),
      gate: null,
      stitches: SEAM_STITCHES,
    });
    const errors = run(always);
    expect(always.applied).toBeGreaterThan(20);
    expect(always.touchedSafety).toBe(0);
    expect(errors.length).toBe(80);
  });
  it('leaves the usual changes of bobbin and needle in force before a safety part', () => {
    const adviser = { ...adviserGainsAt(), bobbinReserve: 0.01 };
    const always = new CorrectedController({ pid, adviser, gate: null, stitches: SEAM_STITCHES });
    for (const _ of runMachine(plant, { machine: 0, controller: always, covers: 40 }));
    expect(always.adviser.ready).toBe(true);
    const due = { ...context(40), bobbinStitches: prior('bobbinStitches') * (1 - pid.bobbinReserve) };
    expect(new PidController(pid).plan(due).bobbin).toBe(true);
    expect(always.plan(due).bobbin).toBe(false);
    expect(always.plan({ ...due, safety: true }).bobbin).toBe(true);
  });
});
