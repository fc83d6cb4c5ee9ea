import { describe, expect, it } from 'vitest';
import { dayStartOf } from './day.js';

const at = (text: string): number => Date.parse(text);
const start = (day: { dayStart: string; timezone: string }, text: string): string =>
  new Date(dayStartOf(day)(at(text))).toISOString();

describe('the working day', () => {
  const berlin = { dayStart: '06:00', timezone: 'Europe/Berlin' };
  it('begins when the clock of the plant last showed its hour', () => {
    expect(start(berlin, '2026-01-05T12:34:56.789Z')).toBe('2026-01-05T05:00:00.000Z');
    expect(start(berlin, '2026-01-05T04:59:59.999Z')).toBe('2026-01-04T05:00:00.000Z');
    expect(start(berlin, '2026-01-05T05:00:00.000Z')).toBe('2026-01-05T05:00:00.000Z');
    expect(start({ dayStart: '06:30', timezone: 'Asia/Jakarta' }, '2026-01-05T12:00:00Z')).toBe(
      '2026-01-04T23:30:00.000Z',
    );
  });
  it('follows the change of the clocks', () => {
    // Summer time began on 29 March 2026 at 01:00 UTC, ended on 25 October at 01:00 UTC.
    expect(start(berlin, '2026-03-29T12:00:00Z')).toBe('2026-03-29T04:00:00.000Z');
    expect(start(berlin, '2026-03-29T03:30:00Z')).toBe('2026-03-28T05:00:00.000Z');
    expect(start(berlin, '2026-10-25T04:00:00Z')).toBe('2026-10-24T04:00:00.000Z');
  });
});
