import { describe, expect, it } from 'vitest';
import { readNumbers } from './number-table.js';

const read = (text: string, observed: Parameters<typeof readNumbers>[1]) =>
  readNumbers(Buffer.from(text), observed);
const SERIES = { kind: 'series' as const, channels: [{ name: 'force', unit: 'kN' }] };
const ROW = { kind: 'row' as const, columns: ['a', 'b'] };
const SCORE = { kind: 'score' as const, direction: 'higher-worse' as const };

describe('a table of numbers', () => {
  it('is a row, a score or a map as its station says', () => {
    expect(read('b,a,c\n1,2,3\n', ROW)).toEqual({ kind: 'row', values: Float64Array.of(2, 1) });
    expect(read('a,b,note\n1,2,late shift\n', ROW)).toEqual({ kind: 'row', values: Float64Array.of(1, 2) });
    expect(read('5;\n', ROW)).toEqual({ kind: 'row', values: Float64Array.of(5, Number.NaN) });
    expect(read('0.25', SCORE)).toEqual({ kind: 'row', values: Float64Array.of(0.25) });
    expect(read('\ufeffScore\n-1e3\n', SCORE)).toEqual({ kind: 'row', values: Float64Array.of(-1000) });
    const codes = Array.from({ length: 12 }, () => Array.from({ length: 12 }, () => 1).join(',')).join('\n');
    expect(read(codes, { kind: 'map' })).toMatchObject({ kind: 'map', width: 12, height: 12 });
    expect(read('"force"\n1\n\n2\n', SERIES)).toEqual({
      kind: 'series',
      channels: 1,
      values: Float32Array.of(1, 2),
    });
  });

  it.each([
    ['', SERIES, /no row of numbers/],
    ['force\n', SERIES, /no row of numbers/],
    ['1\n2\n', SCORE, /has 2 rows of numbers, one is expected/],
    ['a,b\n1,high\n', ROW, /no number for b/],
    ['a,b\n-Infinity,1\n', ROW, /no number for a/],
    ['score,note\n,late\n', SCORE, /no number for score/],
    ['1,2,3\n', ROW, /has 3 columns, the station has 2: a, b/],
    ['1\n\u0000\n', SERIES, /no text/],
    ['1\n"2\n', SERIES, /no table/],
    ['1\nInfinity\n', SERIES, /row 2 has no number for force/],
    ['0,1\n1,7\n', { kind: 'map' as const }, /codes other than 0, 1 and 2/],
    [
      '1,2\n',
      { kind: 'series' as const, channels: [{ name: 'f', unit: '1' }] },
      /2 channels, the station has 1/,
    ],
  ])('%j is refused in words', (text, observed, why) => {
    expect(() => read(text, observed)).toThrow(why);
  });

  it('has bounds', () => {
    expect(() => read('1\n'.repeat(100_001), SERIES)).toThrow(/100001 samples, at most 100000/);
    expect(() => read('1,'.repeat(10_001), ROW)).toThrow(/columns, at most 10000/);
  });
});
