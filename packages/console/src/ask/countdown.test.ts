import { expect, it } from 'vitest';
import { countdown } from './countdown.js';

it('counts down to zero, never below, and never says zero before it is over', () => {
  expect(countdown(0, 60_000, 0)).toEqual({ seconds: 60, share: 1, level: 'calm' });
  expect(countdown(0, 60_000, 45_000)).toEqual({ seconds: 15, share: 0.25, level: 'soon' });
  expect(countdown(0, 60_000, 59_999).seconds).toBe(1);
  expect(countdown(0, 60_000, 90_000)).toEqual({ seconds: 0, share: 0, level: 'now' });
  // A clock that runs behind, a deadline before the asking.
  expect(countdown(1000, 2000, 0).share).toBe(1);
  expect(countdown(5000, 4000, 0).share).toBe(1);
});
