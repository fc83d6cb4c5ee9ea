import { describe, expect, it } from 'vitest';
import { normals, uniforms } from '../../test/seeded.js';
import { binomialLimit } from '../bounds/binomial.js';
import { jumperStart, jumperStep } from './jumper.js';
import { Ranker } from './ranker.js';
import { chooseWatchRule, observer, type WatchRule } from './watch-rule.js';

const N = 2000;
const choose = (scores: Float64Array, groups: string[] | null, seed: number): WatchRule =>
  chooseWatchRule({ scores, groups, perGroup: groups !== null, middle: 0, rng: uniforms(seed) });

const independent = (seed: number, n = N): Float64Array => {
  const normal = normals(seed);
  return Float64Array.from({ length: n }, () => normal());
};

const autoregressive = (seed: number, kept: number, n = N): Float64Array => {
  const normal = normals(seed);
  let x = 0;
  return Float64Array.from({ length: n }, () => {
    x = kept * x + Math.sqrt(1 - kept * kept) * normal();
    return x;
  });
};

/** Whether the watch closes falsely (Shiryaev-Roberts >= 1e8) on scores after the first `from`. */
const closes = (scores: Float64Array, from: number, rule: WatchRule, seed: number): boolean => {
  const observes = observer(rule);
  const uniform = uniforms(seed);
  const ranker = new Ranker();
  let state = jumperStart();
  return scores.some((score, i) => {
    if (!observes(null)) return false;
    state = jumperStep(state, ranker.next(score, uniform()));
    return i >= from && state.logShiryaevRoberts >= Math.log(1e8);
  });
};

describe('the unit of observation', () => {
  it('S-35: exchangeable scores are mostly observed one by one', () => {
    const runs = 60;
    let sparse = 0;
    for (let run = 0; run < runs; run += 1) {
      const rule = choose(independent(500 + run), null, 900 + run);
      expect(rule.quiet).toBe(true);
      if (rule.every > 1) sparse += 1;
    }
    // Four paths, each loud in at most one of twenty.
    expect(sparse).toBeLessThanOrEqual(binomialLimit(runs, 0.2, 0.999));
  });

  it('S-35: neighbours that are alike are observed sparsely, and then the watch does not close for nothing', () => {
    let every = 0;
    let loud = 0;
    for (let run = 0; run < 10; run += 1) {
      const scores = autoregressive(70 + run, 0.7, 3 * N);
      const rule = choose(scores.slice(0, N), null, run);
      every += rule.every / 10;
      expect(closes(scores, N, { ...rule, every: 1 }, run)).toBe(true);
      if (closes(scores, N, rule, run)) loud += 1;
    }
    expect(every).toBeGreaterThanOrEqual(4);
    expect(loud).toBeLessThanOrEqual(1);
  });

  it('S-35: scores that move all the time are quiet at no spacing', () => {
    const normal = normals(3);
    const trend = Float64Array.from({ length: N }, (_, i) => i / 100 + normal());
    const rule = choose(trend, null, 4);
    expect(rule.quiet).toBe(false);
    expect(N / (2 * rule.every)).toBeLessThan(30);
  });

  it('S-35: groups are observed by their first unit, sparser where groups follow each other', () => {
    const groups = Array.from({ length: N }, (_, i) => `g${Math.floor(i / 10)}`);
    const normal = normals(8);
    let shared = 0;
    const scores = Float64Array.from({ length: N }, (_, i) => {
      if (i % 10 === 0) shared = normal();
      return shared + 0.3 * normal();
    });
    const rule = choose(scores, groups, 9);
    expect(rule).toMatchObject({ perGroup: true, quiet: true });
    const seen = observer({ ...rule, every: 2 });
    expect(['a', 'a', 'b', 'c', 'b', 'c', 'd'].map((g) => seen(g))).toEqual([
      ...[true, false, false, true, false, false, false],
    ]);
    expect(chooseWatchRule({ scores, groups, perGroup: false, middle: 0, rng: uniforms(1) }).perGroup).toBe(
      false,
    );
  });

  it('S-35: a unit without a group is a group of its own', () => {
    const seen = observer({ perGroup: true, every: 1, quiet: true });
    expect([null, null, 'a', 'a', null].map((g) => seen(g))).toEqual([true, true, true, false, true]);
  });

  it('S-34: lists of unequal length are refused', () => {
    expect(() => choose(independent(1), ['a'], 1)).toThrow(RangeError);
  });
});
