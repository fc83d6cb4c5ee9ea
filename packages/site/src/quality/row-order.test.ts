import { createRandom } from '@selvedge/models';
import { describe, expect, it } from 'vitest';
import { rowOrder } from './row-order.js';

const repeat = (n: number, value: boolean): boolean[] => Array.from({ length: n }, () => value);
const none = (n: number): null[] => Array.from({ length: n }, () => null);
const warns = (found: ReturnType<typeof rowOrder>): boolean =>
  found !== null && Math.max(found.auc, 1 - found.auc) >= 0.8 && found.p <= 0.01;

/** Runs of `size` units, a share of the runs all bad: clustered, and in fair order. */
function clustered(
  runs: number,
  size: number,
  share: number,
  seed: number,
): { bad: boolean[]; groups: string[] } {
  const random = createRandom(seed);
  const bad: boolean[] = [];
  const groups: string[] = [];
  for (let r = 0; r < runs; r++) {
    const torn = random.next() < share;
    for (let i = 0; i < size; i++) {
      bad.push(torn);
      groups.push(`lot ${r}`);
    }
  }
  return { bad, groups };
}

describe('rowOrder', () => {
  it('is the AUC of the row number, and its share of all rotations', () => {
    expect(rowOrder([false, false, true, true], none(4))).toEqual({ auc: 1, p: 0.5 });
    // The four rotations of g b b g have the AUCs 1/2, 1/4 ... by hand: 2 of 4, 0 of 4, 2 of 4, 4 of 4 pairs.
    expect(rowOrder([false, true, true, false], none(4))).toEqual({ auc: 0.5, p: 1 });
    expect(rowOrder(repeat(5, true), none(5))).toBeNull();
  });

  it('agrees with the AUC of each rotation counted pair by pair', () => {
    const random = createRandom(11);
    const bad = Array.from({ length: 60 }, () => random.next() < 0.3);
    const direct = bad.map((_, start) => {
      const turned = [...bad.slice(start), ...bad.slice(0, start)];
      let pairs = 0;
      let right = 0;
      for (let i = 0; i < 60; i++)
        for (let j = 0; j < 60; j++)
          if (turned[i] && !turned[j]) {
            pairs++;
            if (i > j) right++;
          }
      return right / pairs;
    });
    const far = Math.abs(direct[0]! - 0.5) - 1e-9;
    const found = rowOrder(bad, none(60));
    expect(found?.auc).toBeCloseTo(direct[0]!, 12);
    expect(found?.p).toBeCloseTo(direct.filter((a) => Math.abs(a - 0.5) >= far).length / 60, 12);
  });

  it('tells a file with all bad units at one end, and one with a few among the good ones', () => {
    for (const bads of [30, 200, 700]) {
      const end = [...repeat(1000 - bads, false), ...repeat(bads, true)];
      expect(warns(rowOrder(end, none(1000)))).toBe(true);
      expect(warns(rowOrder([...end].reverse(), none(1000)))).toBe(true);
    }
    const random = createRandom(2);
    const mostly = [...Array.from({ length: 800 }, () => random.next() < 0.02), ...repeat(200, true)];
    expect(warns(rowOrder(mostly, none(1000)))).toBe(true);
  });

  it('warns of a fair order hardly ever, however clustered', () => {
    const random = createRandom(17);
    let single = 0;
    let lots = 0;
    let unnamed = 0;
    for (let run = 0; run < 500; run++) {
      // One bad run at a random place is the hardest case: AUC beyond .8 or .2 in two of five files.
      const at = Math.floor(random.next() * 1000);
      const bad = Array.from({ length: 1000 }, (_, i) => (i - at + 1000) % 1000 < 60);
      if (warns(rowOrder(bad, none(1000)))) single++;
      const few = clustered(25, 40, 0.1, run);
      if (warns(rowOrder(few.bad, few.groups))) lots++;
      const many = clustered(100, 10, 0.1, run);
      if (warns(rowOrder(many.bad, none(1000)))) unnamed++;
    }
    // At most 1 % of 500 by the test's level; the 99.9 % binomial limit of that is 13.
    expect(single).toBeLessThanOrEqual(13);
    expect(lots).toBeLessThanOrEqual(13);
    expect(unnamed).toBeLessThanOrEqual(13);
  });

  it('does not take the last of few lots for a shortcut', () => {
    const bad = [...repeat(900, false), ...repeat(100, true)];
    const groups = bad.map((_, i) => `lot ${Math.floor(i / 100)}`);
    expect(warns(rowOrder(bad, none(1000)))).toBe(true);
    expect(warns(rowOrder(bad, groups))).toBe(false);
  });
});
