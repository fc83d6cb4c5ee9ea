import { describe, expect, it } from 'vitest';
import { openSession } from '../engine/engine.js';
import { toTensor } from '../engine/prepare.js';
import { areaUnderCurve, largestOf, macroF1 } from '../heads/measures.js';
import { createRandom } from '../heads/random.js';
import type { FittedModel, FitUnit } from '../recipes/recipe.js';
import { fitMap } from './fit-map.js';
import { generateMaps } from './generated-maps.js';
import { fitNetwork } from './network.js';
import { prepare } from './prepare.js';

const TEST = generateMaps({ good: 120, ring: 20, blob: 20, scratch: 20, random: 20 }, 77);
const BAD = Uint8Array.from(TEST, (unit) => (unit.label === 'good' ? 0 : 1));

async function runGraph(model: FittedModel, units: readonly FitUnit[]) {
  const { feeds, rows } = await prepare(units.map((unit) => unit.observation));
  expect(rows.length).toBe(units.length);
  const session = await openSession(model.onnx);
  const out = await session.run({ x: toTensor(feeds.x!) });
  const result = {
    scores: out.score!.data as Float32Array,
    chances: (out.class_scores?.data as Float32Array | undefined) ?? null,
  };
  await session.release();
  return result;
}

async function parity(model: FittedModel): Promise<number> {
  const { scores, chances } = await runGraph(model, TEST);
  const reference = await model.reference(TEST.map((unit) => unit.observation));
  let worst = 0;
  reference.forEach((expected, i) => {
    worst = Math.max(worst, Math.abs(expected.score - scores[i]!));
    expected.classScores?.forEach((p, c) => {
      worst = Math.max(worst, Math.abs(p - chances![i * expected.classScores!.length + c]!));
    });
  });
  return worst;
}

// A shared machine can make a fit five times as slow.
describe('fitMap', { timeout: 240_000 }, () => {
  it('novelty: learns from a few good maps and finds patterns that it never saw', async () => {
    const units = generateMaps({ good: 60 }, 1);
    const model = await fitMap(units, { recipe: 'auto', seed: 1 });
    const again = await fitMap(units, { recipe: 'auto', seed: 1 });
    expect(Buffer.compare(Buffer.from(again.onnx), Buffer.from(model.onnx))).toBe(0);
    expect(model.recipe).toBe('novelty');
    expect(model.classes).toBeNull();
    const { scores } = await runGraph(model, TEST);
    expect(areaUnderCurve(scores, BAD)).toBeGreaterThan(0.95);
    expect(await parity(model)).toBeLessThan(1e-3);
    expect(model.outOfFold.every(Number.isFinite)).toBe(true);
    // Out of fold a good unit looks as good units do later: neither much better nor much worse.
    const later = Array.from(scores).filter((_, i) => !BAD[i]);
    const middle = (values: readonly number[]): number =>
      [...values].sort((a, b) => a - b)[values.length >> 1]!;
    expect(Math.abs(middle(later) - middle([...model.outOfFold]))).toBeLessThan(1);
  });

  it('supervised on a small set: classes, score, parity, golden samples', async () => {
    const units = generateMaps({ good: 150, ring: 30, blob: 30, scratch: 30, random: 30, odd: 3 }, 2);
    const model = await fitMap(units, { recipe: 'supervised', seed: 1 });
    expect(model.classes).toEqual(['good', 'blob', 'random', 'ring', 'scratch']);
    const { scores, chances } = await runGraph(model, TEST);
    expect(areaUnderCurve(scores, BAD)).toBeGreaterThan(0.98);
    const truth = Int32Array.from(TEST, (unit) => model.classes!.indexOf(unit.label));
    expect(macroF1(largestOf(Float64Array.from(chances!), 5), truth, 5)).toBeGreaterThan(0.9);
    expect(await parity(model)).toBeLessThan(1e-3);
    expect(model.golden.length).toBe(8);
    const again = await model.reference(model.golden.map((g) => g.observation));
    expect(again).toEqual(model.golden.map((g) => g.expected));
  });

  it('labels without meaning give out-of-fold scores without meaning', async () => {
    const random = createRandom(4);
    const units = generateMaps({ good: 120 }, 3).map((unit) => ({
      ...unit,
      label: random.next() < 0.3 ? 'bad' : 'good',
    }));
    // Every map twice: a fold that saw its twin would know the label.
    const twins = units.flatMap((unit) => [unit, { ...unit, id: `${unit.id}-twin` }]);
    const model = await fitMap(twins, { recipe: 'supervised', seed: 1 });
    const bad = Uint8Array.from(twins, (unit) => (unit.label === 'good' ? 0 : 1));
    expect(areaUnderCurve(model.outOfFold, bad)).toBeLessThan(0.65);
  });

  it('sets damaged maps aside and refuses what cannot be fitted', async () => {
    const good = generateMaps({ good: 30 }, 5);
    const damaged: FitUnit = {
      id: 'damaged',
      label: 'good',
      observation: { kind: 'map', width: 4, height: 4, values: new Uint8Array(3) },
    };
    const model = await fitMap([damaged, ...good], { recipe: 'novelty', seed: 1 });
    expect(model.outOfFold[0]).toBeNaN();
    expect(model.outOfFold.subarray(1).every(Number.isFinite)).toBe(true);
    expect((await model.reference([damaged.observation]))[0]!.score).toBeNaN();
    await expect(fitMap(good, { recipe: 'supervised', seed: 1 })).rejects.toThrow(/bad units/);
    await expect(fitMap([damaged], { recipe: 'novelty', seed: 1 })).rejects.toThrow(/needs 16 codes, got 3/);
  });

  it('supervised on a large set trains vocabulary and networks', async () => {
    const units = generateMaps({ good: 1000, ring: 130, blob: 130, scratch: 130, random: 130 }, 6);
    const model = await fitMap(units, { recipe: 'supervised', seed: 3 });
    expect(model.name).toContain('network');
    const { scores, chances } = await runGraph(model, TEST);
    expect(areaUnderCurve(scores, BAD)).toBeGreaterThan(0.99);
    const truth = Int32Array.from(TEST, (unit) => model.classes!.indexOf(unit.label));
    expect(macroF1(largestOf(Float64Array.from(chances!), 5), truth, 5)).toBeGreaterThan(0.95);
    expect(await parity(model)).toBeLessThan(1e-3);
  });
});

describe('fitNetwork', () => {
  it('learns what no line can part; the seed alone decides its weights', async () => {
    const random = createRandom(9);
    const rows = 600;
    const values = Float32Array.from({ length: rows * 2 }, () => random.normal());
    const labels = Int32Array.from({ length: rows }, (_, i) =>
      values[2 * i]! * values[2 * i + 1]! > 0 ? 1 : 0,
    );
    const x = { values, rows, width: 2 };
    const head = await fitNetwork(x, labels, 2, { seed: 1, members: 2 });
    const p = head.predict(x);
    expect((await fitNetwork(x, labels, 2, { seed: 1, members: 2 })).predict(x)).toEqual(p);
    expect((await fitNetwork(x, labels, 2, { seed: 2, members: 2 })).predict(x)).not.toEqual(p);
    const right = labels.reduce((n, label, i) => n + ((p[2 * i + 1]! > 0.5 ? 1 : 0) === label ? 1 : 0), 0);
    expect(right / rows).toBeGreaterThan(0.85);
  });
});
