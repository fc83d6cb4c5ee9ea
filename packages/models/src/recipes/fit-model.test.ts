import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openScorer } from '../engine/scorer.js';
import { areaUnderCurve } from '../heads/measures.js';
import { createRandom } from '../heads/random.js';
import { FitError } from './fit-error.js';
import { fitModel } from './fit-model.js';
import type { FitUnit } from './recipe.js';

function traces(
  count: number,
  badShare: number,
  seed: number,
  lengths: readonly [number, number] = [40, 40],
): FitUnit[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, i) => {
    const length = lengths[0] + random.below(lengths[1] - lengths[0] + 1);
    const bad = random.next() < badShare;
    const dent = Math.floor(length * 0.5 * random.next());
    const values = Float32Array.from({ length }, (_, k) => {
      const inDent = bad && k >= dent && k < dent + length / 4;
      return 10 + 3 * Math.sin((6 * k) / length) + random.normal() - (inDent ? 3 : 0);
    });
    const label = bad ? (dent < length / 4 ? 'early' : 'late') : 'good';
    return { id: `u${i}`, label, observation: { kind: 'series', channels: 1, values } };
  });
}

function rows(count: number, badShare: number, seed: number): FitUnit[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, i) => {
    const bad = random.next() < badShare;
    const common = random.normal();
    const values = Float64Array.from({ length: 6 }, () =>
      random.next() < 0.03 ? Number.NaN : common + 0.4 * random.normal(),
    );
    if (bad) values[1] = -common + (common > 0 ? -1 : 1);
    return { id: `r${i}`, label: bad ? 'bad' : 'good', observation: { kind: 'row', values } };
  });
}

const isBad = (units: readonly FitUnit[]): number[] => units.map((unit) => (unit.label === 'good' ? 0 : 1));

describe('fitModel', () => {
  it.each([
    ['series', traces],
    ['rows with empty cells', rows],
  ] as const)(
    '%s: novelty and supervised find bad units, and the graph says what the fit says',
    async (_, make) => {
      const fit = make(300, 0.2, 1);
      const test = make(400, 0.3, 2);
      for (const recipe of ['novelty', 'supervised'] as const) {
        const model = await fitModel(fit, { recipe, seed: 4 });
        const observations = test.map((unit) => unit.observation);
        const expected = await model.reference(observations);
        const scorer = await openScorer(model);
        const said = await scorer.score(observations);
        await scorer[Symbol.asyncDispose]();
        const gap = said.reduce((max, s, i) => Math.max(max, Math.abs(s.score - expected[i]!.score)), 0);
        expect(gap).toBeLessThan(5e-3);
        expect(
          areaUnderCurve(
            said.map((s) => s.score),
            isBad(test),
          ),
        ).toBeGreaterThan(0.85);
        expect(model.recipe).toBe(recipe);
        expect(model.golden.length).toBe(8);
        expect(model.outOfFold.every((score) => Number.isFinite(score))).toBe(true);
      }
    },
  );

  it('traces of different lengths', async () => {
    const model = await fitModel(traces(200, 0.2, 5, [30, 60]), { recipe: 'novelty', seed: 1 });
    const test = traces(200, 0.4, 6, [20, 80]);
    const scorer = await openScorer(model);
    const said = await scorer.score(test.map((unit) => unit.observation));
    await scorer[Symbol.asyncDispose]();
    expect(said.every((s) => Number.isFinite(s.score))).toBe(true);
    expect(
      areaUnderCurve(
        said.map((s) => s.score),
        isBad(test),
      ),
    ).toBeGreaterThan(0.75);
  });

  it('gives the same bytes for the same seed', async () => {
    const fit = traces(120, 0.25, 7);
    const bytes = async (seed: number): Promise<Buffer> =>
      Buffer.from((await fitModel(fit, { recipe: 'supervised', seed })).onnx);
    expect((await bytes(1)).equals(await bytes(1))).toBe(true);
  });

  it('calls named bad classes where there are enough units of each', async () => {
    const model = await fitModel(traces(400, 0.3, 8), { recipe: 'supervised', seed: 1 });
    expect(model.classes).toEqual(['good', 'early', 'late']);
    const test = traces(300, 0.4, 9);
    const said = await model.reference(test.map((unit) => unit.observation));
    const hits = said.filter((s, i) => {
      const shares = Array.from(s.classScores!);
      return model.classes![shares.indexOf(Math.max(...shares))] === test[i]!.label;
    });
    expect(hits.length / said.length).toBeGreaterThan(0.75);
  });

  it('auto stays with novelty below 20 bad units and says so', async () => {
    const model = await fitModel(traces(200, 0.05, 10), { recipe: 'auto', seed: 1 });
    expect(model.recipe).toBe('novelty');
    expect(model.why).toMatch(/fewer than 20/);
  });

  it('auto takes labels that help by more than noise, and leaves labels without meaning', async () => {
    const random = createRandom(12);
    // The bad ones differ in a direction in which the good ones vary more: only labels can tell.
    const helpful: FitUnit[] = Array.from({ length: 300 }, (_, i) => {
      const bad = i % 5 === 0;
      const values = Float64Array.from(
        { length: 5 },
        (_, j) => random.normal() * (j === 0 ? 1 : 2) + (bad && j === 0 ? 1.8 : 0),
      );
      return { id: `h${i}`, label: bad ? 'bad' : 'good', observation: { kind: 'row', values } };
    });
    expect((await fitModel(helpful, { recipe: 'auto', seed: 1 })).recipe).toBe('supervised');
    const shuffled = helpful.map((unit) => ({ ...unit, label: random.next() < 0.2 ? 'bad' : 'good' }));
    const model = await fitModel(shuffled, { recipe: 'auto', seed: 1 });
    expect(model.why).toContain('minus novelty');
    expect(model.recipe).toBe('novelty');
  });

  it('is usable from 20 labels', async () => {
    const fit = [...traces(200, 0, 13).slice(0, 10), ...traces(200, 1, 14).slice(0, 10)];
    const model = await fitModel(fit, { recipe: 'supervised', seed: 1 });
    const test = traces(300, 0.3, 15);
    const said = await model.reference(test.map((unit) => unit.observation));
    expect(
      areaUnderCurve(
        said.map((s) => s.score),
        isBad(test),
      ),
    ).toBeGreaterThan(0.8);
  });

  it('sets a damaged unit aside and passes scores made elsewhere through', async () => {
    const fit = traces(100, 0.1, 16);
    const damaged: FitUnit = {
      id: 'x',
      label: 'good',
      observation: { kind: 'series', channels: 1, values: new Float32Array(40).fill(Number.NaN) },
    };
    const model = await fitModel([...fit, damaged], { recipe: 'novelty', seed: 1 });
    expect(model.outOfFold[100]).toBeNaN();
    expect((await model.reference([damaged.observation]))[0]!.score).toBeNaN();
    const scores: FitUnit[] = [1.5, -2].map((v, i) => ({
      id: `s${i}`,
      label: 'good',
      observation: { kind: 'row', values: Float64Array.of(v) },
    }));
    const given = await fitModel(scores, { recipe: 'score', seed: 1 });
    const scorer = await openScorer(given);
    expect((await scorer.score(scores.map((s) => s.observation))).map((s) => s.score)).toEqual([1.5, -2]);
    await scorer[Symbol.asyncDispose]();
  });

  it('keeps graph and fit together where most units are equal', async () => {
    const fit: FitUnit[] = Array.from({ length: 80 }, (_, i) => {
      const values = Float64Array.of(1000, 5, i % 10 === 0 ? 3 : 2, 0.1);
      return { id: `e${i}`, label: 'good', observation: { kind: 'row', values } };
    });
    const model = await fitModel(fit, { recipe: 'novelty', seed: 1 });
    const odd = Float64Array.of(1000.5, 5, 2, 0.2);
    const observations = [...fit.map((unit) => unit.observation), { kind: 'row' as const, values: odd }];
    const scorer = await openScorer(model);
    const said = await scorer.score(observations);
    await scorer[Symbol.asyncDispose]();
    const expected = await model.reference(observations);
    for (let i = 0; i < said.length; i++)
      expect(Math.abs(said[i]!.score - expected[i]!.score)).toBeLessThan(0.02);
    expect(said[80]!.score).toBeGreaterThan(Math.max(...said.slice(0, 80).map((s) => s.score)));
  });

  it('refuses what cannot be fitted and says what is missing', async () => {
    const code = (units: readonly FitUnit[], recipe: 'novelty' | 'supervised' | 'score'): Promise<string> =>
      fitModel(units, { recipe, seed: 1 }).then(
        () => 'fitted',
        (error: unknown) => (error instanceof FitError ? error.code : String(error)),
      );
    expect(await code([], 'novelty')).toBe('no-units');
    expect(await code([...traces(10, 0, 1), ...rows(10, 0, 1)], 'novelty')).toBe('mixed-kinds');
    expect(await code(traces(20, 1, 1), 'novelty')).toBe('no-good-units');
    expect(await code(traces(20, 0, 1), 'supervised')).toBe('no-bad-units');
    expect(await code(traces(20, 0, 1), 'score')).toBe('wrong-kind');
  });
});

const data = join(
  process.env.SELVEDGE_DATA ?? join(process.cwd(), '..', 'shared', 'data'),
  'sewing-cycles',
  'seams.csv',
);

describe.skipIf(!existsSync(data))(`recorded traces (skipped where ${data} is absent)`, () => {
  it('novelty and supervised on held-out units, 60 % to fit, three seeds', async () => {
    const units: FitUnit[] = readFileSync(data, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => {
        const [id = '', label = '', ...values] = line.split(',');
        return {
          id,
          label,
          observation: { kind: 'series', channels: 1, values: Float32Array.from(values, Number) },
        };
      });
    const auc = { novelty: 0, supervised: 0 };
    for (const seed of [1, 2, 3]) {
      const random = createRandom(seed);
      const fit: FitUnit[] = [];
      const test: FitUnit[] = [];
      for (const kind of ['good', 'bad']) {
        const own = units.filter((unit) => unit.label === kind);
        const order = Int32Array.from(own, (_, i) => i);
        random.shuffle(order);
        order.forEach((i, k) => {
          (k < 0.6 * own.length ? fit : test).push(own[i]!);
        });
      }
      for (const recipe of ['novelty', 'supervised'] as const) {
        const model = await fitModel(fit, { recipe, seed });
        const said = await model.reference(test.map((unit) => unit.observation));
        auc[recipe] +=
          areaUnderCurve(
            said.map((s) => s.score),
            isBad(test),
          ) / 3;
      }
    }
    // 20 seeds gave a spread of 0.02 (mostly the 41 bad test units); a mean of three may lie that much lower.
    expect(auc.novelty).toBeGreaterThan(0.915);
    expect(auc.supervised).toBeGreaterThan(0.93);
  });
});
