import { describe, expect, it } from 'vitest';
import { asFeatureMap, type Candidate, chooseTaps, gridFor } from './choose-taps.js';

const map = (name: string, cells: number, sum = false): Candidate => ({
  name,
  channels: 8,
  rows: cells,
  columns: cells,
  layout: 'channels-first',
  skip: 0,
  sum,
});

const names = (maps: readonly Candidate[]): string[] => chooseTaps(maps, 14).map(({ name }) => name);

describe('feature maps of a foreign network', () => {
  it('are the last of the grid and the last of twice the grid', () => {
    const network = [map('a', 56), map('b', 28), map('c', 28), map('d', 14), map('e', 14), map('f', 7)];
    expect(names(network)).toEqual(['e', 'c']);
  });

  it('are the last sums where blocks end in sums', () => {
    const network = [map('b', 28, true), map('c', 28), map('d', 14, true), map('e', 14, true), map('f', 14)];
    expect(names(network)).toEqual(['e', 'b']);
  });

  it('are the nearest there are, and none where all are far', () => {
    expect(names([map('a', 56), map('b', 18)])).toEqual(['b']);
    expect(names([map('a', 37), map('b', 19)])).toEqual(['b', 'a']);
    expect(names([map('a', 112), map('b', 57), map('c', 6), map('d', 1)])).toEqual([]);
  });

  it('lie on the nearest grid of powers of two', () => {
    expect([5, 8, 14, 17, 19, 21, 37, 100].map((n) => gridFor(map('x', n), 14))).toEqual([
      7, 7, 14, 14, 14, 28, 28, 56,
    ]);
  });

  it('are told from other shapes, wherever the channels lie', () => {
    const read = (dims: number[], height = 224, width = 224) => {
      const found = asFeatureMap('x', dims, { pictures: 1, height, width });
      return found && [found.layout, found.channels, found.rows, found.columns, found.skip];
    };
    expect(read([1, 96, 14, 14])).toEqual(['channels-first', 96, 14, 14, 0]);
    expect(read([1, 14, 14, 96])).toEqual(['channels-last', 96, 14, 14, 0]);
    expect(read([1, 14, 14, 14])).toEqual(['channels-first', 14, 14, 14, 0]);
    expect(read([1, 96, 10, 20], 160, 320)).toEqual(['channels-first', 96, 10, 20, 0]);
    expect(read([1, 96, 10, 20])).toBeNull();
    expect(read([1, 512, 1, 1])).toBeNull();
    expect(read([64, 12, 49, 49])).toBeNull();
    expect(read([1, 196, 384])).toEqual(['tokens', 384, 14, 14, 0]);
    expect(read([1, 197, 768])).toEqual(['tokens', 768, 14, 14, 1]);
    expect(read([1, 261, 384])).toEqual(['tokens', 384, 16, 16, 5]);
    expect(read([1, 201, 384], 160, 320)).toEqual(['tokens', 384, 10, 20, 1]);
    expect(read([1, 210, 384])).toBeNull();
    expect(read([1, 1000, 4])).toBeNull();
  });
});
