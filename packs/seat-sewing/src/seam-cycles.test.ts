import { binomialLimit } from '@selvedge/core';
import { describe, expect, it } from 'vitest';
import { cyclesCsv } from './cycles-csv.js';
import { MANIFEST, SEAM_CLASSES } from './manifest.js';
import { prior } from './priors.js';
import { generateSeams, type SeamCycle } from './seam-cycles.js';
import { MIN_STITCHES, STITCH } from './truth.js';

const SEAMS = 6000;
const seams = [...generateSeams({ seed: 11, seams: SEAMS })];
const of = (label: string) => seams.filter((s) => s.label === label);
const channel = (s: SeamCycle, c: number) =>
  Array.from({ length: s.values.length / 3 }, (_, i) => s.values[3 * i + c]!);
const mean = (x: readonly number[]) => x.reduce((a, b) => a + b, 0) / x.length;
const acts = (type: string) => seams.flatMap((s) => s.interventions).filter((i) => i.type === type);

/** Exact two-sided binomial limits of a count whose rate is declared. */
function expectRate(count: number, n: number, rate: number): void {
  expect(count).toBeLessThanOrEqual(binomialLimit(n, rate, 0.999));
  expect(n - count).toBeLessThanOrEqual(binomialLimit(n, 1 - rate, 0.999));
}

describe('the simulated seams', () => {
  it('are the same for the same seed and differ for another', () => {
    const [a] = generateSeams({ seed: 5, seams: 1 });
    const [b] = generateSeams({ seed: 5, seams: 1 });
    const [c] = generateSeams({ seed: 6, seams: 1 });
    expect(a).toEqual(b);
    expect(c!.values).not.toEqual(a!.values);
  });
  it('have every class', () => {
    for (const { name } of SEAM_CLASSES) expect(of(name).length, name).toBeGreaterThan(0);
  });
  it('miss a back-tack at the declared rate', () => {
    const missed = seams.filter((s) => s.stitchTruth.some((t) => t & STITCH.backTackMissing)).length;
    expectRate(missed, SEAMS, prior('missingBackTackRate'));
  });
  it('skip at cross seams far more often than elsewhere', () => {
    // Away from cross seams a balanced seam skips at the bare hazard or above.
    const skips = seams.reduce(
      (n, s) => n + s.stitchTruth.reduce((m, t) => m + (t & STITCH.skip ? 1 : 0), 0),
      0,
    );
    const away = SEAMS * 100 * prior('skipHazard');
    const crossing = away * prior('crossSeamRate') * prior('crossSeamStitches') * prior('skipAtCrossSeam');
    expect(skips).toBeGreaterThan(1.2 * away);
    expect(skips).toBeGreaterThan(crossing);
  });
  it('come with hides, thread lots and times as sewn', () => {
    expect(new Set(seams.map((s) => s.hideId)).size).toBe(Math.ceil(SEAMS / prior('seamsPerHide')));
    // Some 6.6 mm of thread a stitch from spools of the declared length.
    const spools = (SEAMS * 100 * 6.6) / (1000 * prior('spoolLength'));
    expect(Math.abs(new Set(seams.map((s) => s.threadLotId)).size - spools)).toBeLessThanOrEqual(2);
    const cycle = prior('handling') + 100 / prior('stitchRate');
    for (let i = 1; i < seams.length; i++) {
      const spent = seams[i - 1]!.interventions.reduce((sum, a) => sum + a.seconds, 0);
      expect((seams[i]!.atMs - seams[i - 1]!.atMs) / 1000).toBeCloseTo(cycle + spent, 2);
    }
  });
  it('refuse impossible sizes with what to change', () => {
    expect(() => [...generateSeams({ seed: 1, seams: 0 })]).toThrow(/whole number from 1 up/);
    expect(() => [...generateSeams({ seed: 1, seams: 1, stitches: 5 })]).toThrow(/from 20 up/);
  });
});

describe('each defect shows as its mechanism says', () => {
  const good = seams.filter((s) => s.label === 'good');

  it('a skipped stitch takes less than its neighbours', () => {
    for (const s of of('skip').slice(0, 10)) {
      const at = s.stitchTruth.findIndex((t) => (t & STITCH.skip) !== 0);
      const taken = channel(s, 0);
      expect(taken[at]!).toBeLessThan(0.75 * mean(taken.slice(20, 80)));
    }
  });
  it('after a break the tension is nearly gone', () => {
    for (const s of of('broken').slice(0, 10)) {
      const after = channel(s, 1).filter((_, i) => s.stitchTruth[i]! & STITCH.broken);
      expect(mean(after)).toBeLessThan(40);
    }
  });
  it('a loose seam takes more thread and a tight one less, for the lock point moves', () => {
    const taken = (list: readonly SeamCycle[]) => mean(list.map((s) => mean(channel(s, 0))));
    expect(taken(of('loose'))).toBeGreaterThan(taken(good) + 0.2);
    expect(taken(of('tight'))).toBeLessThan(taken(good) - 0.2);
  });
  it('the sensed tension alone does not part loose or tight from good: the bobbin is not measured', () => {
    const tension = (s: SeamCycle) => mean(channel(s, 1));
    for (const [label, sign] of [
      ['loose', -1],
      ['tight', 1],
    ] as const) {
      const bad = of(label).map((s) => sign * tension(s));
      const sound = good.map((s) => sign * tension(s)).sort((a, b) => a - b);
      const above = sound[Math.floor(0.99 * sound.length)]!;
      expect(bad.filter((x) => x < above).length, label).toBeGreaterThan(0.1 * bad.length);
    }
  });
  it('a missing back-tack has long stitches where short ones belong', () => {
    const tack = prior('backTackStitches');
    const ends = (s: SeamCycle) => {
      const taken = channel(s, 0);
      return Math.max(mean(taken.slice(0, tack)), mean(taken.slice(-tack)));
    };
    expect(mean(of('missing-back-tack').map(ends))).toBeGreaterThan(mean(good.map(ends)) + 1);
  });
  it('off the line the foot presses fewer plies: less torque away from the cross seams', () => {
    const torque = (off: boolean) =>
      of('off-line').flatMap((s) =>
        // Between the back-tacks; a cross seam lies above 68 N cm whether on the line or off it.
        channel(s, 2).filter(
          (t, i) => i >= 5 && i < 95 && t < 68 && Boolean(s.stitchTruth[i]! & STITCH.offLine) === off,
        ),
      );
    expect(mean(torque(true))).toBeLessThan(mean(torque(false)) - 3);
  });
  it('truth per stitch agrees with the label of every seam', () => {
    const count = (s: SeamCycle, bit: number) => s.stitchTruth.reduce((n, t) => n + (t & bit ? 1 : 0), 0);
    for (const s of seams) {
      const grave = count(s, STITCH.broken | STITCH.skip | STITCH.backTackMissing) > 0;
      const line = count(s, STITCH.offLine) >= MIN_STITCHES.line;
      const lock = Math.max(count(s, STITCH.loose), count(s, STITCH.tight)) >= MIN_STITCHES.lock;
      expect(s.label !== 'good').toBe(grave || line || lock);
    }
  });
});

describe('the person', () => {
  it('threads again after each break, changes an empty bobbin, turns the knob and sews bad seams anew', () => {
    expect(acts('rethread').length).toBeGreaterThanOrEqual(of('broken').length);
    expect(acts('bobbin').length).toBeGreaterThan(0);
    expect(acts('tension').length).toBeGreaterThan(0);
    expect(acts('re-sew').length).toBe(seams.filter((s) => s.label !== 'good').length);
    for (const a of seams.flatMap((s) => s.interventions)) expect(a.seconds).toBeGreaterThan(0);
  });
  it('realigns where the line runs away', () => {
    const many = [...generateSeams({ seed: 103, seams: 6000 })];
    const realigned = many.filter((s) => s.interventions.some((a) => a.type === 'realign'));
    expect(realigned.length).toBeGreaterThan(0);
  });
});

describe('a drift', () => {
  it('starts where it is asked to', () => {
    const moved = [...generateSeams({ seed: 11, seams: 400, shift: { fromSeam: 200, logTension: 0.5 } })];
    expect(moved[100]!.values).toEqual(seams[100]!.values);
    // The next seams, before the person at the machine has turned the knob.
    const tension = (list: readonly SeamCycle[]) =>
      mean(list.slice(200, 203).map((s) => mean(channel(s, 1))));
    expect(tension(moved)).toBeGreaterThan(1.1 * tension(seams));
  });
});

describe('the table', () => {
  it('has one row a seam in the layout of replay', () => {
    const lines = [...cyclesCsv(generateSeams({ seed: 1, seams: 3 }))].join('').trimEnd().split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[0]!.startsWith('id,label,time,group,stitch_001,')).toBe(true);
    expect(lines[1]!.split(',')).toHaveLength(104);
    expect(lines[1]).toContain('hide-00001');
  });
  it('carries the channel and the group that were asked for', () => {
    const [seam] = generateSeams({ seed: 1, seams: 1 });
    const [, line] = [...cyclesCsv([seam!], { channel: 1, group: 'thread-lot' })];
    expect(line).toContain(seam!.threadLotId);
    expect(Number(line!.split(',')[4])).toBeCloseTo(seam!.values[1]!, 3);
    expect(MANIFEST.channels[1].unit).toBe('cN');
  });
});
