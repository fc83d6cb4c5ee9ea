import { describe, expect, it } from 'vitest';
import { zoneOf } from './zone.js';

const HOUR = 3_600_000;

describe('the clock of a place', () => {
  it('stands ahead of UTC or behind it, by the season', () => {
    expect(zoneOf('Asia/Jakarta').offsetMs(0)).toBe(7 * HOUR);
    expect(zoneOf('Europe/Berlin').offsetMs(Date.UTC(2026, 6, 1))).toBe(2 * HOUR);
    expect(zoneOf('Europe/Berlin').offsetMs(Date.UTC(2026, 11, 1, 0, 0, 1) + 7)).toBe(HOUR);
    expect(zoneOf('Asia/Kathmandu').offsetMs(Date.UTC(2026, 0, 1))).toBe(5.75 * HOUR);
  });

  it('shows what it is asked for at the moment that it gives back', () => {
    for (const name of ['Asia/Jakarta', 'Europe/Berlin', 'America/New_York', 'Etc/UTC']) {
      const zone = zoneOf(name);
      for (let wall = Date.UTC(2026, 0, 1); wall < Date.UTC(2027, 0, 1); wall += 5 * HOUR) {
        const at = zone.at(wall);
        const missing = Math.abs(at + zone.offsetMs(at) - wall);
        // Only an hour that the clocks skip is shown by no moment.
        expect([0, HOUR]).toContain(missing);
        if (missing !== 0) expect([2, 3, 4, 10, 11]).toContain(new Date(wall).getUTCMonth() + 1);
      }
    }
  });

  it('gives the first of two moments that show the same', () => {
    // On 25 October 2026 at 3:00 the clocks of Berlin go back to 2:00.
    expect(zoneOf('Europe/Berlin').at(Date.UTC(2026, 9, 25, 2, 30))).toBe(Date.UTC(2026, 9, 25, 0, 30));
    expect(zoneOf('Europe/Berlin').at(Date.UTC(2026, 9, 25, 3, 30))).toBe(Date.UTC(2026, 9, 25, 2, 30));
  });
});
