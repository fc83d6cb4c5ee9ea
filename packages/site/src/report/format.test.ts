import { describe, expect, it } from 'vitest';
import { numbersOf } from './format.js';

describe('figures as text', () => {
  const n = numbersOf('en');
  it.each([
    [0, 'nearest', '0'],
    [1, 'nearest', '100'],
    [0.005, 'up', '0.5'],
    [0.29, 'up', '29'],
    [0.0050001, 'up', '0.501'],
    [0.0050001, 'down', '0.5'],
    [0.99987, 'nearest', '99.987'],
    [0.000031, 'nearest', '0.0031'],
    [-0.0123, 'down', '-1.23'],
  ] as const)('%f rounded %s is %s %%', (rate, rounding, text) => {
    expect(n.percent(rate, rounding)).toBe(`${text}\u00a0%`);
  });

  it('never rounds a bound to look better', () => {
    for (let i = 1; i < 2000; i++) {
      const rate = ((i * 7919) % 2000) / 2000.7;
      const up = Number.parseFloat(n.percent(rate, 'up'));
      const down = Number.parseFloat(n.percent(rate, 'down'));
      expect(up).toBeGreaterThanOrEqual(100 * rate - 1e-9);
      expect(down).toBeLessThanOrEqual(100 * rate + 1e-9);
    }
  });

  it('writes a decimal comma in Indonesian', () => {
    expect(numbersOf('id').percent(0.005)).toBe('0,5\u00a0%');
  });
});
