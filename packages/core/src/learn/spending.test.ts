import { describe, expect, it } from 'vitest';
import { assessmentDelta, CERTIFICATE_CELLS } from './spending.js';

const choose = (n: number, j: number): number => (j === 0 ? 1 : (choose(n - 1, j - 1) * n) / j);

describe('what an assessment may spend', () => {
  it('LN-3 the first spends half; the k-th after refusals alone three quarters of delta / (k (k + 1))', () => {
    expect(assessmentDelta(0.05, { k: 1, certificates: 0 })).toBe(0.025);
    expect(assessmentDelta(0.05, { k: 4, certificates: 0 })).toBeCloseTo((0.75 * 0.05) / 20, 15);
  });

  it('LN-3 after certificates the number of histories is paid for', () => {
    const told = assessmentDelta(0.05, { k: 5, certificates: 2 });
    expect(told).toBeCloseTo((0.25 * 0.05) / 30 / 6 / (6 * CERTIFICATE_CELLS ** 2), 15);
  });

  it('LN-3 over every history that can be told the parts sum to at most delta', () => {
    let sum = 0;
    for (let k = 1; k <= 400; k += 1) {
      for (let j = 0; j < Math.min(k, 40); j += 1)
        sum += choose(k - 1, j) * CERTIFICATE_CELLS ** j * assessmentDelta(0.05, { k, certificates: j });
    }
    expect(sum).toBeLessThanOrEqual(0.05);
    expect(sum).toBeGreaterThan(0.0475);
  });

  it.each([
    [0.05, 0, 0],
    [0.05, 2, 2],
    [0.05, 2, -1],
    [0.05, 1.5, 0],
    [0, 1, 0],
    [1, 1, 0],
  ])('S-34 refuses delta %s, k %s, certificates %s', (delta, k, certificates) => {
    expect(() => assessmentDelta(delta, { k, certificates })).toThrow(RangeError);
  });
});
