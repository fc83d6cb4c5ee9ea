import { describe, expect, it } from 'vitest';
import { createServerClock } from './server-clock.js';

describe('server clock', () => {
  it('is the own clock until the server was heard', () => {
    expect(
      createServerClock(
        () => 5,
        () => 1_000_000,
      ).now(),
    ).toBe(1_000_000);
  });

  it('holds the server time within half of the way there and back, whatever the own clock says', () => {
    let t = 100;
    const clock = createServerClock(
      () => t,
      () => 0,
    );
    // Server at 50_000 when asked at t=100, answer after 80 ms, of which 60 on the way there.
    t = 180;
    clock.heard(50_060, 100, 180);
    expect(Math.abs(clock.now() - 50_080)).toBeLessThanOrEqual(40);
    t += 1000;
    expect(Math.abs(clock.now() - 51_080)).toBeLessThanOrEqual(40);
  });

  it('keeps the best exchange, until it is old or the clock was set anew', () => {
    let t = 0;
    const clock = createServerClock(
      () => t,
      () => 0,
    );
    clock.heard(10_000, 0, 10);
    t = 1000;
    clock.heard(11_200, 200, 1000); // Slow: would move the offset by 600 ms.
    expect(clock.now()).toBeCloseTo(10_995, 0);
    t = 2000;
    clock.heard(500_000, 1200, 2000); // Set anew.
    expect(clock.now()).toBe(500_400);
  });
});
