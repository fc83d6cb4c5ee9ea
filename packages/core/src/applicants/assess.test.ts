import { describe, expect, it } from 'vitest';
import { applicantScores, drawUnits, truthAt } from '../../test/kit/applicants.js';
import { budget } from '../../test/kit/gate-line.js';
import { uniforms } from '../../test/seeded.js';
import { binomialLimit } from '../bounds/binomial.js';
import { deltaLedger } from '../gate/ledger.js';
import { assessmentDelta } from '../learn/spending.js';
import { assess } from './assess.js';
import { automaticCalls, certifySides, type EvidenceUnits } from './certify-sides.js';
import { labelsMissing } from './labels-missing.js';

const first = { k: 1, certificates: 0 };
const STREAM = { defectRate: 0.05, separation: 3 };

const evidenceOf = (n: number, seed: number, noise = 0): EvidenceUnits => {
  const units = drawUnits(STREAM, n, seed);
  return { scores: applicantScores(units, noise, seed + 7), bad: units.map(({ bad }) => bad), groups: null };
};

describe('an assessment', () => {
  it('AP-1 certifies both sides, each at its own part of delta, with their shares', () => {
    const both = { ...budget, overkillRate: 0.01 };
    const units = evidenceOf(3000, 1);
    const found = assess({ units, budget: both, k: 2, certificates: 1 });
    const part = assessmentDelta(deltaLedger(both).accept.certificate, { k: 2, certificates: 1 });
    expect(found.spent).toEqual({ accept: part, reject: part });
    expect(found.accept).toMatchObject({ delta: part, test: 'exact-binomial-per-unit' });
    expect(found.reject).toMatchObject({ delta: part, test: 'exact-binomial-overkill-per-unit' });
    const { accept, reject, automaticShare, n, bads } = found;
    expect(n).toBe(3000);
    expect(bads).toBe(units.bad.filter(Boolean).length);
    expect((accept?.share ?? 0) + (reject?.share ?? 0)).toBeCloseTo(automaticShare, 12);
    expect(accept?.auditCut).toBeLessThan(accept?.threshold ?? 0);
    expect(found.outlook).toBeNull();
  });

  it('AP-1 without a budget for rejects that side is not tested', () => {
    const found = assess({ units: evidenceOf(2000, 2), budget, ...first });
    expect(found.spent.reject).toBe(0);
    expect(found.reject).toBeNull();
  });

  it('AP-1 too few labels certify nothing, and no share is claimed', () => {
    const found = assess({ units: evidenceOf(400, 3), budget, ...first });
    expect(found).toMatchObject({ accept: null, reject: null, automaticShare: 0 });
    expect(assess({ units: { scores: [], bad: [], groups: null }, budget, ...first }).automaticShare).toBe(0);
  });

  it('AP-1 an answer that is still out counts as wrong on either side', () => {
    const scores = Float64Array.from({ length: 3000 }, (_, i) => i);
    const bad = (out: boolean) =>
      Array.from(scores, (score) => (score === 100 && out ? null : score >= 2850));
    const limits = { escapeRate: 1e-3, overkillRate: 1e-3, contract: 'per-unit' as const };
    const delta = { accept: 0.06, reject: 0.06 };
    const whole = certifySides({ scores, bad: bad(false), groups: null }, limits, delta);
    const open = certifySides({ scores, bad: bad(true), groups: null }, limits, delta);
    expect(whole.accept?.threshold).toBe(2849);
    expect(open.accept?.threshold).toBe(99);
    expect(open.reject).toEqual(whole.reject);
    const high = Array.from(scores, (score) => (score === 2990 ? null : score >= 2850));
    expect(certifySides({ scores, bad: high, groups: null }, limits, delta).reject?.threshold).toBe(2991);
  });

  it('AP-1 a unit without a score is never automatic and no loss, under either contract', () => {
    const gaps = (scores: ArrayLike<number>, value: number) =>
      Float64Array.from(scores, (score, i) => (i % 3 === 0 ? value : score));
    const units = evidenceOf(6000, 4);
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const scores = gaps(units.scores, value);
      const both = { ...budget, overkillRate: 0.01 };
      const found = assess({ units: { ...units, scores }, budget: both, ...first });
      expect(found.accept?.share).toBeGreaterThan(0.3);
      expect(found.automaticShare).toBeLessThanOrEqual(2 / 3);
      expect(Number.isFinite(found.accept?.threshold) && Number.isFinite(found.reject?.threshold)).toBe(true);
      const pass = assess({
        units: { ...units, scores },
        budget: { ...both, contract: 'per-pass' },
        ...first,
      });
      expect(pass.accept?.test).toBe('exact-binomial-per-pass');
      expect(pass.automaticShare).toBeLessThanOrEqual(2 / 3);
    }
  });

  it('AP-1 where everything may pass the threshold is the worst score that there is; no score at all certifies nothing', () => {
    const bad = Array.from({ length: 2000 }, () => false);
    const scores = Float64Array.from(bad, (_, i) => (i < 5 ? Number.NaN : i));
    const limits = { escapeRate: 0.005, overkillRate: 0.9, contract: 'per-unit' as const };
    const delta = { accept: 0.02, reject: 0.02 };
    const found = certifySides({ scores, bad, groups: null }, limits, delta);
    expect(found.accept?.threshold).toBe(1999);
    const none = scores.map(() => Number.NaN);
    expect(certifySides({ scores: none, bad, groups: null }, limits, delta)).toEqual({
      accept: null,
      reject: null,
    });
    const allBad = bad.map(() => true);
    const stops = certifySides({ scores, bad: allBad, groups: null }, { ...limits, escapeRate: 1e-6 }, delta);
    expect(stops).toMatchObject({ accept: null, reject: { threshold: 5 } });
    expect(automaticCalls([Number.NaN, 4, 5], stops)).toEqual([false, false, true]);
  });

  it('AP-1 where regions would overlap a pass comes first; a delta of 0 leaves a side out', () => {
    const scores = Float64Array.from({ length: 1000 }, (_, i) => i);
    const units = { scores, bad: Array.from(scores, () => false), groups: null };
    const limits = { escapeRate: 0.05, overkillRate: 0.9, contract: 'per-unit' as const };
    const found = certifySides(units, limits, { accept: 0.02, reject: 0.02 });
    expect(found.accept?.threshold).toBe(999);
    expect(found.reject).toBeNull();
    expect(certifySides(units, limits, { accept: 0.02, reject: 0 }).reject).toBeNull();
  });

  it('AP-1 groups are observations where they are handed in; per pass they are refused', () => {
    const units = evidenceOf(9000, 5);
    const groups = units.bad.map((_, i) => `lot ${i % 3000}`);
    const both = { ...budget, overkillRate: 0.01 };
    const found = assess({ units: { ...units, groups }, budget: both, ...first });
    expect(found.accept?.test).toBe('betting-by-group-per-unit');
    expect(found.reject?.test).toBe('betting-by-group-overkill-per-unit');
    const expected = { scores: units.scores, bad: units.bad.map(Boolean), weights: null };
    const fresh = { scores: [1, 2], bad: [false, false], groups: ['a', 'a'] };
    const one =
      assess({ units: { ...fresh, groups: null }, budget, ...first, expected }).outlook?.toOpen ?? 0;
    expect(assess({ units: fresh, budget, ...first, expected }).outlook?.toOpen).toBe(2 * (one + 2) - 2);
    const perPass = { ...budget, contract: 'per-pass' as const };
    expect(() => assess({ units: { ...units, groups }, budget: perPass, ...first })).toThrow(RangeError);
  });
});

describe('how many labels are missing', () => {
  const sample = (n: number, seed: number) => {
    const { scores, bad } = evidenceOf(n, seed);
    return { scores, bad: bad.map(Boolean), weights: null };
  };

  it('AP-2 it comes from the expected scores alone, at what the next assessment may spend', () => {
    const expected = sample(2000, 6);
    const a = assess({ units: evidenceOf(300, 7), budget, ...first, expected });
    const b = assess({ units: evidenceOf(300, 8), budget, ...first, expected });
    expect(a.accept).toBeNull();
    expect(a.outlook).toEqual(b.outlook);
    const delta = assessmentDelta(deltaLedger(budget).accept.certificate, { k: 2, certificates: 0 });
    expect(a.outlook).toEqual(labelsMissing(expected, { budget, delta, had: 300 }));
    const told = assess({ units: evidenceOf(3000, 7), budget, ...first, expected });
    expect(told.outlook?.toOpen).toBe(0);
  });

  it.each(['per-unit', 'per-pass'] as const)(
    'AP-2 %s: at that many labels about every second certificate reaches the promised share',
    (contract) => {
      const { separation } = STREAM;
      const limits = { ...budget, contract };
      const delta = 0.0125;
      const { toNear, toOpen, idealShare } = labelsMissing(sample(60_000, 9), {
        budget: limits,
        delta,
        had: 0,
      });
      expect(toOpen).toBeGreaterThan(800);
      expect(toNear).toBeGreaterThan(toOpen ?? 0);
      let near = 0;
      const runs = 120;
      for (let run = 0; run < runs; run += 1) {
        const units = evidenceOf(toNear ?? 0, 1000 + run);
        const { accept } = certifySides(units, { ...limits, overkillRate: 0 }, { accept: delta, reject: 0 });
        const share =
          accept === null ? 0 : truthAt({ defectRate: 0.05, separation }, 0, accept.threshold).share;
        if (share >= idealShare - 0.05) near += 1;
      }
      expect(near / runs).toBeGreaterThan(0.3);
      expect(near / runs).toBeLessThan(0.85);
    },
  );

  it('AP-2 scores that never keep the budget are told as such; groups cost their size', () => {
    const expected = { scores: [1, 2, 3, 4], bad: [true, false, true, false], weights: null };
    expect(labelsMissing(expected, { budget, delta: 0.01, had: 0 })).toEqual({
      idealShare: 0,
      toOpen: null,
      toNear: null,
    });
    const good = { scores: [1, 2, 3, Number.NaN], bad: [false, false, true, false], weights: [1, 1, 2, 1] };
    const one = labelsMissing(good, { budget, delta: 0.01, had: 100 });
    expect(one).toEqual({ idealShare: 0.4, toOpen: 819, toNear: 819 });
    const by = labelsMissing(good, { budget, delta: 0.01, had: 100, largestGroup: 7 });
    expect(by.toOpen).toBe(919 * 7 - 100);
    expect(labelsMissing(good, { budget, delta: 0.01, had: 5000 }).toOpen).toBe(0);
  });

  it('AP-2 a rate a hair below the budget would take more labels than a plan reckons with', () => {
    const n = 1001;
    const bad = Array.from({ length: n }, (_, i) => i % 201 === 0);
    const scores = Float64Array.from(bad, () => 1);
    expect(labelsMissing({ scores, bad, weights: null }, { budget, delta: 0.01, had: 0 }).toNear).toBeNull();
  });

  it('AP-2 equal scores are one threshold', () => {
    const rng = uniforms(3);
    const bad = Array.from({ length: 500 }, () => rng() < 0.1);
    const scores = bad.map((one) => (one ? 2 : 1));
    expect(
      labelsMissing({ scores, bad, weights: null }, { budget, delta: 0.01, had: 0 }).idealShare,
    ).toBeCloseTo(bad.filter((one) => !one).length / 500, 12);
  });

  it('S-34 refuses lists of unequal length', () => {
    const options = { budget, delta: 0.01, had: 0 };
    expect(() => labelsMissing({ scores: [1], bad: [], weights: null }, options)).toThrow(RangeError);
    expect(() => labelsMissing({ scores: [1], bad: [true], weights: [] }, options)).toThrow(RangeError);
  });

  it('AP-1 the certificate of the first assessment fails in at most its part of delta: 1,000 runs', () => {
    const runs = 1000;
    let wrong = 0;
    for (let run = 0; run < runs; run += 1) {
      const found = assess({
        units: evidenceOf(900, 5000 + run),
        budget: { ...budget, escapeRate: 0.01, confidence: 0.6 },
        ...first,
      });
      if (found.accept !== null && truthAt(STREAM, 0, found.accept.threshold).risk > 0.01) wrong += 1;
    }
    expect(wrong).toBeLessThanOrEqual(binomialLimit(runs, 0.1, 0.999));
    expect(wrong).toBeGreaterThan(20);
  });
});
