import { describe, expect, it } from 'vitest';
import { differenceOf, meanOf, slopeOf, t975 } from './figures.js';

describe('figures of a run', () => {
  it('Student t as in the printed tables, within a hundredth', () => {
    // 97.5 % points: 3.182 (3), 2.571 (5), 2.228 (10), 2.042 (30), 1.980 (120).
    for (const [freedom, value] of [
      [3, 3.182],
      [5, 2.571],
      [10, 2.228],
      [30, 2.042],
      [120, 1.98],
    ] as const)
      expect(Math.abs(t975(freedom) / value - 1)).toBeLessThan(0.01);
  });

  it('a difference has an interval from two of each on, and none before', () => {
    expect(differenceOf([1], [2, 3])).toBe(null);
    const told = differenceOf([1, 2, 3, 4], [5, 6, 7, 8]);
    // Equal variances and sizes: Welch is Student with 6 degrees of freedom, 2.447 * sqrt(2 * 1.6667 / 4).
    expect(told?.difference).toBe(-4);
    expect(told?.interval[0]).toBeCloseTo(-4 - 2.447 * Math.sqrt(2.5 / 3), 1);
    expect(meanOf([])).toEqual({ n: 0, mean: null });
  });

  it('a slope is that of the line, with no width where every point lies on it', () => {
    const on = [0, 1, 2, 3, 4].map((x) => [x, 3 - 0.5 * x] as const);
    expect(slopeOf(on)).toEqual({ slope: -0.5, interval: [-0.5, -0.5] });
    expect(slopeOf(on.slice(0, 3))).toBe(null);
    expect(slopeOf(on.map(([, y]) => [1, y] as const))).toBe(null);
  });
});
