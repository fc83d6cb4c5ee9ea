import { describe, expect, it } from 'vitest';
import { observationOf } from './unit-message.js';

const image = Buffer.from('a picture').toString('base64');

describe('what a message shows of a unit', () => {
  it('is a pair where it brings a trace and a picture', () => {
    const seen = observationOf({
      id: 'u1',
      series: [
        [1, 2],
        [3, 4],
      ],
      image,
    });
    expect(seen).toEqual({
      kind: 'pair',
      series: { kind: 'series', channels: 2, values: Float32Array.of(1, 2, 3, 4) },
      image: { kind: 'image', source: Buffer.from('a picture') },
    });
  });

  it('is what it brings alone', () => {
    expect(observationOf({ id: 'u1', series: [[1], [2]] })).toMatchObject({ kind: 'series', channels: 1 });
    expect(observationOf({ id: 'u1', image }).kind).toBe('image');
    expect(observationOf({ id: 'u1', row: [1, null] })).toEqual({
      kind: 'row',
      values: Float64Array.of(1, Number.NaN),
    });
    expect(observationOf({ id: 'u1', score: 0.5 })).toEqual({ kind: 'row', values: Float64Array.of(0.5) });
  });

  it.each([
    ['nothing', {}],
    ['a row and a picture', { row: [1], image }],
    ['a score and a trace', { score: 1, series: [[1]] }],
    ['a score and a pair', { score: 1, series: [[1]], image }],
    ['a trace whose samples differ in length', { series: [[1, 2], [3]] }],
  ])('is refused with %s', (_, message) => {
    expect(() => observationOf({ id: 'u1', ...message })).toThrow();
  });
});
