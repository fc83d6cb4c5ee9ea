import { binomialLimit } from '@selvedge/core';
import { describe, expect, it } from 'vitest';
import { cyclesCsv } from './cycles-csv.js';
import { SEAM_CLASSES } from './manifest.js';
import { PRIORS, prior } from './priors.js';
import { generateSeams, type SeamCycle, STITCH } from './seam-cycles.js';
import { afterWrap, lockPoint, logBobbinTension, threadOfStitch } from './tension.js';

const seams = [...generateSeams({ seed: 11, seams: 3000 })];
const of = (label: string) => seams.filter((s) => s.label === label);
const channel = (s: SeamCycle, c: number) =>
  Array.from({ length: s.values.length / 3 }, (_, i) => s.values[3 * i + c]!);
const mean = (x: readonly number[]) => x.reduce((a, b) => a + b, 0) / x.length;

describe('the simulated seams', () => {
  it('are the same for the same seed and differ for another', () => {
    const [a] = generateSeams({ seed: 5, seams: 1 });
    const [b] = generateSeams({ seed: 5, seams: 1 });
    const [c] = generateSeams({ seed: 6, seams: 1 });
    expect(a).toEqual(b);
    expect(c!.values).not.toEqual(a!.values);
  });
  it('have every class, and bad ones within a binomial limit of the rate seen on another seed', () => {
    for (const { name } of SEAM_CLASSES) expect(of(name).length, name).toBeGreaterThan(0);
    const others = [...generateSeams({ seed: 12, seams: 3000 })];
    const rate = others.filter((s) => s.label !== 'good').length / others.length;
    // Lots and wandering tension cluster the bad ones: the limit is taken at a third of the units.
    expect(of('good').length).toBeGreaterThan(3000 - 3 * binomialLimit(1000, rate, 0.9999));
    expect(rate).toBeGreaterThan(0.02);
    expect(rate).toBeLessThan(0.1);
  });
  it('carry lots, hides and times that go forward', () => {
    expect(new Set(seams.map((s) => s.threadLotId)).size).toBe(50);
    expect(seams.every((s, i) => i === 0 || s.atMs > seams[i - 1]!.atMs)).toBe(true);
  });
  it('refuse impossible sizes with what to change', () => {
    expect(() => [...generateSeams({ seed: 1, seams: 0 })]).toThrow(/whole number from 1 up/);
    expect(() => [...generateSeams({ seed: 1, seams: 1, stitches: 5 })]).toThrow(/from 20 up/);
  });
});

describe('each defect shows as its mechanism says', () => {
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
  it('tight seams have more tension than loose ones', () => {
    const middle = (label: string) => mean(of(label).map((s) => mean(channel(s, 1))));
    expect(middle('tight')).toBeGreaterThan(middle('good'));
    expect(middle('good')).toBeGreaterThan(middle('loose'));
  });
  it('truth per stitch agrees with the label', () => {
    for (const s of of('good'))
      expect(s.stitchTruth.some((t) => t & (STITCH.skip | STITCH.broken | STITCH.backTackMissing))).toBe(
        false,
      );
  });
});

describe('the physics', () => {
  it('obeys the capstan equation', () => {
    expect(afterWrap(100, Math.PI, 0.2)).toBeCloseTo(100 * Math.exp(0.2 * Math.PI), 9);
  });
  it('pulls the lock point up with the needle tension and keeps it in the material', () => {
    expect(lockPoint(1, 1)).toBe(0.5);
    expect(lockPoint(1.2, 1)).toBeGreaterThan(0.5);
    expect(lockPoint(9, 1)).toBe(1);
  });
  it('gives a tighter bobbin thread when the bobbin runs out', () => {
    expect(logBobbinTension(0)).toBeGreaterThan(logBobbinTension(1));
  });
  it('needs the surface length and twice the depth: 4 mm over 2.6 mm locked in the middle takes 6.6 mm', () => {
    expect(threadOfStitch(4, 2.6, 0.5)).toBeCloseTo(6.6, 9);
  });
  it('uses up bobbins at the stated rate', () => {
    const stitches = seams.length * 100;
    const changes = seams.flatMap((s) => s.interventions).filter((i) => i.type === 'bobbin').length;
    expect(changes).toBe(Math.floor(stitches / prior('bobbinStitches')));
  });
  it('names unit and source of every prior', () => {
    for (const p of Object.values(PRIORS)) expect(p.unit.length * p.source.length).toBeGreaterThan(0);
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
  });
});
