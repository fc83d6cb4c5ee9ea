import { describe, expect, it } from 'vitest';
import { periodOf } from './period.js';

const at = (text: string): number => Date.parse(text);
const plant = {
  clock: { timezone: 'Europe/Berlin', dayStart: '06:00' },
  firstMs: at('2026-01-01T00:00:00Z'),
  lastMs: at('2026-07-01T12:00:00Z'),
};

describe('the period of a report', () => {
  it('is the last day of the journal where nobody says otherwise', () => {
    expect(periodOf({}, plant)).toEqual({ fromMs: plant.lastMs + 1 - 86_400_000, toMs: plant.lastMs + 1 });
    expect(periodOf({ last: '8h' }, plant).fromMs).toBe(plant.lastMs + 1 - 8 * 3_600_000);
  });

  it("reads times in the plant's own zone unless one is written", () => {
    expect(periodOf({ from: '2026-01-05T06:00', to: '2026-06-05T06:00' }, plant)).toEqual({
      fromMs: at('2026-01-05T05:00:00Z'),
      toMs: at('2026-06-05T04:00:00Z'),
    });
    expect(periodOf({ from: '2026-01-05T06:00+07:00' }, plant).fromMs).toBe(at('2026-01-04T23:00:00Z'));
  });

  it('has shifts, also on the day on which the clocks change', () => {
    expect(periodOf({ shift: '2026-01-05/2' }, plant)).toEqual({
      fromMs: at('2026-01-05T13:00:00Z'),
      toMs: at('2026-01-05T21:00:00Z'),
    });
    const { fromMs, toMs } = periodOf({ shift: '2026-03-28' }, plant);
    expect((toMs - fromMs) / 3_600_000).toBe(23);
  });

  it.each([
    [{ last: '8' }, '8h'],
    [{ last: '0h' }, '8h'],
    [{ shift: 'early' }, '2026-01-05'],
    [{ from: 'yesterday' }, '--from takes a time'],
    [{ from: '2026-13-05T06:00' }, '--from takes a time'],
    [{ from: '2026-02-02', to: '2026-02-01' }, 'ends before it begins'],
    [{ from: '2026-02-02', last: '8h' }, 'exclude each other'],
  ])('refuses %o', (flags, message) => {
    expect(() => periodOf(flags, plant)).toThrow(message);
  });
});
