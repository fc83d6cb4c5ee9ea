import { describe, expect, it } from 'vitest';
import { openRunner } from '../engine/runner.js';
import { areaUnderCurve } from '../heads/measures.js';
import { createRandom } from '../heads/random.js';
import type { FitUnit } from '../recipes/recipe.js';
import { fitImage } from './fit-image.js';
import { texture } from './generated-pictures.js';

async function pictures(seed: number, good: number, bad: number): Promise<FitUnit[]> {
  const random = createRandom(seed);
  const units: FitUnit[] = [];
  for (let i = 0; i < good + bad; i++) {
    const source = await texture(random, 120, i >= good);
    units.push({ id: `u${i}`, label: i < good ? 'good' : 'scratch', observation: { kind: 'image', source } });
  }
  return units;
}

const bads = (units: readonly FitUnit[]): number[] => units.map((unit) => (unit.label === 'good' ? 0 : 1));

describe('fitImage', () => {
  it('finds scratches from good pictures alone, and the graph says what the reference says', {
    timeout: 60_000,
  }, async () => {
    const fit = await pictures(1, 24, 0);
    const later = await pictures(2, 16, 16);
    const model = await fitImage(fit, { recipe: 'novelty', seed: 7 });
    const runner = await openRunner(model, 1);
    const said = await runner.score(later.map((unit) => unit.observation));
    expect(
      areaUnderCurve(
        said.map((s) => s.score),
        bads(later),
      ),
    ).toBeGreaterThan(0.95);
    const expected = await model.reference(later.slice(12, 20).map((unit) => unit.observation));
    expected.forEach(({ score }, i) => {
      expect(Math.abs(score - said[12 + i]!.score)).toBeLessThan(1e-3 * score);
    });
    const heat = await runner.heat(later[20]!.observation);
    expect([heat?.width, heat?.height, heat?.values.length]).toEqual([12, 12, 144]);
    await runner.release();
    const again = await fitImage(fit, { recipe: 'novelty', seed: 7 });
    expect(Buffer.compare(again.onnx, model.onnx)).toBe(0);
  });

  it('learns from labels, keeps damaged pictures out and says NaN of them', { timeout: 60_000 }, async () => {
    const fit = await pictures(3, 30, 24);
    const whole = fit[0]!.observation;
    if (whole.kind !== 'image') throw new Error('a picture was expected');
    const broken = { kind: 'image' as const, source: (whole.source as Uint8Array).subarray(0, 400) };
    const model = await fitImage([...fit, { id: 'cut', label: 'good', observation: broken }], {
      recipe: 'supervised',
      seed: 7,
    });
    expect(model.recipe).toBe('supervised');
    expect(model.outOfFold[fit.length]).toBeNaN();
    expect(areaUnderCurve(model.outOfFold.subarray(0, fit.length), bads(fit))).toBeGreaterThan(0.9);
    const runner = await openRunner(model, 1);
    const [first, cut] = await runner.score([whole, broken]);
    const [expected] = await model.reference([whole]);
    expect(Math.abs(first!.score - expected!.score)).toBeLessThan(1e-2);
    expect(cut?.score).toBeNaN();
    expect(cut?.fault).toContain('cannot be decoded');
    await runner.release();
  });

  it('compares each picture with its own template where all have one', { timeout: 60_000 }, async () => {
    const random = createRandom(5);
    const units: FitUnit[] = [];
    for (let i = 0; i < 20; i++) {
      const again = 100 + i;
      const template = await texture(createRandom(again), 120, false);
      const source = i < 12 ? template : await texture(createRandom(again), 120, true);
      units.push({
        id: `p${i}`,
        label: i < 12 ? 'good' : 'scratch',
        observation: { kind: 'image', source, template },
      });
    }
    random.shuffle(units);
    const model = await fitImage(units, { recipe: 'novelty', seed: 3 });
    const runner = await openRunner(model, 1);
    const said = await runner.score(units.map((unit) => unit.observation));
    expect(
      areaUnderCurve(
        said.map((s) => s.score),
        bads(units),
      ),
    ).toBe(1);
    const [expected] = await model.reference([units[0]!.observation]);
    expect(said[0]!.score).toBeCloseTo(expected!.score, 3);
    await runner.release();
  });

  it('says what is missing', async () => {
    await expect(fitImage(await pictures(1, 3, 2), { recipe: 'novelty', seed: 1 })).rejects.toThrow(
      /at least 5 readable good/,
    );
  });
});
