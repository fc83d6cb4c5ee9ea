import { describe, expect, it } from 'vitest';
import { areaUnderCurve, aucDifference } from '../heads/measures.js';
import { createRandom } from '../heads/random.js';
import { groupedGain } from './label-gain.js';

function scores(seed: number, parts: number, pictures: number) {
  const random = createRandom(seed);
  const [a, b, bad, groups]: [number[], number[], number[], string[]] = [[], [], [], []];
  for (let part = 0; part < parts; part++) {
    const label = part % 3 === 0 ? 1 : 0;
    const [ofA, ofB] = [random.normal() + label, random.normal() + label];
    for (let i = 0; i < pictures; i++) {
      a.push(ofA + 0.01 * random.normal());
      b.push(ofB + 0.01 * random.normal());
      bad.push(label);
      groups.push(`part-${part}`);
    }
  }
  return { a, b, bad, groups };
}

describe('groupedGain', () => {
  it('is the difference of the areas, and DeLong where every unit stands alone', () => {
    const { a, b, bad } = scores(3, 300, 1);
    const gain = groupedGain(a, b, bad);
    const labels = Uint8Array.from(bad);
    expect(gain.difference).toBeCloseTo(areaUnderCurve(a, labels) - areaUnderCurve(b, labels), 12);
    expect(gain.standardError / aucDifference(a, b, bad).standardError).toBeCloseTo(1, 2);
  });

  it('does not take six pictures of one part for six parts', () => {
    const { a, b, bad, groups } = scores(5, 60, 6);
    const together = groupedGain(a, b, bad, groups).standardError;
    // Copies of one picture carry one picture's information: the error is that of the parts, sqrt(6) times larger.
    expect(together / groupedGain(a, b, bad).standardError).toBeGreaterThan(2.2);
    expect(together / groupedGain(a, b, bad).standardError).toBeLessThan(2.6);
  });
});
