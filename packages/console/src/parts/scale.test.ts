import { describe, expect, it } from 'vitest';
import { extent, scale, stretches, ticks, timeTicks, tracePath } from './scale.js';

describe('axes', () => {
  it('have round steps within their ends', () => {
    expect(ticks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(ticks(-3, 7, 5)).toEqual([-2, 0, 2, 4, 6]);
    expect(ticks(0, 0.012, 4)).toEqual([0, 0.005, 0.01]);
    expect(ticks(2, 2, 4)).toEqual([2]);
    // Powers of ten have no halves.
    expect(ticks(0, 7, 3, true)).toEqual([0, 5]);
    expect(ticks(0, 1.5, 4, true)).toEqual([0, 1]);
  });

  it('of times have places that a clock shows, in the time of the viewer', () => {
    const hour = 3_600_000;
    const low = Date.UTC(2026, 10, 24, 0, 7);
    const jakarta = { most: 8, offset: 7 * hour };
    const found = timeTicks(low, low + 21 * hour, jakarta).map((at) =>
      new Date(at + 7 * hour).toISOString().slice(11, 16),
    );
    expect(found).toEqual(['09:00', '12:00', '15:00', '18:00', '21:00', '00:00', '03:00']);
    expect(timeTicks(low, low + 30 * 24 * hour, jakarta).length).toBeLessThanOrEqual(8);
    expect(timeTicks(low, low, jakarta).length).toBeLessThanOrEqual(1);
  });

  it('place values, also where all are the same', () => {
    expect(scale(0, 10, 100, 0)(2.5)).toBe(75);
    expect(Number.isFinite(scale(3, 3, 0, 10)(3))).toBe(true);
    expect(extent([Number.NaN, 2, -1, Number.POSITIVE_INFINITY])).toEqual({ low: -1, high: 2 });
    expect(extent([Number.NaN])).toBeNull();
  });
});

describe('traces', () => {
  it('lose no spike, however many readings share a pixel', () => {
    const values = Array.from({ length: 10_000 }, (_, i) => (i === 5003 ? 99 : i === 7777 ? -50 : 0));
    const path = tracePath(values, 300, (v) => v);
    expect(path).toContain(' 99.0');
    expect(path).toContain(' -50.0');
    expect(path.length).toBeLessThan(12_000);
  });

  it('leave a gap where a reading is missing', () => {
    expect(tracePath([1, Number.NaN, 3], 100, (v) => v)).toBe('M0.0 1.0M100.0 3.0');
    expect(tracePath([], 100, (v) => v)).toBe('');
    expect(tracePath([4], 100, (v) => v)).toBe('M0.0 4.0');
  });

  it('mark stretches, also at both ends', () => {
    expect(stretches([3, 3, 0, -4, 0, 5], 3)).toEqual([
      [0, 1],
      [3, 3],
      [5, 5],
    ]);
    expect(stretches([], 3)).toEqual([]);
  });
});
