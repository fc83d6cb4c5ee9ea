import { describe, expect, it } from 'vitest';
import { uniforms } from '../../test/seeded.js';
import { binomialLimit } from '../bounds/binomial.js';
import { agreement } from './agreement.js';

describe('agreement of two readers', () => {
  it('is kappa by hand', () => {
    // p = 50 / 200, chance of differing 2 * .25 * .75 = .375, seen .1: 1 - .1 / .375.
    const found = agreement({ bothBad: 20, differ: 10, bothGood: 70 });
    expect(found).toMatchObject({ pairs: 100, agreed: 90 });
    expect(found.kappa).toBeCloseTo(1 - 0.1 / 0.375, 12);
    const [low, high] = found.interval!;
    expect(low).toBeLessThan(found.kappa!);
    expect(high).toBeGreaterThan(found.kappa!);
  });

  it('is 1 where nobody differs, about 0 where the answers are unrelated, and unknown without a bad answer', () => {
    expect(agreement({ bothBad: 5, differ: 0, bothGood: 95 })).toMatchObject({ kappa: 1 });
    expect(agreement({ bothBad: 25, differ: 50, bothGood: 25 }).kappa).toBeCloseTo(0, 12);
    expect(agreement({ bothBad: 0, differ: 0, bothGood: 80 })).toMatchObject({ kappa: null, interval: null });
    expect(agreement({ bothBad: 0, differ: 0, bothGood: 0 })).toEqual({
      ...{ pairs: 0, agreed: 0, kappa: null, interval: null },
    });
    expect(() => agreement({ bothBad: -1, differ: 0, bothGood: 1 })).toThrow(RangeError);
  });

  it('covers the true kappa in about 95 of 100 plants, with 80 pairs of which one in five is bad', () => {
    const [p, kappa] = [0.2, 0.6];
    const runs = 2000;
    let outside = 0;
    const uniform = uniforms(4242);
    for (let run = 0; run < runs; run += 1) {
      const cells = [0, 0, 0];
      for (let i = 0; i < 80; i += 1) {
        const u = uniform();
        const bad = p * p + p * (1 - p) * kappa;
        const differ = 2 * p * (1 - p) * (1 - kappa);
        const cell = u < bad ? 0 : u < bad + differ ? 1 : 2;
        cells[cell] = cells[cell]! + 1;
      }
      const { interval } = agreement({ bothBad: cells[0]!, differ: cells[1]!, bothGood: cells[2]! });
      if (interval !== null && (kappa < interval[0] || kappa > interval[1])) outside += 1;
    }
    // The interval holds for large numbers of pairs: 80 are held to one point more than its 5 %.
    expect(outside).toBeLessThanOrEqual(binomialLimit(runs, 0.06, 0.999));
    expect(outside).toBeGreaterThan(0.02 * runs);
  });
});
