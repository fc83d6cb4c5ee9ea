import { describe, expect, it } from 'vitest';
import { uniforms } from '../../test/seeded.js';
import { binomialLimit, binomialUpper } from '../bounds/binomial.js';
import { type ChancedUnit, roleOf, thinned } from './role.js';

describe('roles', () => {
  it('LN-1 a draw below the share is evidence, the others are training', () => {
    expect(roleOf(0, 0.5)).toBe('evidence');
    expect(roleOf(0.4999, 0.5)).toBe('evidence');
    expect(roleOf(0.5, 0.5)).toBe('training');
    expect(roleOf(0.999, 0.5)).toBe('training');
  });

  it('LN-1 the share is kept: 10,000 draws within their binomial limits', () => {
    const rng = uniforms(11);
    let evidence = 0;
    for (let i = 0; i < 10_000; i += 1) if (roleOf(rng(), 0.3) === 'evidence') evidence += 1;
    expect(evidence).toBeLessThanOrEqual(binomialLimit(10_000, 0.3, 0.9995));
    expect(10_000 - evidence).toBeLessThanOrEqual(binomialLimit(10_000, 0.7, 0.9995));
  });

  it.each([-0.1, 1, Number.NaN])('S-34 refuses draw %s', (draw) => {
    expect(() => roleOf(draw, 0.5)).toThrow(RangeError);
  });

  it.each([0, 1, Number.NaN])('S-34 refuses an evidence share of %s', (share) => {
    expect(() => roleOf(0.5, share)).toThrow(RangeError);
  });
});

/** A stream whose gate audits low scores at .1 and asks about the others; bad units have high scores. */
const stream = (seed: number, n: number): { unit: ChancedUnit; bad: boolean }[] => {
  const rng = uniforms(seed);
  return Array.from({ length: n }, () => {
    const bad = rng() < 0.1;
    const propensity = (bad ? 0.4 : 0) + 0.6 * rng() < 0.6 ? 0.1 : 1;
    return { unit: { propensity, asked: rng() < propensity, draw: rng() }, bad };
  });
};

describe('thinning', () => {
  it('LN-2 in shadow all units are kept', () => {
    const units = Array.from({ length: 50 }, () => ({ propensity: 1, asked: true, draw: 0.99 }));
    expect(thinned(units, 1)).toHaveLength(50);
  });

  it('LN-2 only asked units are kept, each with least / propensity', () => {
    const units = [
      { propensity: 0.1, asked: true, draw: 0.99 },
      { propensity: 0.1, asked: false, draw: 0 },
      { propensity: 1, asked: true, draw: 0.0999 },
      { propensity: 1, asked: true, draw: 0.1 },
      { propensity: 0.4, asked: true, draw: 0.2499 },
    ];
    expect(thinned(units, 0.1)).toEqual([0, 2, 4]);
  });

  it('LN-2 what is kept is an even sample: its exact bound fails in at most delta of 2,000 streams, and that of all labels fails', () => {
    const runs = 2000;
    // 1 - (good units that stay unasked): the naive rate among labels is far from .1, so bound the other side too.
    let low = 0;
    let high = 0;
    let naive = 0;
    for (let run = 0; run < runs; run += 1) {
      const all = stream(run, 600);
      const kept = thinned(
        all.map(({ unit }) => unit),
        0.1,
      ).map((i) => all[i]!.bad);
      const k = kept.filter(Boolean).length;
      if (binomialUpper(k, kept.length, 0.05) < 0.1) low += 1;
      if (1 - binomialUpper(kept.length - k, kept.length, 0.05) > 0.1) high += 1;
      const labels = all.filter(({ unit }) => unit.asked).map(({ bad }) => bad);
      const bads = labels.filter(Boolean).length;
      if (1 - binomialUpper(labels.length - bads, labels.length, 0.05) > 0.1) naive += 1;
    }
    const limit = binomialLimit(runs, 0.05, 0.999);
    expect(low).toBeLessThanOrEqual(limit);
    expect(high).toBeLessThanOrEqual(limit);
    expect(naive).toBeGreaterThan(limit);
  });

  it.each([
    [{ propensity: 0.05, asked: false, draw: 0.5 }],
    [{ propensity: 1.1, asked: true, draw: 0.5 }],
    [{ propensity: Number.NaN, asked: true, draw: 0.5 }],
    [{ propensity: 0.5, asked: true, draw: 1 }],
  ])('S-34 refuses %o at a least propensity of .1', (unit) => {
    expect(() => thinned([unit], 0.1)).toThrow(RangeError);
  });

  it.each([0, 1.1, Number.NaN])('S-34 refuses a least propensity of %s', (least) => {
    expect(() => thinned([], least)).toThrow(RangeError);
  });
});
