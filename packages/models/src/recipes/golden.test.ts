import { describe, expect, it } from 'vitest';
import { goldenOf, namedClasses } from './golden.js';
import type { FitUnit } from './recipe.js';

const units = (count: number): FitUnit[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `u${i}`,
    label: 'good',
    observation: { kind: 'row', values: Float64Array.of(i) },
  }));

describe('golden units', () => {
  it('are eight from the lowest score to the highest, each with what the recipe says of it', async () => {
    const scores = Float64Array.from({ length: 50 }, (_, i) => (i * 7) % 50);
    const golden = await goldenOf(units(50), scores, async (observations) =>
      observations.map((o) => ({ score: o.kind === 'row' ? scores[o.values[0]!]! : Number.NaN })),
    );
    expect(golden.map(({ expected }) => expected.score)).toEqual([0, 7, 14, 21, 28, 35, 42, 49]);
  });

  it('are all there are of fewer', async () => {
    for (const count of [0, 1, 3]) {
      const golden = await goldenOf(units(count), new Float64Array(count), async (some) =>
        some.map(() => ({ score: 0 })),
      );
      expect(golden).toHaveLength(count);
    }
  });
});

describe('classes of a class head', () => {
  const times = (label: string, count: number): string[] => new Array<string>(count).fill(label);

  it('are good and the bad ones of eight units or more, in one order', () => {
    const labels = [...times('tear', 8), ...times('good', 3), ...times('stain', 9), ...times('rare', 7)];
    expect(namedClasses(labels)).toEqual(['good', 'stain', 'tear']);
  });

  it('are none where fewer than two bad ones have so many', () => {
    expect(namedClasses([...times('good', 90), ...times('tear', 40), ...times('rare', 7)])).toBeNull();
  });
});
