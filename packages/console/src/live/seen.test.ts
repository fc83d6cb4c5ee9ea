import { describe, expect, it } from 'vitest';
import { frameOf, type GrowingTrace, NOTHING_SEEN, type Seen, withTags, withValues } from './seen.js';

const TAGS = [{ tag: 'a', name: 'Offset', unit: 'mm' }];
const after = (...lists: (number | null)[][]): Seen =>
  lists.reduce<Seen>((seen, list, i) => withValues(seen, { a: list }, i), NOTHING_SEEN);
const traceOf = (seen: Seen): GrowingTrace => {
  const trace = seen.traces.get('a');
  if (trace === undefined) throw new Error('no trace');
  return trace;
};
const ramp = (n: number, to = 1) => Array.from({ length: n }, (_, i) => (to * i) / Math.max(1, n - 1));

describe('what is seen of a unit', () => {
  it('grows, and keeps the unit before when another begins', () => {
    const first = traceOf(after([1], [1, 2], [1, 2, 3]));
    expect(first).toMatchObject({ values: [1, 2, 3], before: [], rooms: [] });
    const second = traceOf(after([1], [1, 2, 3], [4]));
    expect(second).toEqual({ values: [4], before: [1, 2, 3], rooms: [{ low: 1, high: 3, length: 3 }] });
    // An empty list begins a unit; the one before stays until the next is done.
    expect(traceOf(after([1, 2, 3], [], [4, 5]))).toMatchObject({ values: [4, 5], before: [1, 2, 3] });
  });

  it('knows another unit by its beginning where so much was missed that it is longer', () => {
    expect(traceOf(after([1, 2], [5, 6, 7]))).toMatchObject({ values: [5, 6, 7], before: [1, 2] });
    expect(traceOf(after([1, null], [1, null, 7]))).toMatchObject({ before: [], rooms: [] });
  });

  it('keeps a list drawn that has no good value, and takes a value that is no list as it is', () => {
    const gone = withValues(after([1, 2]), { a: null }, 9);
    expect(traceOf(gone).values).toEqual([1, 2]);
    expect([[...gone.lost], gone.changedAt]).toEqual([['a'], 0]);
    expect([...withValues(gone, { a: [1, 2, 3] }, 10).lost]).toEqual([]);
    const seen = withValues(withTags(gone, TAGS), { b: 'u7', c: null, d: false }, 10);
    expect([...seen.scalars]).toEqual([
      ['b', 'u7'],
      ['c', null],
      ['d', false],
    ]);
    expect(seen).toMatchObject({ tags: TAGS, changedAt: 10 });
  });
});

describe('the frame of a trace', () => {
  it('is none without a number, and stands still once a unit is known', () => {
    expect(frameOf({ values: [Number.NaN], before: [], rooms: [] })).toBeNull();
    const known = { before: [], rooms: [{ low: 0.31, high: 7.7, length: 240 }] };
    const frames = [1, 17, 90, 240].map((n) => frameOf({ ...known, values: ramp(n, 7) }));
    for (const frame of frames) expect(frame).toEqual(frames[0]);
    expect(frames[0]).toMatchObject({ length: 240, around: false });
    expect(frames[0]?.low).toBeLessThanOrEqual(0);
    expect(frames[0]?.high).toBeGreaterThanOrEqual(7.7);
  });

  it('moves in few steps while the first unit grows', () => {
    const lengths = new Set<number>();
    for (let n = 1; n <= 240; n++) {
      const frame = frameOf({ values: ramp(n), before: [], rooms: [] });
      expect(frame?.length).toBeGreaterThanOrEqual(n);
      lengths.add(frame?.length ?? 0);
    }
    expect([...lengths]).toEqual([1, 2, 3, 5, 8, 10, 20, 30, 50, 80, 100, 200, 300]);
  });

  it('has zero in its middle where the trace goes to both sides, and not for a little noise below', () => {
    expect(frameOf({ values: [-0.3, 0.72], before: [], rooms: [] })).toMatchObject({
      ...{ low: -0.8, high: 0.8, around: true },
    });
    expect(frameOf({ values: [-0.01, 40], before: [], rooms: [] })).toMatchObject({ around: false });
    expect(frameOf({ values: [5, 5], before: [], rooms: [] })).toMatchObject({ low: 0, high: 10 });
    expect(frameOf({ values: [0], before: [], rooms: [] })).toMatchObject({ low: -1, high: 1 });
  });

  it('forgets a spike after twenty units', () => {
    const lists = [ramp(9, 1e6), ...Array.from({ length: 20 }, (_, i) => [1 + i, ...ramp(8)])];
    expect(frameOf(traceOf(after(...lists)))?.high).toBeGreaterThanOrEqual(1e6);
    expect(frameOf(traceOf(after(...lists, [0.5])))?.high).toBeLessThan(40);
  });
});
