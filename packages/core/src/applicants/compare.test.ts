import { describe, expect, it } from 'vitest';
import { applicantScores, type DrawnUnit, drawUnits, truthAt } from '../../test/kit/applicants.js';
import { normals, uniforms } from '../../test/seeded.js';
import { binomialLimit } from '../bounds/binomial.js';
import { studentQuantile, studentTail } from '../bounds/student.js';
import { automaticCalls, certifySides } from './certify-sides.js';
import { compareShares } from './compare.js';

const STREAM = { defectRate: 0.05, separation: 3 };
const LIMITS = { escapeRate: 0.005, overkillRate: 0, contract: 'per-unit' as const };

/** Two applicants certified on the same units: is the true difference of their shares inside the interval? */
const covered = (units: readonly DrawnUnit[], [noiseA, noiseB]: readonly [number, number], seed: number) => {
  const bad = units.map((unit) => unit.bad);
  const one = (noise: number, own: number) => {
    const scores = applicantScores(units, noise, own);
    const sides = certifySides({ scores, bad, groups: null }, LIMITS, { accept: 0.0125, reject: 0 });
    const { accept } = sides;
    const share = accept === null ? 0 : truthAt(STREAM, noise, accept.threshold).share;
    return { calls: automaticCalls(scores, sides), share };
  };
  const a = one(noiseA, seed * 2);
  const b = one(noiseB, seed * 2 + 1);
  const found = compareShares({ a: a.calls, b: b.calls, groups: null });
  const truth = b.share - a.share;
  return { inside: found.interval[0] <= truth && truth <= found.interval[1], found };
};

describe('two applicants on the same units', () => {
  it.each<[string, readonly [number, number], number]>([
    ['alike', [0.5, 0.5], 1500],
    ['different', [1, 0.3], 1500],
    ['different, few units', [1, 0.3], 1000],
  ])('AP-3 the interval covers the true difference at the certified thresholds: %s', (_, noises, n) => {
    const runs = 250;
    let missed = 0;
    for (let run = 0; run < runs; run += 1)
      if (!covered(drawUnits(STREAM, n, 40_000 + run), noises, 100 + run).inside) missed += 1;
    // Not exact by proof: .05 was measured on 2,000 runs a cell (SPEC), and more than that by chance fails here.
    expect(missed).toBeLessThanOrEqual(binomialLimit(runs, 0.06, 0.999));
  });

  it('AP-3 units that come in groups: the interval by groups covers, that by units does not', () => {
    const runs = 400;
    let byGroup = 0;
    let byUnit = 0;
    for (let run = 0; run < runs; run += 1) {
      const normal = normals(run);
      const rng = uniforms(run + 1);
      const groups: string[] = [];
      const a: boolean[] = [];
      const b: boolean[] = [];
      for (let group = 0; group < 30; group += 1) {
        const shift = normal();
        for (let i = 0; i < 20; i += 1) {
          groups.push(`g${group}`);
          // Given the group both decide alike or not at all alike; the true difference is 0.
          a.push(rng() < 0.5);
          b.push(rng() < 1 / (1 + Math.exp(-2 * shift)));
        }
      }
      const [low, high] = compareShares({ a, b, groups }).interval;
      if (low > 0 || high < 0) byGroup += 1;
      const [unitLow, unitHigh] = compareShares({ a, b, groups: null }).interval;
      if (unitLow > 0 || unitHigh < 0) byUnit += 1;
    }
    expect(byGroup).toBeLessThanOrEqual(binomialLimit(runs, 0.06, 0.999));
    expect(byUnit).toBeGreaterThan(binomialLimit(runs, 0.2, 0.999));
  });

  it('AP-3 counts and shares are of the units; p is one-sided and turns round with the two', () => {
    const a = [true, true, false, false, true, false, false, false];
    const b = [true, false, true, true, true, true, false, true];
    const found = compareShares({ a, b, groups: null });
    expect(found).toMatchObject({
      n: 8,
      shareA: 3 / 8,
      shareB: 6 / 8,
      difference: 3 / 8,
      onlyA: 1,
      onlyB: 4,
    });
    const back = compareShares({ a: b, b: a, groups: null });
    expect(back.interval[0]).toBeCloseTo(-found.interval[1], 12);
    expect(back.p).toBeCloseTo(1 - found.p, 12);
    // Bonett and Price by hand: centre 3/10, error sqrt((.7 - .09) / 10).
    const reach = 1.959963984540054 * Math.sqrt(0.061);
    expect(found.interval[0]).toBeCloseTo(0.3 - reach, 9);
    expect(found.interval[1]).toBeCloseTo(0.3 + reach, 9);
  });

  it('AP-3 one group proves nothing, and no disagreement leaves an interval that is not empty', () => {
    const same = [true, false, true, true];
    const one = compareShares({ a: same, b: same.map(() => true), groups: ['g', 'g', 'g', 'g'] });
    expect(one.interval).toEqual([-1, 1]);
    const [low, high] = compareShares({ a: same, b: same, groups: ['g', 'g', 'h', 'i'] }).interval;
    expect(low).toBeLessThan(0);
    expect(high).toBeGreaterThan(0);
  });

  it('S-34 refuses nothing to compare, unequal lengths and an impossible confidence', () => {
    expect(() => compareShares({ a: [], b: [], groups: null })).toThrow(RangeError);
    expect(() => compareShares({ a: [true], b: [], groups: null })).toThrow(RangeError);
    expect(() => compareShares({ a: [true], b: [true], groups: [] })).toThrow(RangeError);
    expect(() => compareShares({ a: [true], b: [true], groups: null, confidence: 1 })).toThrow(RangeError);
  });
});

describe("Student's t", () => {
  // Tables: t(.975) of 1, 5, 30 degrees.
  it.each([
    [1, 12.706204736174694],
    [5, 2.5705818356363146],
    [30, 2.0422724563012373],
  ])('AP-3 the .975 quantile of %s degrees', (degrees, quantile) => {
    expect(studentQuantile(0.975, degrees)).toBeCloseTo(quantile, 8);
    expect(studentQuantile(0.025, degrees)).toBeCloseTo(-quantile, 8);
    expect(studentTail(quantile, degrees)).toBeCloseTo(0.025, 10);
    expect(studentTail(-quantile, degrees)).toBeCloseTo(0.975, 10);
  });
});
