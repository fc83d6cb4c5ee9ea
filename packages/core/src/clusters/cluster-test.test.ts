import { describe, expect, it } from 'vitest';
import { binomialLimit } from '../bounds/binomial.js';
import { clusterTest, onePerGroup } from './cluster-test.js';

/** A small LCG: tests need chance that can be repeated, not good chance. */
const lcg = (seed: number) => {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
};
const groups = Array.from({ length: 60 }, (_, i) => `g${Math.floor(i / 3)}`);

describe('C-1 cluster test', () => {
  it('C-1: finds losses that come in threes', () => {
    const values = groups.map((_, i) => (Math.floor(i / 3) % 5 === 0 ? 1 : 0));
    expect(clusterTest(values, groups, { uniform: lcg(1) }).p).toBeLessThan(0.01);
  });
  it('C-1: rejects independent values no more often than its level, by an exact binomial limit', () => {
    const uniform = lcg(7);
    let rejections = 0;
    for (let run = 0; run < 200; run++) {
      const values = groups.map(() => (uniform() < 0.3 ? 1 : 0));
      if (clusterTest(values, groups, { uniform, rounds: 99 }).p <= 0.05) rejections++;
    }
    expect(rejections).toBeLessThanOrEqual(binomialLimit(200, 0.05, 0.999));
  });
});

describe('C-2 one unit per group', () => {
  it('C-2: takes exactly one of each, ascending', () => {
    const chosen = onePerGroup(groups, lcg(3));
    expect(new Set(chosen.map((i) => groups[i])).size).toBe(20);
    expect(chosen).toEqual([...chosen].sort((a, b) => a - b));
  });
});
