import { describe, expect, it } from 'vitest';
import { createChallenges } from './challenges.js';
import { createDelays } from './delays.js';

describe('delays', () => {
  it('grow with each failure up to the most, and are forgotten after an hour', () => {
    let now = 0;
    const delays = createDelays({ free: 2, firstMs: 1_000, mostMs: 10_000 }, () => now);
    const waits: number[] = [];
    for (let i = 0; i < 8; i += 1) {
      delays.fail('a');
      waits.push(delays.waitMs('a'));
    }
    expect(waits).toEqual([0, 0, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
    expect(delays.waitMs('b')).toBe(0);
    now += 9_999;
    expect(delays.waitMs('a')).toBe(1);
    now += 3_600_000;
    delays.fail('a');
    expect(delays.waitMs('a')).toBe(0);
  });

  it('a pardon takes one failure back, a clear all', () => {
    const delays = createDelays({ free: 0, firstMs: 100, mostMs: 1_000 }, () => 0);
    for (let i = 0; i < 3; i += 1) delays.fail('a');
    delays.pardon('a');
    expect(delays.waitMs('a')).toBe(200);
    delays.clear('a');
    delays.pardon('a');
    expect(delays.waitMs('a')).toBe(0);
  });

  it('remember so many keys and forget the one that failed longest ago', () => {
    const delays = createDelays({ free: 0, firstMs: 100, mostMs: 1_000 }, () => 0);
    delays.fail('old');
    delays.fail('new');
    for (let i = 0; i < 19_998; i += 1) delays.fail(`k${i}`);
    delays.fail('new');
    delays.fail('one more');
    expect([delays.waitMs('old'), delays.waitMs('new')]).toEqual([0, 200]);
  });
});

describe('challenges', () => {
  it('are bounded: the oldest goes', () => {
    const challenges = createChallenges(() => 0);
    const [first, second] = [challenges.make('a'), challenges.make('a')];
    for (let i = 0; i < 19_999; i += 1) challenges.make('b');
    expect([challenges.take(first, 'a'), challenges.take(second, 'a')]).toEqual([false, true]);
  });
});
