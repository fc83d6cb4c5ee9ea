import { describe, expect, it } from 'vitest';
import { openScorer } from '../engine/scorer.js';
import { areaUnderCurve } from '../heads/measures.js';
import type { Observation, PairObservation } from '../observe/observation.js';
import { fitModel } from '../recipes/fit-model.js';
import type { FitUnit } from '../recipes/recipe.js';
import { pairs } from './generated-pairs.js';

const bad = (units: readonly FitUnit[]): number[] => units.map(({ label }) => Number(label !== 'good'));
const seen = (units: readonly FitUnit[]): PairObservation[] =>
  units.map(({ observation }) => observation as PairObservation);

describe('a trace and a picture of one unit', async () => {
  const fit = await pairs(48, 9, 1);
  const test = await pairs(48, 24, 2);
  const model = await fitModel(fit, { recipe: 'novelty', seed: 3 });

  it('find together what each misses alone', async () => {
    const scorer = await openScorer(model, { workers: 0 });
    const both = (await scorer.score(seen(test))).map(({ score }) => score);
    await scorer[Symbol.asyncDispose]();
    const alone = async (part: 'series' | 'image'): Promise<number> => {
      const of = (units: readonly FitUnit[]) =>
        units.map((unit) => ({ ...unit, observation: (unit.observation as PairObservation)[part] }));
      const own = await fitModel(of(fit), { recipe: 'novelty', seed: 3 });
      const single = await openScorer(own, { workers: 0 });
      const said = await single.score(of(test).map(({ observation }) => observation));
      await single[Symbol.asyncDispose]();
      return areaUnderCurve(
        said.map(({ score }) => score),
        bad(test),
      );
    };
    const [series, image] = [await alone('series'), await alone('image')];
    const auc = areaUnderCurve(both, bad(test));
    expect(auc).toBeGreaterThan(Math.max(series, image));
    expect(auc).toBeGreaterThan(0.9);
    expect(model.name).toMatch(/^novelty\/pair-v1\/sum: novelty\/series-v1\/.* \+ novelty\/picture-v1\//);
  });

  it('are one graph that says what the fit says, in a worker too, with a heat map of the picture', async () => {
    const units = seen(test).slice(0, 12);
    const expected = await model.reference(units);
    for (const workers of [0, 1]) {
      const scorer = await openScorer(model, { workers });
      const said = await scorer.score(units);
      said.forEach(({ score }, i) => {
        const wanted = expected[i]?.score ?? Number.NaN;
        expect(Math.abs(score - wanted)).toBeLessThan(1e-3 * (1 + wanted));
      });
      const heat = await scorer.heat(units[0] as Observation);
      expect(heat?.values).toHaveLength((heat?.width ?? 0) * (heat?.height ?? 0));
      expect(heat?.width).toBeGreaterThan(4);
      await scorer[Symbol.asyncDispose]();
    }
    expect(model.golden).toHaveLength(8);
    expect(model.inputShape).toEqual([40, 1, 192, 3]);
  });

  it('have no score where one of them is missing or damaged, and take no other unit along', async () => {
    const scorer = await openScorer(model, { workers: 0 });
    const [whole] = seen(test);
    if (whole === undefined) throw new Error('no unit');
    const { series, image } = whole;
    const said = await scorer.score([
      whole,
      series,
      image,
      { ...whole, series: { ...series, values: Float32Array.from(series.values, () => Number.NaN) } },
      { ...whole, image: { kind: 'image', source: Uint8Array.of(1, 2, 3) } },
      { ...whole, series: { ...series, values: series.values.slice(0, 10) } },
      whole,
    ]);
    await scorer[Symbol.asyncDispose]();
    expect(said[6]?.score).toBeCloseTo(said[0]?.score ?? Number.NaN, 4);
    expect(Number.isFinite(said[0]?.score)).toBe(true);
    expect(said.slice(1, 6).every(({ score }) => Number.isNaN(score))).toBe(true);
    expect(said.map(({ fault }) => fault)).toEqual([
      undefined,
      'expected a pair, got series',
      'expected a pair, got image',
      'value 1 of the series is not a finite number',
      expect.stringMatching(/^picture cannot be decoded: /),
      'expected 40 samples, got 10',
      undefined,
    ]);
  });

  it('give the same bytes from the same units and seed, and scores out of fold for each', async () => {
    const again = await fitModel(fit, { recipe: 'novelty', seed: 3 });
    expect(Buffer.from(again.onnx).equals(Buffer.from(model.onnx))).toBe(true);
    expect(again.outOfFold.every((score) => Number.isFinite(score))).toBe(true);
  });
});

it('labels teach a pair its classes; a damaged unit costs the fit no other', async () => {
  const units = await pairs(60, 30, 4);
  const [first] = units;
  if (first === undefined) throw new Error('no unit');
  const broken = {
    ...(first.observation as PairObservation),
    image: { kind: 'image' as const, source: '/none' },
  };
  const fit = [{ ...first, id: 'broken', observation: broken }, ...units];
  const model = await fitModel(fit, { recipe: 'supervised', seed: 1 });
  expect(model.recipe).toBe('supervised');
  expect(model.outOfFold[0]).toBeNaN();
  expect(model.classes).toEqual(['good', 'both', 'dent', 'scratch']);
  const observations = units.slice(0, 12).map(({ observation }) => observation);
  const expected = await model.reference(observations);
  const scorer = await openScorer(model, { workers: 0 });
  const said = await scorer.score(observations);
  await scorer[Symbol.asyncDispose]();
  said.forEach(({ score, classScores }, i) => {
    const wanted = expected[i];
    expect(Math.abs(score - (wanted?.score ?? Number.NaN))).toBeLessThan(1e-3 * (1 + Math.abs(score)));
    expect([...(classScores ?? [])].reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 4);
    classScores?.forEach((share, c) => {
      expect(Math.abs(share - (wanted?.classScores?.[c] ?? Number.NaN))).toBeLessThan(1e-3);
    });
  });
});
