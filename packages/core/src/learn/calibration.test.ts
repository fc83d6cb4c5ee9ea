import { describe, expect, it } from 'vitest';
import { uniforms } from '../../test/seeded.js';
import { binomialLower, binomialUpper } from '../bounds/binomial.js';
import { reliability } from './calibration.js';
import { calibrated, isotonic } from './isotonic.js';

const RUNS = [1, 2, 3, 4];
/** Scores uniform on 0..1 whose probability of bad is `of(score)`. */
const drawn = (seed: number, n: number, of: (score: number) => number) => {
  const rng = uniforms(seed);
  const scores = Array.from({ length: n }, () => rng());
  return { scores, bad: scores.map((score) => rng() < of(score)) };
};

describe('isotonic calibration', () => {
  it('LN-4 pools adjacent violators, by hand', () => {
    const blocks = isotonic({
      scores: [4, 1, 3, 2, 5],
      bad: [false, false, true, false, true],
      weights: null,
    });
    expect(blocks.map(({ from, to, n, bad, probability }) => [from, to, n, bad, probability])).toEqual([
      [1, 2, 2, 0, 0],
      [3, 4, 2, 1, 0.5],
      [5, 5, 1, 1, 1],
    ]);
  });

  it.each(RUNS)('LN-4 rises, keeps the number of bad units, and is closest in squares: seed %s', (seed) => {
    const { scores, bad } = drawn(seed, 300, (score) => score ** 2);
    const blocks = isotonic({ scores, bad, weights: null });
    const rates = blocks.map(({ probability }) => probability);
    expect(rates).toEqual([...rates].sort((a, b) => a - b));
    expect(new Set(rates).size).toBe(rates.length);
    expect(blocks.reduce((sum, { bad: k }) => sum + k, 0)).toBe(bad.filter(Boolean).length);
    const squares = (of: (score: number) => number) =>
      scores.reduce((sum, score, i) => sum + ((bad[i] ? 1 : 0) - of(score)) ** 2, 0);
    const own = squares((score) => calibrated(blocks, score));
    expect(own).toBeLessThanOrEqual(squares((score) => score ** 2) + 1e-9);
    const share = bad.filter(Boolean).length / bad.length;
    expect(own).toBeLessThanOrEqual(squares(() => share) + 1e-9);
  });

  it('LN-4 a score between two blocks has the lower one, below all the first, above all the last', () => {
    const blocks = isotonic({ scores: [1, 2, 3], bad: [false, true, true], weights: null });
    expect([0, 1, 1.5, 2, 9].map((score) => calibrated(blocks, score))).toEqual([0, 0, 0, 1, 1]);
    expect(() => calibrated([], 1)).toThrow(RangeError);
  });

  it('LN-4 equal scores are one step, and with equal weights a block has the exact interval', () => {
    const scores = [1, 1, 1, 1, 1, 1, 1, 1, 2];
    const bad = [true, false, false, true, false, false, false, false, true];
    const [low, high] = isotonic({ scores, bad, weights: scores.map(() => 3) });
    expect(low).toMatchObject({ n: 8, bad: 2, probability: 0.25 });
    expect(low?.interval[0]).toBeCloseTo(binomialLower(2, 8, 0.025), 9);
    expect(low?.interval[1]).toBeCloseTo(binomialUpper(2, 8, 0.025), 9);
    expect(high?.interval).toEqual([expect.closeTo(0.025, 9), 1]);
    const sure = isotonic({ scores: [1, 1, 1], bad: [false, false, false], weights: null });
    expect(sure[0]?.interval).toEqual([0, expect.closeTo(binomialUpper(0, 3, 0.025), 9)]);
  });

  it('LN-4 weights of propensities give the rates of the whole stream, not of the labelled', () => {
    const rng = uniforms(5);
    const scores: number[] = [];
    const bad: boolean[] = [];
    const weights: number[] = [];
    for (let i = 0; i < 40_000; i += 1) {
      const wrong = rng() < 0.2;
      // Bad units are asked about ten times as often: here by a known propensity.
      const propensity = wrong ? 1 : 0.1;
      if (rng() >= propensity) continue;
      scores.push(1);
      bad.push(wrong);
      weights.push(1 / propensity);
    }
    const [naive] = isotonic({ scores, bad, weights: null });
    const [weighted] = isotonic({ scores, bad, weights });
    expect(naive?.probability).toBeGreaterThan(0.6);
    expect(weighted?.probability).toBeCloseTo(0.2, 2);
    // Fewer than all labels stand behind it.
    const exact = binomialUpper(Math.round(0.2 * scores.length), scores.length, 0.025);
    expect(weighted?.interval[1]).toBeGreaterThan(exact);
  });

  it.each([
    [{ scores: [Number.NaN], bad: [true], weights: null }],
    [{ scores: [1], bad: [], weights: null }],
    [{ scores: [1], bad: [true], weights: [] }],
    [{ scores: [1], bad: [true], weights: [0] }],
    [{ scores: [1], bad: [true], weights: [Number.POSITIVE_INFINITY] }],
  ])('S-34 refuses %o', (labels) => {
    expect(() => isotonic(labels)).toThrow(RangeError);
  });

  it('LN-4 nothing has no blocks', () => {
    expect(isotonic({ scores: [], bad: [], weights: null })).toEqual([]);
  });
});

describe('reliability', () => {
  it('LN-5 by hand', () => {
    const found = reliability(
      { claimed: [0.2, 0.2, 0.8, 1], bad: [false, true, true, true], weights: null },
      { bins: 2 },
    );
    expect(found.bins.map(({ n, claimed, found: share }) => [n, claimed, share])).toEqual([
      [2, 0.2, 0.5],
      [2, 0.9, 1],
    ]);
    expect(found.brier.value).toBeCloseTo((0.04 + 0.64 + 0.04 + 0) / 4, 12);
    expect(found.logLoss.value).toBeCloseTo(-(Math.log(0.8) + Math.log(0.2) + Math.log(0.8)) / 4, 12);
    expect(found.ece).toBeCloseTo(0.2, 12);
  });

  it('LN-5 a confident mistake is dear and not infinite', () => {
    const { logLoss } = reliability({ claimed: [0], bad: [true], weights: null });
    expect(logLoss.value).toBeCloseTo(-Math.log(1e-6), 9);
  });

  it('LN-5 right claims have the calibration error of chance, wrong ones more', () => {
    const { scores, bad } = drawn(3, 4000, (score) => score);
    const right = reliability({ claimed: scores, bad, weights: null });
    expect(right.ece).toBeGreaterThan(right.eceOfChance / 2);
    expect(right.ece).toBeLessThan(right.eceOfChance * 2);
    const wrong = reliability({ claimed: scores.map((score) => score ** 2), bad, weights: null });
    expect(wrong.ece).toBeGreaterThan(5 * wrong.eceOfChance);
    expect(wrong.brier.value).toBeGreaterThan(right.brier.value);
    expect(wrong.logLoss.value).toBeGreaterThan(right.logLoss.value);
  });

  it('LN-5 the chance error is what 400 sets of right claims have on average', () => {
    let ece = 0;
    let chance = 0;
    for (let run = 0; run < 400; run += 1) {
      const { scores, bad } = drawn(100 + run, 300, (score) => score);
      const found = reliability({ claimed: scores, bad, weights: null });
      ece += found.ece / 400;
      chance += found.eceOfChance / 400;
    }
    expect(Math.abs(ece / chance - 1)).toBeLessThan(0.1);
  });

  it('LN-5 the interval of the Brier score covers its mean in about 95 of 100 sets', () => {
    let missed = 0;
    for (let run = 0; run < 300; run += 1) {
      const { scores, bad } = drawn(900 + run, 400, (score) => score);
      const { interval } = reliability({ claimed: scores, bad, weights: null }).brier;
      // E p (1 - p) over the uniform scores.
      if (interval[0] > 1 / 6 || interval[1] < 1 / 6) missed += 1;
    }
    expect(missed).toBeLessThanOrEqual(33);
  });

  it('LN-5 weights count, and equal claims share a bin', () => {
    const claimed = [0.5, 0.5, 0.5, 0.5];
    const found = reliability({ claimed, bad: [true, false, false, false], weights: [3, 1, 1, 1] });
    expect(found.bins).toHaveLength(1);
    expect(found.bins[0]?.found).toBe(0.5);
    expect(found.ece).toBe(0);
  });

  it.each([
    [{ claimed: [], bad: [], weights: null }],
    [{ claimed: [1.1], bad: [true], weights: null }],
    [{ claimed: [Number.NaN], bad: [true], weights: null }],
    [{ claimed: [0.5], bad: [], weights: null }],
    [{ claimed: [0.5], bad: [true], weights: [0] }],
  ])('S-34 refuses %o', (claims) => {
    expect(() => reliability(claims)).toThrow(RangeError);
  });
});
