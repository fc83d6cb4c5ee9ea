import type { Value } from '@selvedge/connect';
import { describe, expect, it } from 'vitest';
import { observationOf } from './unit-input.js';

const PICTURE = Uint8Array.of(0x89, 0x50);
const reads =
  (values: Readonly<Record<string, Value>>) =>
  (tag: string): Value =>
    values[tag] ?? null;

describe('what equipment shows of a unit', () => {
  const both = { series: ['force', 'way'], picture: 'camera' };

  it('is a pair where tags of a trace and of a picture are named', () => {
    const { observation, lacks } = observationOf(
      both,
      reads({ force: [1, 2, 3], way: [4, 5, 6], camera: PICTURE }),
    );
    expect(lacks).toBeNull();
    expect(observation).toEqual({
      kind: 'pair',
      series: { kind: 'series', channels: 2, values: Float32Array.of(1, 4, 2, 5, 3, 6) },
      image: { kind: 'image', source: PICTURE },
    });
  });

  it.each([
    ['no picture', { force: [1, 2], way: [3, 4] }, 'series', 'the equipment gave no picture of the unit'],
    ['no trace', { camera: PICTURE }, 'image', 'the equipment gave no trace of the unit'],
    [
      'a channel that is shorter',
      { force: [1, 2], way: [3], camera: PICTURE },
      'image',
      'the equipment gave no trace of the unit',
    ],
    ['nothing', {}, undefined, 'the equipment gave no values of the unit'],
  ])('with %s is what there is of it, and says what is missing', (_, values, kind, why) => {
    const { observation, lacks } = observationOf(both, reads(values));
    expect([observation?.kind, lacks]).toEqual([kind, why]);
  });

  it('is a trace or a picture alone where nothing else is named', () => {
    const values = reads({ force: [1, 2], camera: PICTURE });
    expect(observationOf({ series: ['force'] }, values)).toMatchObject({
      observation: { kind: 'series' },
      lacks: null,
    });
    expect(observationOf({ picture: 'camera' }, values)).toMatchObject({
      observation: { kind: 'image' },
      lacks: null,
    });
  });
});
