import { describe, expect, it } from 'vitest';
import { SEAM_STITCHES } from '../line/line-machine.js';
import { drawPlant } from '../line/plant.js';
import type { CoverContext, FinishedCover } from '../line/signals.js';
import { CorrectedController } from './corrected.js';
import { CORRECTIONS_PLAN, CorrectionsGate } from './corrections-gate.js';
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
/** Sews covers whose largest offset depends on whether corrections are applied. */
function drive(gate: CorrectionsGate, covers: number, offOf: (share: number) => number): number[] {
  const shares: number[] = [];
  for (let c = 0; c < covers; c++) {
    const share = gate.shareFor(context(c), true);
    shares.push(share);
    const finished: FinishedCover = {
      context: context(c),
      strips: Float64Array.of(offOf(share)),
      acts: [],
      verdict: 'good',
      knob: 0,
    };
    gate.finished(finished, { share, shiftAtTurn: 0 });
  }
  return shares;
}

describe('the gate on corrections', () => {
  it('applies nothing in shadow, half bounds by a coin in trial, full bounds when both are proved', () => {
    const gate = new CorrectionsGate(CORRECTIONS_PLAN, 1);
    const shares = drive(gate, 400, (share) => (share > 0 ? 0.5 : 0.7));
    const shadow = CORRECTIONS_PLAN.shadowCovers;
    expect(shares.slice(0, shadow).every((s) => s === 0)).toBe(true);
    const opened = gate.transitions.find((t) => t.to === 'open');
    expect(opened).toBeDefined();
    const trial = shares.slice(shadow, (opened?.cover ?? 0) + 1);
    expect(new Set(trial)).toEqual(new Set([0, 0.5]));
    for (let i = 0; i + 1 < trial.length; i += 2) expect(trial[i]! + trial[i + 1]!).toBe(0.5);
    expect(gate.state).toBe('open');
    expect(shares.at(-1) === 1 || shares.at(-2) === 1).toBe(true);
  });
  it('closes where the coin pairs show harm, and never acts again', () => {
    const gate = new CorrectionsGate(CORRECTIONS_PLAN, 2);
    const shares = drive(gate, 400, (share) => (share > 0 ? 0.75 : 0.5));
    expect(gate.state).toBe('closed');
    const at = gate.transitions.at(-1)?.cover ?? 0;
    expect(at).toBeLessThan(100);
    expect(shares.slice(at + 1).every((s) => s === 0)).toBe(true);
  });
  it('lets the lease of a trial end where nothing is proved', () => {
    const gate = new CorrectionsGate(CORRECTIONS_PLAN, 3);
    drive(gate, 48 + LEASES.steering.covers, () => 0.5);
    expect(gate.state).toBe('refused');
  });
  it('gives no share on a safety part in any state, nor where the machine is not known', () => {
    const gate = new CorrectionsGate(CORRECTIONS_PLAN, 1);
    drive(gate, 400, (share) => (share > 0 ? 0.5 : 0.7));
    expect(gate.state).toBe('open');
    expect(gate.shareFor(context(0, true), true)).toBe(0);
    expect(gate.shareFor(context(0), false)).toBe(0);
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
});
