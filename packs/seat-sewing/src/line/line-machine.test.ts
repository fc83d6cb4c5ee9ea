import { describe, expect, it } from 'vitest';
import type { Controller } from '../control/controller.js';
import { pidGainsAt } from '../control/gain-space.js';
import { guideController } from '../control/guide.js';
import { PidController } from '../control/pid.js';
import { runMachine } from '../control/run-machine.js';
import { prior } from '../priors.js';
import { afterWrap, balancedLogRatio, lockPoint, logBobbinTension } from '../thread.js';
import { normalAt, split, uniformAt } from './counter-random.js';
import { LineMachine, SEAM_STITCHES } from './line-machine.js';
import { LINE_CONSTANTS, LINE_PRIORS } from './line-priors.js';
import { OUTSIDE } from './outside.js';
import { drawPlant, type Plant } from './plant.js';
import type { Command } from './signals.js';

/** A plant without chance: what is left is the equations. */
function still(): Plant {
  const plant = drawPlant(2007);
  const quiet = [
    'handling',
    'lineNoise',
    'lineKick',
    'placement',
    'tensionWander',
    'temperatureSwing',
    'frictionLotShare',
    'bobbinFillShare',
    'breakHazard',
    'skipHazard',
    'cameraNoise',
    'cameraBias',
  ];
  const constants = {
    ...plant.constants,
    ...Object.fromEntries(quiet.map((name) => [name, 0])),
    steeringGain: 1,
    temperature: 23,
  };
  return { ...plant, constants, templateMisses: plant.templateMisses.map((row) => row.map(() => 0)) };
}

const commanding = (command: (stitch: number) => Command): Controller => ({
  plan: () => ({ bobbin: false, needle: false }),
  startCover: () => undefined,
  step: (signals, out) => {
    Object.assign(out, command(signals.stitch));
    return true;
  },
  acted: () => undefined,
  endCover: () => undefined,
});

describe('counter-based chance', () => {
  it('is a function of key and counter, uniform and normal', () => {
    const n = 40_000;
    let [sum, squares, fourth, lag] = [0, 0, 0, 0];
    const bins = new Array(16).fill(0);
    for (let i = 0; i < n; i++) {
      const x = normalAt(split(7, 3), i);
      sum += x;
      squares += x * x;
      fourth += x ** 4;
      lag += x * normalAt(split(7, 3), i + 1);
      bins[Math.floor(16 * uniformAt(split(7, 4), i))]++;
    }
    expect(Math.abs(sum / n)).toBeLessThan(4 / Math.sqrt(n));
    expect(squares / n).toBeCloseTo(1, 1);
    expect(Math.abs(fourth / n - 3)).toBeLessThan(0.25);
    expect(Math.abs(lag / n)).toBeLessThan(4 / Math.sqrt(n));
    for (const count of bins) expect(Math.abs(count - n / 16)).toBeLessThan(5 * Math.sqrt(n / 16));
    expect(split(1, 2, 3)).not.toBe(split(1, 3, 2));
  });
});

describe('the course', () => {
  it('answers a step of steering as the equations say', () => {
    // bent(k) = u (1 - (1 - a)^k); heading and line are its sums, in closed form.
    const plant = still();
    const u = 2e-4;
    const a = prior('stitchLength') / plant.constants.compliance;
    const L = prior('stitchLength');
    const [sewn] = runMachine(plant, {
      machine: 0,
      controller: commanding(() => ({ curvature: u, logTension: 0 })),
      covers: 1,
    });
    const heading0 = prior('placementHeading') * normalAt(split(plant.seed, 4, 0, 0), SEAM_STITCHES * 16 + 1);
    for (const n of [5, 15, 35]) {
      // After n stitches: e(n) = L sum_{k<n} psi(k), psi(k) = psi0 - L u (k - (1-a)/a (1 - (1-a)^k)).
      let sum = 0;
      for (let k = 0; k < n; k++) sum += heading0 - L * u * (k - ((1 - a) / a) * (1 - (1 - a) ** k));
      expect(sewn?.truth.error[n - 1]).toBeCloseTo(L * sum, 2);
    }
  });
});

describe('the thread', () => {
  /** Lock points of the first cover of a still plant. */
  const locks = (logTension: number, friction = 1) => {
    const plant = still();
    const odd = { ...plant.odd, friction };
    const controller = commanding(() => ({ curvature: 0, logTension }));
    const [sewn] = runMachine({ ...plant, odd }, { machine: 0, controller, covers: 1 });
    return sewn!.truth.lock;
  };
  const logAfter = (ask: number, friction: number) =>
    Math.log(
      afterWrap(prior('needleTension') * Math.exp(ask), prior('wrapAngle'), friction * prior('friction')),
    );
  const at = (ask: number, friction: number, left: number, set: number) =>
    lockPoint(logAfter(ask, friction) - logBobbinTension(left, set), balancedLogRatio()) - 0.5;

  it.each([
    [0.1, 1],
    [-0.1, 1],
    [0, 1.25],
    [0.05, 0.8],
  ])('moves the lock as the capstan equation says: ln tension %s, friction x %s', (ask, friction) => {
    const [base, moved] = [locks(0), locks(ask, friction)];
    const expected = prior('lockPerLogRatio') * (logAfter(ask, friction) - logAfter(0, 1));
    // The tensioner has settled; the two bobbins have given nearly the same.
    for (const s of [60, 150, 290]) expect(moved[s]! - base[s]!).toBeCloseTo(expected, 3);
  });
  it('locks between what a full and an empty bobbin give', () => {
    const mean =
      locks(0.12)
        .slice(50)
        .reduce((x, y) => x + y, 0) /
      (SEAM_STITCHES - 50);
    const spread = 3 * prior('bobbinSetShare');
    expect(mean).toBeGreaterThan(at(0.12, 1, 0, spread) - 0.01);
    expect(mean).toBeLessThan(at(0.12, 1, 1, -spread) + 0.03);
  });
});

describe('a machine', () => {
  it('sews the same covers for the same arguments', () => {
    const run = () =>
      [
        ...runMachine(drawPlant(2008), {
          machine: 1,
          controller: new PidController(pidGainsAt()),
          covers: 6,
        }),
      ].map((s) => [s.finished, s.truth]);
    expect(run()).toEqual(run());
  });

  it('meets the same disturbances whoever steers', () => {
    // What the camera adds is read with the steering taken out: both see the same noise at the same stitch.
    const plant = drawPlant(2009);
    const kicksOf = (controller: Controller) => {
      const out: number[][] = [];
      for (const { traces, planned } of runMachine(plant, { machine: 0, controller, covers: 40 }))
        out.push([traces.footHeight[150]!, traces.footHeight[299]!, planned.needle ? 1 : 0]);
      return out.map(([first, last]) => [first, last]);
    };
    const guide = kicksOf(guideController());
    const pid = kicksOf(new PidController(pidGainsAt()));
    // Thickness, hide and sensor noise do not depend on the course unless the seam runs off the plies.
    const same = guide.filter((row, i) => row[0] === pid[i]![0] && row[1] === pid[i]![1]).length;
    expect(same).toBeGreaterThanOrEqual(36);
  });

  it('stays fast: under 10 us of processor time a stitch even on a busy computer (1.1-1.6 us on a calm one)', () => {
    const covers = 100;
    const times = [0, 1, 2].map(() => {
      const controller = new PidController(pidGainsAt());
      const from = process.cpuUsage();
      for (const _ of runMachine(drawPlant(2010), { machine: 0, controller, covers })) void _;
      return process.cpuUsage(from).user / (covers * SEAM_STITCHES);
    });
    expect(Math.min(...times)).toBeLessThan(10);
  });

  it('is stopped, threaded, laid anew and sewn again by its person', () => {
    const types = new Set<string>();
    for (const seed of [2001, 2004])
      for (const { finished } of runMachine(drawPlant(seed), {
        machine: 0,
        controller: guideController(),
        covers: 300,
      }))
        for (const act of finished.acts) {
          types.add(act.type);
          expect(act.seconds).toBeGreaterThan(0);
        }
    for (const type of ['realign', 'rethread', 're-sew', 'bobbin']) expect(types).toContain(type);
  });

  it('records a stop that a model calls', () => {
    const line = new LineMachine(drawPlant(2001), 0);
    const context = line.startCover({ bobbin: false, needle: false });
    line.stop();
    while (!line.sew(null));
    expect(line.endCover(context).finished.acts.some((a) => a.type === 'stop')).toBe(true);
  });

  it('keeps a command that is no number away from the motor', () => {
    const wild = commanding(() => ({ curvature: Number.NaN, logTension: Number.POSITIVE_INFINITY }));
    for (const { truth } of runMachine(drawPlant(2002), { machine: 0, controller: wild, covers: 3 }))
      expect(truth.error.every(Number.isFinite)).toBe(true);
  });
});

describe('plants', () => {
  it('name a source or "assumed" for every constant', () => {
    for (const entry of [...Object.values(LINE_PRIORS), ...Object.values(LINE_CONSTANTS)])
      expect(entry.source.length).toBeGreaterThan(0);
  });
  it('have one safety part, and differ by seed', () => {
    const [a, b] = [drawPlant(1), drawPlant(2)];
    expect(a.parts.filter((p) => p.safety)).toHaveLength(1);
    expect(a.constants).not.toEqual(b.constants);
    expect(drawPlant(1)).toEqual(a);
  });
  it.each(OUTSIDE)('outside the priors: $name changes what it says and nothing else', ({ name }) => {
    const [inside, outside] = [drawPlant(3), drawPlant(3, name)];
    expect(outside.constants).toEqual(inside.constants);
    expect(outside.odd).not.toEqual(inside.odd);
    for (const { truth } of runMachine(outside, { machine: 0, controller: guideController(), covers: 2 }))
      expect(truth.error.every(Number.isFinite)).toBe(true);
  });
});
