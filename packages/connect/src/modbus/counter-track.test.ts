import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CounterTrack } from './counter-track.js';

const LIMIT = 2 ** 32;
/** 100 kW. */
const RATE = 100_000 / 3600;
const track = () => new CounterTrack({ limit: LIMIT, mostPerSecond: RATE });

describe('counter', () => {
  it('counts through the roll-over of 32 bits', () => {
    const one = track();
    expect(one.take(LIMIT - 10, 0)).toMatchObject({ what: 'first', step: 0 });
    expect(one.take(5, 60_000)).toMatchObject({
      what: 'roll-over',
      step: 15,
      state: { total: 15, epoch: 0 },
    });
    expect(one.take(25, 120_000)).toMatchObject({ what: 'step', step: 20, state: { total: 35 } });
  });

  it('takes a fall that no roll-over explains, and a jump that cannot be, as a reset', () => {
    const one = track();
    one.take(5_000_000, 0);
    expect(one.take(3, 60_000)).toMatchObject({ what: 'reset', step: 0, state: { total: 0, epoch: 1 } });
    // A device that shows 0 for a moment and then its old count: it is not counted twice.
    expect(one.take(5_000_100, 120_000)).toMatchObject({
      what: 'reset',
      step: 0,
      state: { total: 0, epoch: 2 },
    });
    expect(one.take(5_000_200, 180_000)).toMatchObject({ what: 'step', step: 100 });
    expect(one.take(5_000_250, 170_000)).toMatchObject({ what: 'out-of-order', step: 0 });
  });

  it('goes on after a restart, and refuses what is no reading', () => {
    const one = track();
    one.take(100, 0);
    one.take(110, 60_000);
    const two = new CounterTrack({ limit: LIMIT, mostPerSecond: RATE }, one.state);
    expect(two.take(130, 120_000)).toMatchObject({ what: 'step', step: 20, state: { total: 30 } });
    for (const wrong of [-1, LIMIT, Number.NaN]) expect(() => two.take(wrong, 130_000)).toThrow(RangeError);
    expect(() => new CounterTrack({ limit: 0, mostPerSecond: 1 })).toThrow(RangeError);
  });

  it('never counts backwards, and without a reset counts what there was', () => {
    const steps = fc.array(
      fc.record({
        ms: fc.nat({ max: 600_000 }),
        share: fc.double({ min: 0, max: 1, noNaN: true }),
        reset: fc.boolean(),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, fc.nat({ max: LIMIT - 1 }), fc.boolean(), (all, from, resets) => {
        const one = track();
        let [truth, raw, atMs, total] = [0, from, 0, 0];
        one.take(raw, atMs);
        for (const { ms, share, reset } of all) {
          atMs += ms;
          const step = Math.floor((RATE * ms * share) / 1000);
          truth += step;
          raw = resets && reset ? 0 : (raw + step) % LIMIT;
          const { state, step: told } = one.take(raw, atMs);
          expect(told).toBeGreaterThanOrEqual(0);
          expect(state.total).toBeGreaterThanOrEqual(total);
          total = state.total;
        }
        if (!resets) expect(total).toBe(truth);
      }),
      { seed: 32, numRuns: 300 },
    );
  });
});
