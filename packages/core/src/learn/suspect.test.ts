import { describe, expect, it } from 'vitest';
import { normals, uniforms } from '../../test/seeded.js';
import { binomialLimit } from '../bounds/binomial.js';
import { suspects } from './suspect.js';

/** Right probabilities of a two-normal mixture; `wrong` = share of labels turned round afterwards. */
const labelled = (seed: number, n: number, wrong: number) => {
  const uniform = uniforms(seed);
  const normal = normals(seed + 1);
  const probability: number[] = [];
  const bad: boolean[] = [];
  const turned: boolean[] = [];
  for (let i = 0; i < n; i += 1) {
    const truth = uniform() < 0.2;
    const x = normal() + (truth ? 3 : 0);
    const odds = (0.2 / 0.8) * Math.exp(3 * x - 4.5);
    probability.push(odds / (1 + odds));
    turned.push(uniform() < wrong);
    bad.push(turned[i] ? !truth : truth);
  }
  return { probability, bad, turned };
};

describe('suspected labels', () => {
  it('LN-7 by hand: what the other class is as sure of as it is of its own is suspect, the surest first', () => {
    const probability = [0.9, 0.8, 0.05, 0.1, 0.95, 0.2, 0.45, 0.02];
    const bad = [true, true, false, false, false, true, false, true];
    const { suspects: found } = suspects({ probability, bad });
    expect(found).toEqual([
      { index: 7, given: 'bad', probability: 0.02 },
      { index: 4, given: 'good', probability: expect.closeTo(0.05, 12) },
      { index: 5, given: 'bad', probability: 0.2 },
    ]);
  });

  it('LN-7 wrong labels are found: among the suspects most, and most of them', () => {
    const { probability, bad, turned } = labelled(1, 4000, 0.02);
    const { suspects: found, expectedByChance } = suspects({ probability, bad });
    const hits = found.filter(({ index }) => turned[index]).length;
    expect(hits / turned.filter(Boolean).length).toBeGreaterThan(0.7);
    expect(hits / found.length).toBeGreaterThan(0.5);
    // What is above chance is about what was turned round: four standard deviations of a count of that mean.
    expect(Math.abs(found.length - expectedByChance - hits)).toBeLessThan(4 * Math.sqrt(expectedByChance));
    const top = found.slice(0, 20).filter(({ index }) => turned[index]).length;
    expect(top).toBeGreaterThanOrEqual(18);
  });

  it('LN-7 with right labels the list is as long as chance says: 200 sets', () => {
    let found = 0;
    let expected = 0;
    for (let run = 0; run < 200; run += 1) {
      const one = suspects(labelled(100 + run, 500, 0));
      found += one.suspects.length;
      expected += one.expectedByChance;
    }
    // Counts of independent units; a Poisson count of this mean stays within these limits at .999.
    const n = 200 * 500;
    expect(found).toBeLessThanOrEqual(binomialLimit(n, expected / n, 0.9995));
    expect(n - found).toBeLessThanOrEqual(binomialLimit(n, 1 - expected / n, 0.9995));
  });

  it('LN-7 with one class alone nothing speaks for the other', () => {
    expect(suspects({ probability: [0.9, 0.1], bad: [false, false] })).toEqual({
      suspects: [],
      expectedByChance: 0,
    });
    expect(suspects({ probability: [0.9, 0.1], bad: [true, true] }).suspects).toEqual([]);
    expect(suspects({ probability: [], bad: [] }).suspects).toEqual([]);
  });

  it('S-34 refuses unequal lengths and what is no probability', () => {
    expect(() => suspects({ probability: [0.5], bad: [] })).toThrow(RangeError);
    expect(() => suspects({ probability: [1.5], bad: [true] })).toThrow(RangeError);
    expect(() => suspects({ probability: [Number.NaN], bad: [true] })).toThrow(RangeError);
  });
});
