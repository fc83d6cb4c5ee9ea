import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normals, uniforms } from '../../test/seeded.js';
import { binomialLimit, labelsNeeded } from '../bounds/binomial.js';
import { certifyPerUnitByGroup, certifyRejectByGroup, curveByGroup } from './by-group.js';
import { certifyPerUnit } from './certificate.js';
import { oneUnitPerGroup } from './clusters.js';

/** Groups of `size` units; in one of four a unit is bad with .2, and its scores share an offset: P(bad and s <= t) = .05 Phi(t - 2.5). */
const clusteredLine = (seed: number, count: number, size: number) => {
  const uniform = uniforms(seed);
  const normal = normals(seed + 1e6);
  const scores: number[] = [];
  const bad: boolean[] = [];
  const groups: number[] = [];
  for (let g = 0; g < count; g += 1) {
    const faulty = uniform() < 0.25;
    const offset = normal();
    for (let i = 0; i < size; i += 1) {
      const isBad = faulty && uniform() < 0.2;
      bad.push(isBad);
      groups.push(g);
      scores.push(isBad ? 2.5 + 0.8 * offset + 0.6 * normal() : normal());
    }
  }
  return { scores, bad, groups };
};

/** Standard normal distribution function by its series. */
const phi = (x: number): number => {
  let term = x;
  let sum = x;
  for (let k = 1; k < 200; k += 1) {
    term *= (x * x) / (2 * k + 1);
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
};
const truth = (threshold: number): number =>
  threshold < -5 ? 0 : threshold > 8 ? 0.05 : 0.05 * phi(Math.max(-5, threshold - 2.5));

describe('a certificate by groups', () => {
  it('S-36: keeps its promise where units of a group fail together and the independent one breaks it', () => {
    const runs = 200;
    const [alpha, delta] = [0.01, 0.025];
    let wrong = 0;
    let naive = 0;
    let opened = 0;
    for (let run = 0; run < runs; run += 1) {
      const line = clusteredLine(run, 400, 14);
      const made = certifyPerUnitByGroup({ ...line, alpha, delta });
      if (made.threshold !== null) opened += 1;
      if (made.threshold !== null && truth(made.threshold) > alpha) wrong += 1;
      const assumed = certifyPerUnit({ ...line, alpha, delta });
      if (assumed.threshold !== null && truth(assumed.threshold) > alpha) naive += 1;
    }
    expect(opened).toBe(runs);
    expect(wrong).toBeLessThanOrEqual(binomialLimit(runs, delta, 0.999));
    expect(naive).toBeGreaterThan(binomialLimit(runs, delta, 0.999));
  });

  it('S-36: proves more than one unit of each group where groups are many', () => {
    const [alpha, delta] = [0.01, 0.025];
    let whole = 0;
    let drawn = 0;
    for (let run = 0; run < 20; run += 1) {
      const line = clusteredLine(40 + run, 1000, 14);
      const share = (threshold: number | null) =>
        line.scores.filter((s) => threshold !== null && s <= threshold).length / line.scores.length;
      const kept = oneUnitPerGroup(line.groups, uniforms(run));
      whole += share(certifyPerUnitByGroup({ ...line, alpha, delta }).threshold);
      drawn += share(
        certifyPerUnit({
          scores: kept.map((i) => line.scores[i]!),
          bad: kept.map((i) => line.bad[i]!),
          alpha,
          delta,
        }).threshold,
      );
    }
    expect(whole).toBeGreaterThan(drawn);
  });

  it('S-36: groups of one without a loss need as many units as the exact binomial test', () => {
    const [alpha, delta] = [0.02, 0.05];
    const needed = labelsNeeded(0, alpha, delta);
    const set = (n: number) => ({
      scores: Array.from({ length: n }, (_, i) => i),
      bad: new Array<boolean>(n).fill(false),
      groups: Array.from({ length: n }, (_, i) => i),
    });
    expect(certifyPerUnitByGroup({ ...set(needed - 1), alpha, delta }).threshold).toBeNull();
    const made = certifyPerUnitByGroup({ ...set(needed), alpha, delta });
    expect(made).toMatchObject({ threshold: needed - 1, n: needed, k: 0, test: 'betting-by-group-per-unit' });
    // 1 - delta^(1/n): the exact upper bound at no loss.
    expect(made.upper).toBeCloseTo(1 - delta ** (1 / needed), 5);
  });

  it('S-36: a loss more or a group fewer never proves more; the bound lies between the rate and the budget', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 6 }), (seed, size) => {
        const line = clusteredLine(seed, 300, size);
        const [alpha, delta] = [0.03, 0.05];
        const made = certifyPerUnitByGroup({ ...line, alpha, delta });
        const limit = made.threshold ?? Number.NEGATIVE_INFINITY;
        const extra = line.bad.indexOf(false);
        const worse = certifyPerUnitByGroup({
          ...line,
          bad: line.bad.map((b, i) => b || i === extra),
          alpha,
          delta,
        });
        expect(worse.threshold ?? Number.NEGATIVE_INFINITY).toBeLessThanOrEqual(limit);
        if (made.threshold === null) return;
        expect(made.upper).toBeLessThanOrEqual(alpha);
        expect(made.upper).toBeGreaterThan(made.k / made.n);
        expect(line.scores.filter((s, i) => line.bad[i] && s <= limit)).toHaveLength(made.k);
      }),
      { seed: 5, numRuns: 40 },
    );
  });

  it('S-36: a group lost as a whole ruins the bold bet only', () => {
    const size = 10;
    const count = 600;
    const groups = Array.from({ length: size * count }, (_, i) => Math.floor(i / size));
    const bad = groups.map((g) => g === 0);
    // The lost group scores lowest: nothing can be certified without it.
    const scores = groups.map((g, i) => (g === 0 ? -1 : i));
    const made = certifyPerUnitByGroup({ scores, bad, groups, alpha: 0.03, delta: 0.05 });
    expect(made).toMatchObject({ k: size, n: size * count });
    const few = certifyPerUnitByGroup({
      scores: scores.slice(0, 1100),
      bad: bad.slice(0, 1100),
      groups: groups.slice(0, 1100),
      alpha: 0.03,
      delta: 0.05,
    });
    expect(few.threshold).toBeNull();
  });

  it('S-36: the mirror image rejects', () => {
    const line = clusteredLine(77, 900, 3);
    const made = certifyRejectByGroup({ ...line, beta: 0.02, delta: 0.05 });
    expect(made.test).toBe('betting-by-group-overkill-per-unit');
    const wrong = line.scores.filter((s, i) => !line.bad[i] && s >= made.threshold!).length;
    expect(wrong).toBe(made.k);
    expect(made.upper).toBeLessThanOrEqual(0.02);
    expect(certifyRejectByGroup({ ...line, beta: 0.0001, delta: 0.05 }).threshold).toBeNull();
  });

  it('S-36: the curve of bounds rises with the share and meets the certificate', () => {
    const line = clusteredLine(78, 900, 5);
    const [alpha, delta] = [0.01, 0.05];
    const points = curveByGroup({ ...line, alpha, delta });
    expect(points).toHaveLength(100);
    for (let i = 1; i < points.length; i += 1) {
      expect(points[i]!.upper).toBeGreaterThanOrEqual(points[i - 1]!.upper);
      expect(points[i]!.share).toBeGreaterThan(points[i - 1]!.share);
    }
    const made = certifyPerUnitByGroup({ ...line, alpha, delta });
    const share = line.scores.filter((s) => s <= made.threshold!).length / line.scores.length;
    for (const point of points) expect(point.upper <= alpha).toBe(point.share <= share + 1e-12);
    const lost = { scores: [1, 2], bad: [true, true], groups: ['a', 'b'] };
    expect(curveByGroup({ ...lost, alpha, delta }).at(-1)!.upper).toBe(1);
  });

  it('S-34: refuses impossible input', () => {
    const line = clusteredLine(1, 20, 2);
    expect(() => certifyPerUnitByGroup({ ...line, groups: [1], alpha: 0.1, delta: 0.05 })).toThrow(
      RangeError,
    );
    expect(() => certifyPerUnitByGroup({ ...line, alpha: 1.5, delta: 0.05 })).toThrow(RangeError);
    expect(
      certifyPerUnitByGroup({ scores: [], bad: [], groups: [], alpha: 0.1, delta: 0.05 }).threshold,
    ).toBeNull();
  });
});
