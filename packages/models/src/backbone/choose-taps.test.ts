import { describe, expect, it } from 'vitest';
import { asFeatureMap, type Candidate, chooseTaps, gridFor } from './choose-taps.js';

const map = (name: string, cells: number, sum = false): Candidate => ({
  name,
  channels: 8,
  rows: cells,
  columns: cells,
  channelsLast: false,
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

  it('are told from other shapes, whichever axis holds the channels', () => {
    const square = { height: 224, width: 224 };
    expect(asFeatureMap('x', [1, 96, 14, 14], square)).toMatchObject({ channels: 96, channelsLast: false });
    expect(asFeatureMap('x', [1, 14, 14, 96], square)).toMatchObject({ channels: 96, channelsLast: true });
    expect(asFeatureMap('x', [1, 14, 14, 14], square)).toMatchObject({ channelsLast: false });
    expect(asFeatureMap('x', [1, 96, 10, 20], { height: 160, width: 320 })).toMatchObject({ rows: 10 });
    expect(asFeatureMap('x', [1, 96, 10, 20], square)).toBeNull();
    expect(asFeatureMap('x', [1, 197, 768], square)).toBeNull();
    expect(asFeatureMap('x', [1, 512, 1, 1], square)).toBeNull();
  });
});
