import { describe, expect, it } from 'vitest';
import { uniforms } from '../../test/seeded.js';
import vectors from '../../test/vectors/reader.json' with { type: 'json' };
import { binomialLimit, binomialUpper } from '../bounds/binomial.js';
import { correctForMisses, meaningOf, seededUpper } from './label-noise.js';

describe('label-noise floor', () => {
  it('S-29: the seeded bound equals the reference', () => {
    for (const { k, n, missed, seeded, delta, upper } of vectors.label_noise.cases) {
      const got = seededUpper({ bad: k, audited: n, missed, seeded, delta });
      expect(Math.abs(got.upper - upper)).toBeLessThanOrEqual(1e-9);
      expect(got.meaning).toBe('truth');
    }
  });

  it('S-29: below 60 seeds a bound speaks of agreement with operators', () => {
    expect(meaningOf(59)).toBe('agreement with operators');
    expect(meaningOf(60)).toBe('truth');
    const got = seededUpper({ bad: 1, audited: 500, missed: 0, seeded: 59, delta: 0.05 });
    expect(got).toEqual({ upper: binomialUpper(1, 500, 0.05), meaning: 'agreement with operators' });
  });

  it('S-29: readers who may miss everything prove nothing', () => {
    expect(correctForMisses(0.001, 1)).toBe(1);
    expect(correctForMisses(0.6, 0.5)).toBe(1);
  });

  it('S-29: with readers who miss a fifth the bound misses the truth in at most delta of the runs', () => {
    const uniform = uniforms(51);
    const runs = 1000;
    const count = (n: number, rate: number) => {
      let k = 0;
      for (let i = 0; i < n; i += 1) if (uniform() < rate) k += 1;
      return k;
    };
    let wrong = 0;
    for (let run = 0; run < runs; run += 1) {
      const bad = count(400, 0.02 * 0.8);
      if (seededUpper({ bad, audited: 400, missed: count(60, 0.2), seeded: 60, delta: 0.1 }).upper < 0.02)
        wrong += 1;
    }
    expect(wrong).toBeLessThanOrEqual(binomialLimit(runs, 0.1, 0.999));
  });
});
