import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normals, uniforms } from '../../test/seeded.js';
import vectors from '../../test/vectors/drift.json' with { type: 'json' };
import { binomialLimit } from '../bounds/binomial.js';
import { jumperStart, jumperStep } from './jumper.js';
import { Ranker } from './ranker.js';
import { RoundedRanker } from './rounded-ranker.js';

const v = vectors.conformal_martingale;
const near = (actual: number, expected: number, tolerance = 1e-9): void => {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(tolerance);
};

/** The definition, counted one by one. */
const pByCounting = (seen: readonly number[], score: number, u: number): number => {
  const greater = seen.filter((value) => value > score).length;
  const equal = seen.filter((value) => value === score).length;
  return (greater + u * (equal + 1)) / (seen.length + 1);
};

describe.each([
  ['Ranker', Ranker],
  ['RoundedRanker', RoundedRanker],
] as const)('%s', (_, Kind) => {
  it('S-16: p-values equal the reference', () => {
    const ranker = new Kind();
    v.scores.forEach((score, i) => {
      near(ranker.next(score, v.U[i]!), v.p_exact[i]!);
    });
    expect(ranker.seen).toBe(v.scores.length);
  });

  it('S-16: they equal a count, with ties, over many blocks', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(4, 200, 100_000), (seed, levels) => {
        const uniform = uniforms(seed);
        const ranker = new Kind();
        const seen: number[] = [];
        for (let i = 0; i < 1400; i += 1) {
          // Sixteenths are exact in both rankers, so ties are ties and nothing else is.
          const score = Math.floor(uniform() * levels) / 16 - levels / 64;
          const kept = Kind === Ranker ? score : Math.floor(score % 64);
          const p = ranker.next(kept, 0.5);
          if (i > 1350) near(p, pByCounting(seen, kept, 0.5));
          seen.push(kept);
        }
      }),
      { seed: 1, numRuns: 12 },
    );
  });

  it('S-16: they are uniform: deciles fill alike', () => {
    const normal = normals(31);
    const uniform = uniforms(32);
    const n = 4000;
    const deciles = new Array<number>(10).fill(0);
    const ranker = new Kind();
    for (let i = 0; i < n; i += 1) deciles[Math.floor(ranker.next(normal(), uniform()) * 10)]! += 1;
    for (const count of deciles) expect(count).toBeLessThanOrEqual(binomialLimit(n, 0.1, 0.9999));
  });

  it('S-34: NaN has no rank, infinities have', () => {
    const ranker = new Kind();
    expect(() => ranker.next(Number.NaN, 0.5)).toThrow(RangeError);
    expect(ranker.next(Number.POSITIVE_INFINITY, 0.5)).toBe(0.5);
    expect(ranker.next(Number.NEGATIVE_INFINITY, 0.5)).toBe(0.75);
    expect(ranker.next(-0, 0.5)).toBe(0.5);
    expect(ranker.next(0, 0.5)).toBe(0.5);
  });
});

describe('RoundedRanker', () => {
  it('S-17: scores closer than a step are ties', () => {
    const ranker = new RoundedRanker();
    ranker.next(1, 0.5);
    expect(ranker.next(1 + 1e-5, 0.9)).toBe(0.9);
    expect(ranker.next(1.01, 0.9)).toBeCloseTo(0.3, 12);
  });
});

describe('jumper martingale', () => {
  it('S-18: wealth and Shiryaev-Roberts equal the reference', () => {
    for (const [rate, path] of Object.entries(v.jumper)) {
      let state = jumperStart();
      v.p_exact.forEach((p, i) => {
        state = jumperStep(state, p, Number(rate));
        near(Math.exp(state.logWealth), path[i]!);
      });
    }
    let state = jumperStart();
    v.p_exact.forEach((p, i) => {
      state = jumperStep(state, p);
      near(Math.exp(state.logShiryaevRoberts), v['sr_J0.01'][i]!);
    });
  });

  it('S-18: one more p-value is a fair bet: wealth at p and 1 - p averages to the wealth before', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (history, p) => {
          const state = history.reduce((s, q) => jumperStep(s, q), jumperStart());
          const gain = (q: number) => Math.exp(jumperStep(state, q).logWealth - state.logWealth);
          near((gain(p) + gain(1 - p)) / 2, 1, 1e-12);
          near(state.down + state.flat + state.up, 1, 1e-12);
        },
      ),
      { seed: 2 },
    );
  });

  it('S-18: without change it passes 20 in at most one epoch of twenty', () => {
    const normal = normals(33);
    const uniform = uniforms(34);
    const runs = 300;
    let alarms = 0;
    for (let run = 0; run < runs; run += 1) {
      const ranker = new Ranker();
      let state = jumperStart();
      let ever = false;
      for (let i = 0; i < 500; i += 1) {
        state = jumperStep(state, ranker.next(normal(), uniform()));
        ever ||= state.logWealth >= Math.log(20);
      }
      if (ever) alarms += 1;
    }
    expect(alarms).toBeLessThanOrEqual(binomialLimit(runs, 0.05, 0.999));
  });

  it('S-18: a shift of half a standard deviation after 1,000 units alarms within 130 at the median', () => {
    const delays: number[] = [];
    for (let run = 0; run < 31; run += 1) {
      const normal = normals(100 + run);
      const uniform = uniforms(900 + run);
      const ranker = new Ranker();
      let state = jumperStart();
      for (let i = 0; i < 1000; i += 1) state = jumperStep(state, ranker.next(normal(), uniform()));
      let delay = 0;
      while (state.logShiryaevRoberts < Math.log(10_000) && delay < 2000) {
        state = jumperStep(state, ranker.next(normal() + 0.5, uniform()));
        delay += 1;
      }
      delays.push(delay);
    }
    expect(delays.sort((a, b) => a - b)[15]).toBeLessThanOrEqual(130);
  });

  it('S-18: it neither over- nor underflows on a long line', () => {
    let state = jumperStart();
    for (let i = 0; i < 20_000; i += 1) state = jumperStep(state, 0.001);
    expect(state.logWealth).toBeGreaterThan(1000);
    expect(Number.isFinite(state.logShiryaevRoberts)).toBe(true);
    expect(() => jumperStep(state, 1.5)).toThrow(RangeError);
    expect(() => jumperStep(state, Number.NaN)).toThrow(RangeError);
  });
});
