import { describe, expect, it } from 'vitest';
import type { Dataset, DatasetItem } from './dataset.js';
import { itemOf, type Ref, splitDataset } from './split.js';

const set = (count: number, of: (i: number) => Partial<DatasetItem>): Dataset => ({
  name: 'set',
  layout: 'table',
  observation: 'row',
  featureNames: ['a', 'b', 'c', 'd'],
  items: Array.from({ length: count }, (_, i) => ({
    id: `u${i}`,
    label: i % 10 === 0 ? 'bad' : 'good',
    group: null,
    atMs: null,
    split: null,
    source: `set.csv:${i + 2}`,
    fault: null,
    contentHash: `h${i}`,
    surface: null,
    ...of(i),
  })),
  hash: '',
  notes: [],
  read: async () => ({ kind: 'row', values: new Float64Array(4) }),
  close: async () => {},
});
const split = (data: Dataset, seed = 1) => splitDataset(data, { calibrate: null, stream: null, seed });
const ids = (refs: readonly Ref[]) => refs.map((r) => itemOf(r).id);
const sizes = (s: ReturnType<typeof split>) => [s.fit.length, s.calibrate.length, s.stream.length];
const partsOf = (s: ReturnType<typeof split>, key: (i: DatasetItem) => string | null) => {
  const seen = new Map<string | null, Set<string>>();
  for (const part of ['fit', 'calibrate', 'stream'] as const)
    for (const ref of s[part]) {
      const k = key(itemOf(ref));
      seen.set(k, (seen.get(k) ?? new Set()).add(part));
    }
  return [...seen.values()].map((parts) => parts.size);
};

describe('splitDataset', () => {
  it('cuts by time 30/40/30 whatever the order of the file', () => {
    const s = split(set(100, (i) => ({ atMs: 1000 - i })));
    expect(sizes(s)).toEqual([30, 40, 30]);
    expect(ids(s.stream)).toEqual(Array.from({ length: 30 }, (_, i) => `u${29 - i}`));
    expect(s.orderUnknown).toBe(false);
  });
  it('refuses a time that only some units have', () => {
    expect(() => split(set(10, (i) => ({ atMs: i === 4 ? null : i })))).toThrow(
      expect.objectContaining({ code: 'missing-time' }),
    );
  });
  it.each([
    ['fit', 'calibrate', 'stream'],
    ['train', 'val', 'test'],
  ] as const)('follows a column of %s, %s, %s', (a, b, c) => {
    const s = split(set(60, (i) => ({ split: i < 10 ? a : i < 30 ? b : c })));
    expect(sizes(s)).toEqual([10, 20, 30]);
  });
  it.each(['val', 'test'] as const)('cuts %s alone 60/40', (name) => {
    const s = split(set(120, (i) => ({ split: i < 20 ? 'train' : name })));
    expect(sizes(s)).toEqual([20, 60, 40]);
  });
  it('shuffles with exact strata, the same for the same seed only', () => {
    const data = set(200, () => ({}));
    const s = split(data);
    const bads = (refs: readonly Ref[]) => refs.filter((r) => itemOf(r).label === 'bad').length;
    expect(sizes(s)).toEqual([60, 80, 60]);
    expect([bads(s.fit), bads(s.calibrate), bads(s.stream)]).toEqual([6, 8, 6]);
    expect(ids(split(data).stream)).toEqual(ids(s.stream));
    expect(ids(split(data, 2).stream)).not.toEqual(ids(s.stream));
    expect(s.warnings.map((w) => w.code)).toContain('order-unknown');
  });
  it('keeps whole groups and equal items on one side', () => {
    const grouped = split(set(200, (i) => ({ group: `g${i % 40}` })));
    expect(new Set(partsOf(grouped, (i) => i.group))).toEqual(new Set([1]));
    const equal = split(set(200, (i) => ({ contentHash: `h${i % 100}` })));
    expect(new Set(partsOf(equal, (i) => i.contentHash))).toEqual(new Set([1]));
  });
  it('moves a chain of group and content whole to the earliest part, and says so', () => {
    const s = split(
      set(100, (i) => ({
        atMs: i,
        ...(i === 5 || i === 50 ? { group: 'g' } : {}),
        ...(i === 50 || i === 90 ? { contentHash: 'same' } : {}),
      })),
    );
    expect(sizes(s)).toEqual([32, 39, 29]);
    expect(ids(s.fit)).toEqual(expect.arrayContaining(['u5', 'u50', 'u90']));
    expect(s.warnings.map((w) => w.code)).toContain('duplicate-items');
  });
  it('does not tie equal scores or equal narrow rows', () => {
    const data = set(100, (i) => ({ atMs: i, contentHash: 'same' }));
    expect(sizes(split({ ...data, observation: 'score', featureNames: null }))).toEqual([30, 40, 30]);
    expect(sizes(split({ ...data, featureNames: ['a', 'b', 'c'] }))).toEqual([30, 40, 30]);
    expect(() => split(data)).toThrow(expect.objectContaining({ code: 'empty-split' }));
  });
});
