import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normals, uniforms } from '../../test/seeded.js';
import vectors from '../../test/vectors/reduction.json' with { type: 'json' };
import { binomialLimit } from '../bounds/binomial.js';
import { type BlockPair, proveReduction, reductionEvidence, signLogE, symmetricLogE } from './switchback.js';

const near = (actual: number, expected: number, tolerance = 1e-9): void => {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(tolerance);
};

/** Pairs of blocks with a true reduction, blocks that share a level per pair and a coin that orders them. */
const trial = (seed: number, pairs: number, reduction: number): BlockPair[] => {
  const normal = normals(seed);
  const coin = uniforms(seed + 1_000_000);
  return Array.from({ length: pairs }, () => {
    const first = 0.3 + 0.06 * normal();
    const second = 0.3 + 0.06 * normal();
    const [off, on] = coin() < 0.5 ? [first, second] : [second, first];
    return { off, on: (1 - reduction) * on };
  });
};

describe('switchback', () => {
  it('S-30: both e-processes equal the reference', () => {
    const { Z, log_sign_e, 'log_sym_e_rho_0.003': logSymmetric } = vectors.switchback;
    let positive = 0;
    let sum = 0;
    let squares = 0;
    Z.forEach((z, i) => {
      if (z > 0) positive += 1;
      sum += z;
      squares += z * z;
      near(signLogE(positive, i + 1), log_sign_e[i]!);
      near(symmetricLogE(sum, squares, 0.003), logSymmetric[i]!);
    });
  });

  it('S-30: a fair coin is a fair bet: the mean of the sign evidence does not grow', () => {
    fc.assert(
      fc.property(fc.nat(60), fc.nat(60), (positive, negative) => {
        const n = positive + negative;
        const now = signLogE(positive, n);
        near(
          (Math.exp(signLogE(positive + 1, n + 1) - now) + Math.exp(signLogE(positive, n + 1) - now)) / 2,
          1,
          1e-9,
        );
      }),
      { seed: 1 },
    );
    near(signLogE(0, 0), 0, 1e-12);
  });

  it('S-30: a clear loss stays finite evidence against nothing', () => {
    expect(symmetricLogE(-40, 0.1, 0.003)).toBeLessThan(0);
    expect(symmetricLogE(-0.01, 0.1, 0.003)).toBeLessThan(0);
    expect(symmetricLogE(0, 0, 0.003)).toBeCloseTo(0, 12);
  });

  it('S-31: pairs without a difference carry no sign', () => {
    const evidence = reductionEvidence(
      [
        { off: 0.2, on: 0.2 },
        { off: 0.3, on: 0.2 },
      ],
      0,
    );
    expect(evidence.signs).toBe(1);
    near(evidence.logSign, signLogE(1, 1), 1e-12);
  });

  it('S-31: a true reduction of 25 per cent is proved: any early, its size later', () => {
    expect(proveReduction([], { delta: 0.05 })).toEqual({ pairs: 0, any: false, lower: -1 });
    const proof = proveReduction(trial(3, 120, 0.25), { delta: 0.05 });
    expect(proof.any).toBe(true);
    expect(proof.pairs).toBe(120);
    expect(proof.lower).toBeGreaterThan(0.1);
    expect(proof.lower).toBeLessThan(0.25);
  });

  it('S-31: a bound of certainty is reached where nothing is left to touch', () => {
    const pairs = Array.from({ length: 400 }, () => ({ off: 0.5, on: -0.5 }));
    expect(proveReduction(pairs, { delta: 0.05, step: 0.25 }).lower).toBe(1);
  });

  it('S-31: looked at after every pair, both statements are wrong in at most delta of the trials', () => {
    const runs = 60;
    let wrong = 0;
    for (let run = 0; run < runs; run += 1) {
      const pairs = trial(run, 40, 0);
      const ever = pairs.some((_, i) => {
        const { any, lower } = proveReduction(pairs.slice(0, i + 1), { delta: 0.1, step: 0.05 });
        return any || lower >= 0;
      });
      if (ever) wrong += 1;
    }
    expect(wrong).toBeLessThanOrEqual(binomialLimit(runs, 0.1, 0.999));
  });

  it('S-34: an impossible delta or count is refused', () => {
    expect(() => proveReduction([], { delta: 0 })).toThrow(RangeError);
    expect(() => signLogE(2, 1)).toThrow(RangeError);
  });
});
