import { describe, expect, it } from 'vitest';
import { createRefresher, type Timer } from './refresher.js';

function handClock(): Timer & { go(ms: number): Promise<void> } {
  let now = 0;
  let waiting: { at: number; run: () => void }[] = [];
  return {
    now: () => now,
    after(ms, run) {
      const one = { at: now + ms, run };
      waiting.push(one);
      return () => {
        waiting = waiting.filter((w) => w !== one);
      };
    },
    async go(ms) {
      now += ms;
      const due = waiting.filter((w) => w.at <= now);
      waiting = waiting.filter((w) => w.at > now);
      for (const { run } of due) run();
      for (let i = 0; i < 5; i++) await Promise.resolve();
    },
  };
}

describe('refresher', () => {
  it('asks at once, then at most every 500 ms however often it is touched', async () => {
    const clock = handClock();
    let asked = 0;
    const live = createRefresher(clock, 500, async () => {
      asked++;
    });
    expect(asked).toBe(1);
    for (let t = 0; t < 2000; t += 10) {
      live.touch();
      await clock.go(10);
    }
    expect(asked).toBe(5);
  });

  it('never asks twice at a time, and asks once more for what changed meanwhile', async () => {
    const clock = handClock();
    let release = () => {};
    let asked = 0;
    const live = createRefresher(clock, 500, () => {
      asked++;
      return new Promise((done) => {
        release = done;
      });
    });
    live.touch();
    live.touch();
    await clock.go(5000);
    expect(asked).toBe(1);
    release();
    await clock.go(0);
    expect(asked).toBe(2);
    release();
    await clock.go(5000);
    expect(asked).toBe(2);
  });

  it('asks no more once stopped', async () => {
    const clock = handClock();
    let asked = 0;
    const live = createRefresher(clock, 500, async () => {
      asked++;
    });
    await clock.go(0);
    live.touch();
    live.stop();
    live.touch();
    await clock.go(5000);
    expect(asked).toBe(1);
  });
});
