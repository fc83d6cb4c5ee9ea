import { describe, expect, it } from 'vitest';
import { tagSchema } from '../contract/tag.js';
import { Changes } from './changes.js';
import { Feed } from './feed.js';
import { States } from './states.js';
import { stayConnected } from './stay-connected.js';

describe('stayConnected', () => {
  it('tries until it may stop; a new epoch for each connection, and the reason of each end', async () => {
    const stop = new AbortController();
    const states = new States();
    const feed = new Feed({ nowMs: () => 7, whenFull: 'waits' });
    const seen: string[] = [];
    let tries = 0;
    await stayConnected<number>({
      ...{ name: 'peer', states, feed, signal: stop.signal, firstPauseMs: 1, longestPauseMs: 2 },
      context: { nowMs: () => 7, random: () => 0 },
      connect: async () => {
        tries += 1;
        seen.push(`${states.now.state}: ${states.now.why}`);
        if (tries % 2 === 0) throw new Error(`nobody ${tries}`);
        return tries;
      },
      serve: async (connection) => {
        seen.push(`${states.now.state} ${states.now.epoch} ${feed.epoch}`);
        if (tries === 3) stop.abort();
        return `gone ${connection}`;
      },
    });
    expect(seen).toEqual([
      ...['connecting: not tried yet', 'up peer/1/7 peer/1/7', 'down: gone 1', 'down: nobody 2'],
      'up peer/2/7 peer/2/7',
    ]);
    expect(states.now).toEqual({ state: 'down', why: 'gone 3', epoch: 'peer/2/7' });
  });
});

describe('Changes', () => {
  const good = (value: number) => ({ value, quality: 'good' as const });

  it('tells the first value, another quality or status, and a change beyond the deadband', () => {
    const tag = tagSchema.parse({ tag: 'a', address: 'a', type: 'double', deadband: 0.5 });
    const changes = new Changes();
    expect(changes.take(tag, good(1))).toBe(true);
    expect(changes.take(tag, good(1.5))).toBe(false);
    // Against what was told, so that a slow drift is not lost.
    expect(changes.take(tag, good(1.6))).toBe(true);
    expect(changes.take(tag, { value: null, quality: 'bad', status: 'exception 2' })).toBe(true);
    expect(changes.take(tag, { value: null, quality: 'bad', status: 'exception 2' })).toBe(false);
    expect(changes.take(tag, { value: null, quality: 'bad', status: 'exception 4' })).toBe(true);
    expect(changes.take(tag, good(1.6))).toBe(true);
  });
});
