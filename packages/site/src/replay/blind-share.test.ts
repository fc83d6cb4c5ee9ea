import { binomialLimit, deltaLedger } from '@selvedge/core';
import { createRandom } from '@selvedge/models';
import { describe, expect, it } from 'vitest';
import { blindShare, certify, shareUpTo } from './certify.js';

const TERMS = {
  escape: 0.01,
  overkill: 0,
  contract: 'per-unit' as const,
  ledger: deltaLedger({ confidence: 0.95, overkillRate: 0 }),
};

function looked(seed: number, parted: number): boolean {
  const random = createRandom(seed);
  const bad = Array.from({ length: 700 }, () => random.next() < 0.06);
  const scores = Float64Array.from(bad, (b) => random.normal() + (b ? parted : 0));
  const set = { scores, bad, groups: null, byGroup: false };
  const share = shareUpTo(scores, certify(set, TERMS).accept?.threshold ?? null);
  return blindShare(set, TERMS, { share, seed }).noBetter;
}

describe('a model that is not better than blind', () => {
  it('is told from one that is, at the 1 % level', () => {
    const runs = 60;
    const missed = Array.from({ length: runs }, (_, seed) => looked(seed, 0)).filter((no) => !no).length;
    expect(missed).toBeLessThanOrEqual(binomialLimit(runs, 0.01, 0.999));
    expect(looked(1, 4)).toBe(false);
  });
});
