import { createRandom } from '../heads/random.js';
import { texture } from '../image/generated-pictures.js';
import type { PairObservation } from '../observe/observation.js';
import type { FitUnit } from '../recipes/recipe.js';

/** Seeded pairs for tests: a bad one has a dent in its trace, a scratch in its picture, or both, in turn. */
export async function pairs(count: number, badCount: number, seed: number): Promise<FitUnit[]> {
  const random = createRandom(seed);
  const units: FitUnit[] = [];
  for (let i = 0; i < count; i++) {
    const label = i >= badCount ? 'good' : ((['dent', 'scratch', 'both'] as const)[i % 3] ?? 'good');
    const dent = label === 'dent' || label === 'both';
    const scratch = label === 'scratch' || label === 'both';
    const at = 5 + random.below(20);
    const values = Float32Array.from({ length: 40 }, (_, k) => {
      const low = dent && k >= at && k < at + 10 ? 3 : 0;
      return 10 + 3 * Math.sin((6 * k) / 40) + random.normal() - low;
    });
    const source = await texture(random, 96, scratch);
    const observation: PairObservation = {
      kind: 'pair',
      series: { kind: 'series', channels: 1, values },
      image: { kind: 'image', source },
    };
    units.push({ id: `p${i}`, label, observation });
  }
  return units;
}
