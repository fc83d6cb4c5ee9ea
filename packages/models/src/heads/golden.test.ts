import { describe, expect, it } from 'vitest';
import { fitDiscriminantPath } from './discriminant.js';
import type { FeatureMatrix } from './head.js';
import { fitLinearPath } from './linear.js';
import { leadingDirections, shrunkWhitening } from './linear-algebra.js';
import { areaUnderCurve, aucDifference, aucStandardError, macroF1 } from './measures.js';
import { normalQuantile, quantile, quantiles } from './quantile.js';

/** Numbers of the generator s = (1103515245 s + 12345) mod 2^31, as the independent program drew them. */
function drawn(count: number, seed: number): number[] {
  let s = BigInt(seed);
  return Array.from({ length: count }, () => {
    s = (s * 1103515245n + 12345n) % 2147483648n;
    return Number(s) / 2147483648;
  });
}

const rows = 60;
const width = 4;
const x: FeatureMatrix = { values: Float32Array.from(drawn(rows * width, 7), (v) => v * 4 - 2), rows, width };
const u = drawn(rows, 11);
const at = (i: number, j: number): number => x.values[i * width + j]!;
const bad = Int32Array.from(u, (v, i) => (at(i, 0) - 0.5 * at(i, 1) + 2 * (v - 0.5) > 0.4 ? 1 : 0));
const three = Int32Array.from(u, (v, i) => (at(i, 0) + v > 1 ? 2 : at(i, 1) > 0.3 ? 1 : 0));

function near(actual: ArrayLike<number>, expected: readonly number[], digits = 3): void {
  expected.forEach((value, i) => {
    expect(actual[i]).toBeCloseTo(value, digits);
  });
}

// Expected numbers: scikit-learn 1.2.1, numpy 1.24.2, scipy 1.10.1 on the same draws.
describe('heads against scikit-learn', () => {
  it('LogisticRegression(C = 1 / (0.1 n), class_weight balanced) on standardised features', () => {
    const head = fitLinearPath(x, bad, 2, { lambdas: [1, 0.1], balance: 1 })[1]!;
    near(head.predict(x), [0.630303, 2.954194, -0.828008, 0.443801, -1.012947]);
  });

  it('LogisticRegression(multinomial)', () => {
    const head = fitLinearPath(x, three, 3, { lambdas: [0.1], balance: 1 })[0]!;
    near(head.predict(x), [0.490803, 0.081636, 0.427561, 0.044203, 0.006466, 0.949331]);
  });

  it('a discriminant with the shrunk covariance of the good rows (numpy)', () => {
    const head = fitDiscriminantPath(x, bad, [0.3])[0]!;
    near(head.predict(x), [1.590844, 9.038871, -2.738866, 1.064998, -2.897294]);
  });

  it('shrunk_covariance(0.1), Mahalanobis distance over the square root of the width', () => {
    const { mean, matrix } = shrunkWhitening(x, 0.1);
    const distance = Array.from({ length: 5 }, (_, i) => {
      let squares = 0;
      for (let k = 0; k < width; k++) {
        let z = 0;
        for (let j = 0; j < width; j++) z += (at(i, j) - mean[j]!) * matrix[j * width + k]!;
        squares += z * z;
      }
      return Math.sqrt(squares / width);
    });
    near(distance, [0.52524, 1.44005, 0.764203, 1.598621, 0.588035], 4);
  });

  it('PCA(2), root mean square of what is left', () => {
    const { mean, directions } = leadingDirections(x, 2, 5);
    const left = Array.from({ length: 5 }, (_, i) => {
      const d = Array.from({ length: width }, (_, j) => at(i, j) - mean[j]!);
      for (let k = 0; k < 2; k++) {
        const along = d.reduce((sum, v, j) => sum + v * directions[k * width + j]!, 0);
        for (let j = 0; j < width; j++) d[j]! -= along * directions[k * width + j]!;
      }
      return Math.sqrt(d.reduce((sum, v) => sum + v * v, 0) / width);
    });
    near(left, [0.059233, 0.678096, 0.473648, 1.611264, 0.11768], 3);
  });

  it('roc_auc_score, f1_score(macro), numpy.quantile and norm.ppf', () => {
    const first = Array.from({ length: rows }, (_, i) => at(i, 0));
    expect(areaUnderCurve(first, bad)).toBeCloseTo(0.9259259259, 9);
    expect(macroF1(Int32Array.from(three).reverse(), three, 3)).toBeCloseTo(0.3886766828, 9);
    const trace = drawn(20, 3)
      .map((v) => Math.fround(v * 10))
      .sort((a, b) => a - b);
    near(
      [0.01, 0.5, 0.95].map((p) => quantile(trace, p)),
      [0.459747, 4.782038, 7.502316],
      5,
    );
    near([0.01, 0.3, 0.001].map(normalQuantile), [-2.32634787, -0.52440051, -3.09023231], 7);
  });
});

describe('quantiles', () => {
  it('by selection are those of the sorted values', () => {
    for (const n of [1, 2, 3, 10, 257]) {
      const values = Float32Array.from(drawn(n, n), (v) => Math.round(v * 40));
      const sorted = values.slice().sort();
      const ps = [0.5, 0.01, 0.99, 0, 1, 0.3];
      expect(quantiles(values.slice(), ps)).toEqual(ps.map((p) => quantile(sorted, p)));
    }
  });
});

describe('uncertainty of an AUC', () => {
  it('is that of Hanley and McNeil, and zero between equal scores', () => {
    // Hanley and McNeil 1982: AUC 0.893 from 58 normal and 51 abnormal, standard error 0.032.
    expect(Math.abs(aucStandardError(0.893, 51, 58) - 0.032)).toBeLessThan(0.001);
    const first = Array.from({ length: rows }, (_, i) => at(i, 0));
    const same = aucDifference(first, first, bad);
    expect(same).toEqual({ difference: 0, standardError: 0 });
    const worse = aucDifference(
      first,
      first.map((v) => -v),
      bad,
    );
    expect(worse.difference).toBeCloseTo(2 * 0.9259259259 - 1, 9);
    // The two placements differ by 2 a - 1, so the error is twice that of one AUC (DeLong).
    expect(worse.standardError).toBeGreaterThan(0.03);
    expect(worse.standardError).toBeLessThan(0.12);
  });
});
