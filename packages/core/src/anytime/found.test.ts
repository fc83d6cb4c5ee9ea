import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { uniforms } from '../../test/seeded.js';
import { binomialLimit } from '../bounds/binomial.js';
import { foundStatistic } from './found.js';

describe('S-38 bad units that are found afterwards', () => {
  it('is the mean over c of the sum over starts of their likelihood ratios', () => {
    const rate = 0.1;
    const bad = new Set([3, 17, 18]);
    let expected = 0;
    for (const c of [2, 4, 8, 16])
      for (const start of [0, 10, 20]) {
        const theta = Math.min(c * rate, 0.9);
        let ratio = 1;
        for (let unit = start + 1; unit <= 25; unit += 1)
          ratio *= bad.has(unit) ? theta / rate : (1 - theta) / (1 - rate);
        expected += ratio / 4;
      }
    expect(foundStatistic({ positions: [18, 3, 17], units: 25, rate })).toBeCloseTo(expected, 9);
  });

  it('rises with every finding, the more the later its unit, and never with a unit that nobody found', () => {
    const place = fc.integer({ min: 1, max: 400 });
    fc.assert(
      fc.property(fc.uniqueArray(place, { maxLength: 8 }), place, (positions, one) => {
        const at = (list: readonly number[], units = 400) =>
          foundStatistic({ positions: list, units, rate: 0.02 });
        const others = positions.filter((position) => position !== one);
        expect(at([...others, one])).toBeGreaterThan(at(others));
        const later = Math.min(400, one + 60);
        if (!others.includes(later))
          expect(at([...others, later])).toBeGreaterThanOrEqual(at([...others, one]));
        expect(at(others, 449)).toBeLessThan(at(others, 400));
      }),
      { seed: 51, numRuns: 200 },
    );
  });

  it('stays finite, looks no further back than its starts, and refuses what is no rate', () => {
    const all = Array.from({ length: 2000 }, (_, i) => i + 1);
    expect(foundStatistic({ positions: all, units: 2000, rate: 0.01 })).toBe(1e300);
    const late = foundStatistic({ positions: [1], units: 100_000, rate: 0.01 });
    expect(late).toBe(foundStatistic({ positions: [], units: 100_000, rate: 0.01 }));
    expect(() => foundStatistic({ positions: [], units: 1, rate: 0.9 })).toThrow(RangeError);
  });

  it('reaches h within T starts in at most T / h of 300 lines at the budget, found at once, late or in part', () => {
    const rate = 0.02;
    const units = 2000;
    const starts = units * rate + 1;
    const threshold = 10 * starts;
    for (const [share, delay] of [
      [1, 0],
      [1, 300],
      [0.3, 50],
    ] as const) {
      let wrong = 0;
      for (let run = 0; run < 300; run += 1) {
        const uniform = uniforms(80_000 + run);
        const due = Array.from({ length: units }, (_, i) => i + 1)
          .filter(() => uniform() < rate && uniform() < share)
          .map((position) => ({ position, at: position + Math.floor(2 * delay * uniform()) }))
          .sort((a, b) => a.at - b.at);
        const hit = due.some(({ at }, i) => {
          const positions = due.slice(0, i + 1).map((one) => one.position);
          return foundStatistic({ positions, units: at, rate }) >= threshold;
        });
        if (hit) wrong += 1;
      }
      expect(wrong).toBeLessThanOrEqual(binomialLimit(300, 1 / 10, 0.999));
    }
  });

  it('finds five times the budget within a few hundred units where all of it is found', () => {
    const rate = 0.005;
    const delays: number[] = [];
    for (let run = 0; run < 40; run += 1) {
      const uniform = uniforms(90_000 + run);
      const positions: number[] = [];
      let unit = 0;
      for (; unit < 20_000; unit += 1) {
        const risk = unit < 10_000 ? 0.1 * rate : 5 * rate;
        if (uniform() >= risk) continue;
        positions.push(unit + 1);
        if (foundStatistic({ positions, units: unit + 1, rate }) >= 20_000) break;
      }
      delays.push(unit - 10_000);
    }
    delays.sort((a, b) => a - b);
    expect(delays[0]).toBeGreaterThan(0);
    expect(delays[20]).toBeLessThan(900);
  });
});
