import { describe, expect, it } from 'vitest';
import { createLiveFeed } from './live-feed.js';

/** A stream that does what the test says and nothing by itself. */
class HandStream extends EventTarget {
  readonly CLOSED = 2;
  readyState = 1;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  readonly path: string;
  constructor(path: string) {
    super();
    this.path = path;
  }
  close() {
    this.readyState = 2;
  }
  tags(data: unknown) {
    this.dispatchEvent(Object.assign(new Event('tags'), { data: JSON.stringify(data) }));
  }
  say(data: unknown) {
    this.onmessage?.({ data: typeof data === 'string' ? data : JSON.stringify(data) });
  }
}

function place() {
  const streams: HandStream[] = [];
  const timers: { at: number; run: () => void }[] = [];
  let now = 0;
  let visible = true;
  let changed = () => {};
  const feed = createLiveFeed({
    now: () => now,
    after(ms, run) {
      const timer = { at: now + ms, run };
      timers.push(timer);
      return () => {
        if (timers.includes(timer)) timers.splice(timers.indexOf(timer), 1);
      };
    },
    open(path) {
      const stream = new HandStream(path);
      streams.push(stream);
      return stream as unknown as EventSource;
    },
    visible: () => visible,
    onVisible: (run) => {
      changed = run;
    },
  });
  return {
    feed,
    streams,
    open: () => streams.filter(({ readyState }) => readyState !== 2).map(({ path }) => path),
    wait(ms: number) {
      now += ms;
      for (const timer of timers.filter(({ at }) => at <= now)) {
        timers.splice(timers.indexOf(timer), 1);
        timer.run();
      }
    },
    show(to: boolean) {
      visible = to;
      changed();
    },
  };
}

describe('the live feed', () => {
  it('opens one stream for everything that is watched, and none when nobody watches', () => {
    const { feed, streams, open, wait } = place();
    const [b, a, again] = [feed.watch('b'), feed.watch('a 1'), feed.watch('b')];
    wait(50);
    expect(open()).toEqual(['/api/live?station=a%201&station=b']);
    b.stop();
    b.stop();
    wait(50);
    expect(streams).toHaveLength(1);
    again.stop();
    wait(50);
    expect(open()).toEqual(['/api/live?station=a%201']);
    a.stop();
    wait(50);
    expect(open()).toEqual([]);
  });

  it('is closed while the page is hidden and comes back by itself', () => {
    const { feed, open, wait, show, streams } = place();
    feed.watch('a');
    wait(50);
    streams[0]?.onopen?.();
    expect(feed.up.get()).toBe(true);
    show(false);
    wait(0);
    expect([open(), feed.up.get()]).toEqual([[], false]);
    show(true);
    wait(0);
    expect(open()).toEqual(['/api/live?station=a']);
  });

  it('tries again later and later where the server refuses, and leaves a broken line to the browser', () => {
    const { feed, streams, wait } = place();
    feed.watch('a');
    wait(50);
    streams[0]?.onopen?.();
    streams[0]?.onerror?.();
    wait(60_000);
    expect([streams.length, feed.up.get()]).toEqual([1, false]);
    for (const ms of [1000, 2000, 4000]) {
      const count = streams.length;
      const last = streams.at(-1);
      last?.close();
      last?.onerror?.();
      wait(ms - 1);
      expect(streams).toHaveLength(count);
      wait(1);
      expect(streams).toHaveLength(count + 1);
    }
  });

  it('keeps what was seen, and takes no notice of what it does not understand', () => {
    const { feed, streams, wait } = place();
    const { store, stop } = feed.watch('a');
    wait(50);
    streams[0]?.tags({ station: 'a', tags: [{ tag: 'x', name: 'Force', unit: 'N' }] });
    streams[0]?.say({ station: 'a', atMs: 5, values: { x: [1, null] } });
    for (const wrong of ['{', 'null', '{"station":"a"}', '{"station":"b","atMs":1,"values":{"x":[9]}}'])
      streams[0]?.say(wrong);
    expect(store.get()).toMatchObject({ tags: [{ name: 'Force' }], changedAt: 50 });
    expect(store.get().traces.get('x')?.values).toEqual([1, Number.NaN]);
    stop();
    wait(50);
    expect(feed.watch('a').store).toBe(store);
  });
});
