import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normals, uniforms } from '../../test/seeded.js';
import vectors from '../../test/vectors/conformal.json' with { type: 'json' };
import { binomialLimit } from '../bounds/binomial.js';
import { benjaminiHochberg } from '../bounds/family.js';
import { conformalPValue, mondrianPValues, predictionSet } from './p-values.js';
import { adaptiveStep, expectedRiskBound } from './risk-control.js';
import { normalisedFactor, quantileMargins, splitQuantile, splitRank } from './split.js';

const near = (actual: number, expected: number, tolerance = 1e-9): void => {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(tolerance);
};

describe('split quantile', () => {
  it('S-19: ranks and quantiles equal the reference, infinite where the rank passes n', () => {
    for (const { scores, alpha, rank, quantile } of vectors.split_quantile.cases) {
      expect(splitRank(scores.length, alpha)).toBe(rank);
      expect(splitQuantile(scores, alpha)).toBe(quantile ?? Number.POSITIVE_INFINITY);
    }
  });

  it('S-19: a rank that is whole in exact arithmetic is not lifted by float error', () => {
    for (const n of [19, 39, 99, 199, 999]) expect(splitRank(n, 0.1)).toBe(Math.round((n + 1) * 0.9));
    expect(() => splitRank(10, 0)).toThrow(RangeError);
  });

  it('S-19: it covers the next score with probability at least 1 - alpha', () => {
    const normal = normals(41);
    const runs = 1500;
    let missed = 0;
    for (let run = 0; run < runs; run += 1) {
      const scores = Float64Array.from({ length: 39 }, () => normal());
      if (normal() > splitQuantile(scores, 0.1)) missed += 1;
    }
    expect(missed).toBeLessThanOrEqual(binomialLimit(runs, 0.1, 0.999));
  });

  it('S-19: conformalised quantiles equal the reference', () => {
    const { lo, hi, y, test, cases } = vectors.cqr;
    for (const { confidence, symmetric, intervals } of cases) {
      const { below, above } = quantileMargins({ low: lo, high: hi, y, alpha: 1 - confidence, symmetric });
      test.forEach(([low, high], i) => {
        near(low! - below, intervals[i]![0]!);
        near(high! + above, intervals[i]![1]!);
      });
    }
    expect(() => quantileMargins({ low: [1], high: [2], y: [], alpha: 0.1, symmetric: true })).toThrow(
      RangeError,
    );
  });

  it('S-19: the normalised factor equals the reference', () => {
    const { residuals, sigmas, alpha, rank, Q } = vectors.normalised_split;
    expect(splitRank(residuals.length, alpha)).toBe(rank);
    near(normalisedFactor({ residuals, sigmas, alpha }), Q);
  });
});

describe('p-values', () => {
  const { cal_scores, cal_labels, test_scores, p_values, sets } = vectors.mondrian;
  const calibration = { scores: cal_scores, categories: cal_labels };

  it('S-20: label-conditional p-values and sets equal the reference', () => {
    for (const { label, p } of p_values) {
      test_scores.forEach((score, i) => {
        near(mondrianPValues(calibration, score).get(label)!, p[i]!);
      });
    }
    for (const { score, alpha, set } of sets) {
      expect(predictionSet(mondrianPValues(calibration, score), alpha).sort()).toEqual(set);
    }
    expect(() => mondrianPValues({ scores: [1], categories: [] }, 1)).toThrow(RangeError);
  });

  it('S-20: conformal p-values with Benjamini-Hochberg equal the reference', () => {
    const { cal, scores, p, q, rejected } = vectors.conformal_bh;
    const got = scores.map((score) => conformalPValue(cal, score));
    got.forEach((value, i) => {
      near(value, p[i]!);
    });
    expect(benjaminiHochberg(got, q)).toEqual(rejected);
    expect(benjaminiHochberg([0.9, 0.8], 0.1)).toEqual([]);
  });

  it('S-20: each category keeps its own promise', () => {
    const uniform = uniforms(42);
    const runs = 1500;
    let missed = 0;
    for (let run = 0; run < runs; run += 1) {
      const scores = Array.from({ length: 60 }, (_, i) => (i < 40 ? uniform() : 5 * uniform()));
      const categories = scores.map((_, i) => (i < 40 ? 'common' : 'rare'));
      if (mondrianPValues({ scores, categories }, 5 * uniform()).get('rare')! <= 0.1) missed += 1;
    }
    expect(missed).toBeLessThanOrEqual(binomialLimit(runs, 0.1, 0.999));
  });
});

describe('promises on average', () => {
  it('S-21: conformal risk control equals the reference', () => {
    const { losses_by_unit, bound } = vectors.crc;
    bound.forEach((value, threshold) => {
      near(expectedRiskBound(losses_by_unit.map((losses) => losses[threshold]!)), value);
    });
  });

  it('S-21: adaptive inference equals the reference', () => {
    const { alpha, gamma, err, path } = vectors.aci;
    let current = alpha;
    err.forEach((missed, i) => {
      current = adaptiveStep(current, missed === 1, { alpha, gamma });
      near(current, path[i]!);
    });
  });

  it('S-21: whatever happens, its long-run rate is within (max(a1, 1 - a1) + g) / (g T) of alpha', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (stream) => {
        const target = { alpha: 0.1, gamma: 0.05 };
        let current = 0.1;
        let misses = 0;
        const horizon = 400;
        for (let t = 0; t < horizon; t += 1) {
          const missed = current >= 1 || (current > 0 && stream.next().value < current * 2);
          if (missed) misses += 1;
          current = adaptiveStep(current, missed, target);
        }
        expect(Math.abs(misses / horizon - 0.1)).toBeLessThanOrEqual((0.9 + 0.05) / (0.05 * horizon));
      }),
      { seed: 1, numRuns: 30 },
    );
  });
});
