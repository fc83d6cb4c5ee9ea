import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { uniforms } from '../../test/seeded.js';
import vectors from '../../test/vectors/bounds.json' with { type: 'json' };
import { incompleteBeta, logIncompleteBeta } from './beta.js';
import { binomialLimit, binomialLower, binomialTail, binomialUpper, labelsNeeded } from './binomial.js';
import { benjaminiHochberg, bonferroni, fixedSequence, holm } from './family.js';
import { logGamma } from './gamma.js';
import { hoeffdingBentkus } from './hoeffding-bentkus.js';
import { logNormalCdf } from './incomplete-gamma.js';
import { normalQuantile } from './normal.js';
import { predictionPoweredMean } from './ppi.js';
import { wsrUpper } from './wsr.js';

const TOLERANCE = 1e-9;
const near = (actual: number, expected: number, tolerance = TOLERANCE): void => {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(tolerance);
};

const share = fc.double({ min: 0.001, max: 0.999, noNaN: true });
const counts = fc.tuple(fc.nat(400), fc.nat(400)).map(([a, b]) => ({ k: Math.min(a, b), n: Math.max(a, b) }));

/** The tail summed term by term, in logs: a second way to the same number. */
const tailBySum = (k: number, n: number, alpha: number): number => {
  let sum = 0;
  for (let i = 0; i <= k; i += 1) {
    const choose = logGamma(n + 1) - logGamma(i + 1) - logGamma(n - i + 1);
    sum += Math.exp(choose + i * Math.log(alpha) + (n - i) * Math.log1p(-alpha));
  }
  return sum;
};

describe('special functions', () => {
  it('S-1: the incomplete beta function has its symmetry, edges and logarithm', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.5, max: 500, noNaN: true }),
        fc.double({ min: 0.5, max: 500, noNaN: true }),
        share,
        (a, b, x) => {
          near(incompleteBeta(x, a, b) + incompleteBeta(1 - x, b, a), 1, 1e-10);
          near(Math.exp(logIncompleteBeta(x, a, b)), incompleteBeta(x, a, b), 1e-12);
        },
      ),
      { seed: 1 },
    );
    expect(incompleteBeta(0, 2, 3)).toBe(0);
    expect(incompleteBeta(1, 2, 3)).toBe(1);
  });

  it('S-1: ln Gamma meets factorials and the reflection of small arguments', () => {
    let log = 0;
    for (let n = 1; n < 60; n += 1) {
      near(logGamma(n + 1), log + Math.log(n), 1e-12 * (1 + log));
      log += Math.log(n);
    }
    near(logGamma(0.25), 1.2880225246980774, 1e-13);
  });

  it('S-1: the normal distribution inverts and keeps its far tail', () => {
    fc.assert(
      fc.property(share, (p) => near(Math.exp(logNormalCdf(normalQuantile(p))), p, 1e-11)),
      { seed: 2 },
    );
    near(normalQuantile(0.975), 1.959963984540054, 1e-11);
    near(logNormalCdf(-40), -804.6084420137538, 1e-9);
    expect(logNormalCdf(0)).toBe(-Math.LN2);
  });
});

describe('exact binomial bounds', () => {
  it('S-1: the tail equals the reference', () => {
    for (const { k, n, alpha, p } of vectors.binomial_p.cases) near(binomialTail(k, n, alpha), p);
  });

  it('S-1: the tail equals a sum of its terms', () => {
    fc.assert(
      fc.property(counts, share, ({ k, n }, alpha) =>
        near(binomialTail(k, n, alpha), tailBySum(k, n, alpha), 1e-9),
      ),
      { seed: 3 },
    );
  });

  it('S-2: both one-sided bounds equal the reference', () => {
    for (const { k, n, delta, upper, lower } of vectors.clopper_pearson.cases) {
      near(binomialUpper(k, n, delta), upper);
      near(binomialLower(k, n, delta), lower);
    }
  });

  it('S-2: a bound is where the tail meets delta, and grows with k', () => {
    fc.assert(
      fc.property(counts, share, ({ k, n }, delta) => {
        const upper = binomialUpper(k, n, delta);
        if (k === n) {
          expect(upper).toBe(1);
          return;
        }
        near(binomialTail(k, n, upper), delta, 1e-8);
        expect(binomialUpper(k + 1, n, delta)).toBeGreaterThan(upper);
        if (delta < 0.5) expect(binomialLower(k, n, delta)).toBeLessThanOrEqual(k / n);
      }),
      { seed: 4 },
    );
  });

  it('S-2: misses a known rate no more often than delta', () => {
    const uniform = uniforms(11);
    const runs = 2000;
    let missed = 0;
    for (let run = 0; run < runs; run += 1) {
      let k = 0;
      for (let i = 0; i < 300; i += 1) if (uniform() < 0.02) k += 1;
      if (binomialUpper(k, 300, 0.05) < 0.02) missed += 1;
    }
    expect(missed).toBeLessThanOrEqual(binomialLimit(runs, 0.05, 0.999));
  });

  it('S-3: labels needed are the least that suffice', () => {
    for (const { k, alpha, delta, n } of vectors.labels_needed.cases)
      expect(labelsNeeded(k, alpha, delta)).toBe(n);
    fc.assert(
      fc.property(fc.nat(6), share, share, (k, alpha, delta) => {
        const n = labelsNeeded(k, alpha, delta);
        expect(binomialTail(k, n, alpha)).toBeLessThanOrEqual(delta);
        if (n > k + 1) expect(binomialTail(k, n - 1, alpha)).toBeGreaterThan(delta);
      }),
      { seed: 5 },
    );
  });

  it('S-4: the limit is the least count that holds its confidence', () => {
    fc.assert(
      fc.property(fc.nat(500), share, share, (n, rate, confidence) => {
        const limit = binomialLimit(n, rate, confidence);
        expect(binomialTail(limit, n, rate)).toBeGreaterThanOrEqual(confidence);
        if (limit > 0) expect(binomialTail(limit - 1, n, rate)).toBeLessThan(confidence);
      }),
      { seed: 6 },
    );
    expect(binomialLimit(2000, 0.05, 0.95)).toBe(116);
  });

  it('S-34: impossible counts and shares are refused', () => {
    expect(() => binomialTail(3, 2, 0.1)).toThrow(RangeError);
    expect(() => binomialTail(0.5, 2, 0.1)).toThrow(RangeError);
    expect(() => binomialTail(-1, 2, 0.1)).toThrow(RangeError);
    expect(() => binomialUpper(0, 2, 0)).toThrow(RangeError);
    expect(() => binomialUpper(0, 2, Number.NaN)).toThrow(RangeError);
    expect(() => normalQuantile(1)).toThrow(RangeError);
  });
});

describe('other bounds', () => {
  it('S-5: Hoeffding-Bentkus equals the reference and is exact for 0/1 losses', () => {
    for (const { k, n, alpha, bounded, binary } of vectors.hoeffding_bentkus.cases) {
      near(hoeffdingBentkus({ lossSum: k, n, alpha, binary: false }), bounded);
      near(hoeffdingBentkus({ lossSum: k, n, alpha, binary: true }), binary);
    }
    expect(hoeffdingBentkus({ lossSum: 5, n: 5, alpha: 0.3, binary: false })).toBe(1);
  });

  it('S-6: the betting bound of a mean equals the reference', () => {
    for (const { x, delta, upper } of vectors.wsr_upper.cases) near(wsrUpper(x, delta), upper);
  });

  it('S-6: it misses a known mean no more often than delta', () => {
    const uniform = uniforms(12);
    const runs = 600;
    let missed = 0;
    for (let run = 0; run < runs; run += 1) {
      const x = Float64Array.from({ length: 100 }, () => (uniform() < 0.1 ? 1 : 0));
      if (wsrUpper(x, 0.1) < 0.1) missed += 1;
    }
    expect(missed).toBeLessThanOrEqual(binomialLimit(runs, 0.1, 0.999));
  });

  it('S-7: family-wise rules equal the reference', () => {
    const { p, cases } = vectors.fwer;
    const rules: Record<string, (delta: number) => number[]> = {
      bonferroni: (delta) => bonferroni(p, delta),
      bonferroni_holm: (delta) => holm(p, delta),
      fixed_sequence: (delta) => fixedSequence(p, delta),
      fixed_sequence_2_starts: (delta) => fixedSequence(p, delta, 2),
      fixed_sequence_4_starts: (delta) => fixedSequence(p, delta, 4),
    };
    for (const { method, delta, rejected } of cases) expect(rules[method]!(delta)).toEqual(rejected);
  });

  it('S-7: Holm rejects what Bonferroni rejects, and everything where everything is clear', () => {
    fc.assert(
      fc.property(fc.array(share, { minLength: 1, maxLength: 20 }), share, (p, delta) => {
        expect(holm(p, delta)).toEqual(expect.arrayContaining(bonferroni(p, delta)));
        expect(benjaminiHochberg(p, delta)).toEqual(expect.arrayContaining(holm(p, delta)));
      }),
      { seed: 7 },
    );
    expect(holm([0.001, 0.002], 0.05)).toEqual([0, 1]);
  });

  it('S-8: the prediction-powered mean equals the reference', () => {
    const { Y, Yhat, Yhat_unlabeled, alpha, ppi_plus_plus, lambda_1 } = vectors.ppi;
    const data = { labels: Y, predictions: Yhat, unlabelled: Yhat_unlabeled, alpha };
    for (const [got, want] of [
      [predictionPoweredMean(data), ppi_plus_plus],
      [predictionPoweredMean({ ...data, lambda: 1 }), lambda_1],
    ] as const) {
      near(got.estimate, want.estimate);
      near(got.interval[0], want.ci[0]!);
      near(got.interval[1], want.ci[1]!);
    }
  });

  it('S-8: useless predictions get little weight, constant ones none', () => {
    const uniform = uniforms(13);
    const draw = (n: number) => Array.from({ length: n }, () => uniform());
    const labels = draw(200);
    const got = predictionPoweredMean({ labels, predictions: draw(200), unlabelled: draw(2000), alpha: 0.1 });
    expect(got.lambda).toBeLessThan(0.3);
    const constant = { labels, predictions: labels.map(() => 0.5), unlabelled: [0.5, 0.5], alpha: 0.1 };
    expect(predictionPoweredMean(constant).lambda).toBe(0);
    expect(() => predictionPoweredMean({ ...constant, predictions: [1] })).toThrow(RangeError);
  });
});
