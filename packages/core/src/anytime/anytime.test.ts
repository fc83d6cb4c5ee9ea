import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { uniforms } from '../../test/seeded.js';
import vectors from '../../test/vectors/anytime.json' with { type: 'json' };
import { binomialLimit, binomialUpper } from '../bounds/binomial.js';
import { bettingMartingale, bettingSequence } from './betting.js';
import { eProcessLog, eUpper } from './e-process.js';
import { empiricalBernsteinSequence } from './empirical-bernstein.js';
import { harmStart, harmStatistic, harmStep } from './harm.js';
import { ipwLog, ipwStart, ipwStep } from './ipw.js';
import {
  bernoulliSequence,
  betaBinomialMixture,
  gammaExponentialMixture,
  mixtureBound,
  oneSidedNormalMixture,
  twoSidedNormalBound,
} from './mixtures.js';

const near = (actual: number, expected: number, tolerance = 1e-9): void => {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(tolerance);
};
const share = fc.double({ min: 0.001, max: 0.9, noNaN: true });

describe('e-process', () => {
  it('S-9: the evidence equals the reference', () => {
    for (const { k, n, alpha, log_e } of vectors.e_process_safe.cases) near(eProcessLog(k, n, alpha), log_e);
  });

  it('S-9: it grows with the rate that is tested', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.integer({ min: 1, max: 500 }), share, share, (k, gained, a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        expect(eProcessLog(k, k + gained, low)).toBeLessThanOrEqual(eProcessLog(k, k + gained, high) + 1e-9);
      }),
      { seed: 1 },
    );
  });

  it('S-9: one more audit is a fair bet at the tested rate: the mean of E does not grow', () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(300), share, (k, gained, alpha) => {
        const now = eProcessLog(k, k + gained, alpha);
        const ifBad = Math.exp(eProcessLog(k + 1, k + gained + 1, alpha) - now);
        const ifGood = Math.exp(eProcessLog(k, k + gained + 1, alpha) - now);
        near(alpha * ifBad + (1 - alpha) * ifGood, 1, 1e-9);
      }),
      { seed: 2 },
    );
  });

  it('S-10: the bound equals the reference', () => {
    for (const { k, n, delta, upper } of vectors.e_upper.cases) near(eUpper(k, n, delta), upper);
  });

  it('S-10: the bound is where the evidence meets 1 / delta', () => {
    fc.assert(
      fc.property(fc.nat(60), fc.integer({ min: 1, max: 3000 }), share, (k, gained, delta) => {
        const upper = eUpper(k, k + gained, delta);
        expect(upper).toBeGreaterThan(k / (k + gained) - 1e-12);
        if (upper < 0.999999) near(eProcessLog(k, k + gained, upper), -Math.log(delta), 1e-6);
      }),
      { seed: 3 },
    );
    expect(eUpper(0, 0, 0.05)).toBe(1);
    expect(eUpper(5000, 5001, 0.05)).toBe(1);
  });

  it('S-10: with probability 1 - delta it is never below the rate, at any of 2,000 looks', () => {
    const uniform = uniforms(21);
    const runs = 400;
    const rate = 0.02;
    const wanted = -Math.log(0.05);
    let wrong = 0;
    for (let run = 0; run < runs; run += 1) {
      let k = 0;
      let ever = false;
      for (let n = 1; n <= 2000; n += 1) {
        if (uniform() < rate) k += 1;
        if (n % 10 === 0 && !ever && eProcessLog(k, n, rate) >= wanted) ever = true;
      }
      if (ever) wrong += 1;
    }
    expect(wrong).toBeLessThanOrEqual(binomialLimit(runs, 0.05, 0.999));
  });

  it('S-10: it costs at most half more than the bound of a fixed number', () => {
    for (const n of [300, 1000, 5000]) {
      for (const k of [0, 1, 3, 10]) expect(eUpper(k, n, 0.05)).toBeLessThan(1.6 * binomialUpper(k, n, 0.05));
    }
  });

  it('S-34: impossible input is refused', () => {
    expect(() => eProcessLog(2, 1, 0.1)).toThrow(RangeError);
    expect(() => eUpper(0, 1, 1)).toThrow(RangeError);
  });
});

describe('harm detector', () => {
  it('S-11: the statistic equals the reference', () => {
    const { alpha, x, path } = vectors.sr_harm;
    let state = harmStart();
    x.forEach((bad, i) => {
      state = harmStep(state, bad === 1, alpha);
      near(harmStatistic(state), path[i]!, 1e-9 * path[i]!);
    });
  });

  it('S-11: the mean time to a false alarm at the budget is at least the threshold', () => {
    const uniform = uniforms(22);
    const runs = 200;
    const threshold = 300;
    // ARL >= threshold makes P(alarm within m audits) <= m / threshold for the process started afresh.
    const horizon = 30;
    let alarms = 0;
    for (let run = 0; run < runs; run += 1) {
      let state = harmStart();
      for (let i = 0; i < horizon && harmStatistic(state) < threshold; i += 1)
        state = harmStep(state, uniform() < 0.05, 0.05);
      if (harmStatistic(state) >= threshold) alarms += 1;
    }
    expect(alarms).toBeLessThanOrEqual(binomialLimit(runs, horizon / threshold, 0.999));
  });

  it('S-11: it finds five times the budget within 170 audits at the median (threshold 5,000)', () => {
    const uniform = uniforms(23);
    const delays: number[] = [];
    for (let run = 0; run < 60; run += 1) {
      let state = harmStart();
      for (let i = 0; i < 500; i += 1) state = harmStep(state, uniform() < 0.0005, 0.005);
      let delay = 0;
      while (harmStatistic(state) < 5000) {
        state = harmStep(state, uniform() < 0.025, 0.005);
        delay += 1;
      }
      delays.push(delay);
    }
    expect(delays.sort((a, b) => a - b)[30]).toBeLessThanOrEqual(200);
  });

  it('S-11: the state stays finite and cannot be started at an impossible budget', () => {
    let state = harmStart();
    for (let i = 0; i < 2000; i += 1) state = harmStep(state, true, 0.01);
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
    expect(() => harmStep(state, true, 0.9)).toThrow(RangeError);
  });
});

describe('inverse-propensity e-process', () => {
  const v = vectors.ipw_e_process;
  const test = { alpha: v.alpha, minPropensity: 0.02 };

  it('S-12: the evidence equals the reference', () => {
    let state = ipwStart();
    v.stratum.forEach((stratum, i) => {
      const propensity = v.propensity_by_stratum[stratum]!;
      state = ipwStep(test, state, { audited: v.audited[i] === 1, bad: v.loss[i] === 1, propensity });
      near(Math.exp(ipwLog(state)), v.path[i]!);
    });
  });

  it('S-12: it rejects a true rate no more often than delta, at any look', () => {
    const uniform = uniforms(24);
    const runs = 300;
    let wrong = 0;
    for (let run = 0; run < runs; run += 1) {
      let state = ipwStart();
      let ever = false;
      for (let i = 0; i < 1500 && !ever; i += 1) {
        const risky = uniform() < 0.3;
        const propensity = risky ? 0.5 : 0.1;
        const bad = uniform() < (risky ? 0.1 : 0.02 / 0.7 - 0.03 / 0.7 + 0.0142857);
        state = ipwStep({ alpha: 0.03, minPropensity: 0.1 }, state, {
          audited: uniform() < propensity,
          bad,
          propensity,
        });
        ever = ipwLog(state) >= Math.log(20);
      }
      if (ever) wrong += 1;
    }
    expect(wrong).toBeLessThanOrEqual(binomialLimit(runs, 0.05, 0.999));
  });

  it('S-34: a propensity below the declared least is refused', () => {
    expect(() => ipwStep(test, ipwStart(), { audited: true, bad: true, propensity: 0.01 })).toThrow(
      RangeError,
    );
    expect(() => ipwStep(test, ipwStart(), { audited: true, bad: true, propensity: 1.1 })).toThrow(
      RangeError,
    );
  });
});

describe('betting', () => {
  it('S-13: the martingale equals the reference', () => {
    for (const { x, m, theta, alpha, path } of vectors.betting_martingale.cases) {
      bettingMartingale({ x, alpha, theta }, m).forEach((value, i) => {
        near(value, path[i]!);
      });
    }
  });

  it('S-13: the confidence sequence equals the reference to its grid', () => {
    const { x, lower, upper } = vectors.betting_cs;
    const got = bettingSequence({ x, alpha: 0.05 });
    x.forEach((_, i) => {
      near(got.lower[i]!, lower[i]!, 1e-3 + 1e-12);
      near(got.upper[i]!, upper[i]!, 1e-3 + 1e-12);
    });
  });

  it('S-13: it holds a known mean at all times with probability 1 - alpha', () => {
    const uniform = uniforms(25);
    const runs = 400;
    let wrong = 0;
    for (let run = 0; run < runs; run += 1) {
      const x = Float64Array.from({ length: 300 }, () => (uniform() < 0.2 ? 1 : uniform() * 0.25));
      if (bettingMartingale({ x, alpha: 0.1 }, 0.2 + 0.8 * 0.125).some((value) => value > 10)) wrong += 1;
    }
    expect(wrong).toBeLessThanOrEqual(binomialLimit(runs, 0.1, 0.999));
  });
});

describe('mixture boundaries', () => {
  const v = vectors.confseq_boundaries;
  const tuning = { vOpt: 100, alphaOpt: 0.05 };

  it('S-14: mixtures and their boundaries equal the reference', () => {
    const gamma = gammaExponentialMixture(tuning, 2);
    near(gamma(10, 100), v['gamma_exponential_log_mixture(10,100,100,2,.05)'], 1e-7);
    near(mixtureBound(gamma, 100, 0.05), v['gamma_exponential_mixture_bound(100,.05,100,2,.05)'], 1e-7);
    const beta = betaBinomialMixture(tuning, { g: 0.2, h: 0.8, oneSided: true });
    near(beta(10, 100), v['beta_binomial_log_mixture(10,100,100,.2,.8,.05,one_sided)'], 1e-7);
    near(
      mixtureBound(beta, 100, 0.05, 500),
      v['beta_binomial_mixture_bound(100,.05,100,.2,.8,.05,one_sided)'],
      1e-7,
    );
    near(
      mixtureBound(oneSidedNormalMixture(tuning), 100, 0.05),
      v['normal_mixture_bound(100,.05,100,.05,one_sided)'],
      1e-7,
    );
    near(twoSidedNormalBound(tuning, 100, 0.05), v['normal_mixture_bound(100,.05,100,.05,two_sided)'], 1e-7);
  });

  it('S-14: Bernoulli intervals equal the reference', () => {
    for (const { k, n, alpha, t_opt, ci } of v.bernoulli_ci) {
      const [lower, upper] = bernoulliSequence({ k, n, alpha, tOpt: t_opt });
      near(lower, ci[0]!, 1e-7);
      near(upper, ci[1]!, 1e-7);
    }
    expect(bernoulliSequence({ k: 4, n: 4, alpha: 0.05, tOpt: 50 })[1]).toBe(1);
    expect(() => bernoulliSequence({ k: 0, n: 0, alpha: 0.05, tOpt: 50 })).toThrow(RangeError);
  });

  it('S-15: empirical Bernstein equals the reference; its lower side mirrors the upper', () => {
    const { x, alpha, upper, lower } = vectors.cm_eb;
    const got = empiricalBernsteinSequence({ x, alpha });
    const mirrored = empiricalBernsteinSequence({ x: x.map((value) => 1 - value), alpha, vOpt: 1 });
    x.forEach((_, i) => {
      near(got.upper[i]!, upper[i]!, 1e-7);
      near(mirrored.lower[i]!, lower[i]!, 1e-7);
    });
  });
});
