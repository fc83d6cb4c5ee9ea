import { describe, expect, it } from 'vitest';
import type { Item } from '../contract/item.js';
import { Feed, type RawItem } from './feed.js';

const sample = (value: number): RawItem => ({
  ...{ kind: 'sample', tag: 'a', value, type: 'double', quality: 'good', atMs: value, timeFrom: 'source' },
});
const event = (id: string): RawItem => ({
  ...{ kind: 'event', id, name: 'cycle', subject: {}, atMs: 0, timeFrom: 'source', body: {} },
});
/** Numbers that the items stand for; each must follow the one before. */
const covered = (items: readonly Item[]): number =>
  items.reduce((next, item) => {
    expect(item.sequence).toBe(next);
    return next + (item.kind === 'gap' ? (item.missing ?? 1) : 1);
  }, items[0]?.sequence ?? 0);

describe('feed', () => {
  it('numbers items within an epoch and groups what has gathered', async () => {
    const feed = new Feed({ nowMs: () => 7, whenFull: 'waits' });
    feed.begin('one');
    await feed.push([sample(1), sample(2)]);
    await feed.push([sample(3)]);
    feed.begin('two');
    await feed.push([sample(4)]);
    feed.close();
    const all: Item[] = [];
    for await (const { items, ack } of feed.batches()) {
      all.push(...items);
      await ack();
    }
    expect(all.map(({ epoch, sequence, receivedMs }) => [epoch, sequence, receivedMs])).toEqual([
      ['one', 0, 7],
      ['one', 1, 7],
      ['one', 2, 7],
      ['two', 0, 7],
    ]);
  });

  it('hands out no further batch while too many are not on disk', async () => {
    const feed = new Feed({ nowMs: () => 0, whenFull: 'waits', mostUnacknowledged: 1, most: 2 });
    const batches = feed.batches();
    await feed.push([sample(1)]);
    const first = (await batches.next()).value;
    let blocked = true;
    const pushed = feed.push([sample(2), sample(3), sample(4)]).then(() => {
      blocked = false;
    });
    const second = batches.next();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(blocked).toBe(true);
    await first?.ack();
    expect((await second).value?.items).toHaveLength(3);
    await pushed;
    expect(blocked).toBe(false);
  });

  it('where it may not wait, the oldest samples give way to one counted gap; events stay', async () => {
    const feed = new Feed({ nowMs: () => 0, whenFull: 'gap', most: 10 });
    feed.begin('one');
    for (let i = 0; i < 50; i += 1) {
      await feed.push([sample(i)]);
      if (i % 20 === 5) await feed.push([event(`e${i}`)]);
    }
    feed.close();
    const all: Item[] = [];
    for await (const { items, ack } of feed.batches()) {
      all.push(...items);
      await ack();
    }
    expect(all.length).toBeLessThanOrEqual(10);
    expect(covered(all)).toBe(53);
    expect(all.flatMap((one) => (one.kind === 'event' ? [one.id] : []))).toEqual(['e5', 'e25', 'e45']);
    expect(all.at(-1)).toMatchObject({ kind: 'sample', value: 49 });
    expect(all.some((one) => one.kind === 'gap')).toBe(true);
  });

  it('is iterated once', async () => {
    const feed = new Feed({ nowMs: () => 0, whenFull: 'waits' });
    feed.close();
    for await (const _ of feed.batches()) expect.unreachable();
    await expect(feed.batches().next()).rejects.toThrow('iterated once');
  });
});
