import { describe, expect, it } from 'vitest';
import { openSession, Tensor } from '../engine/engine.js';
import { GraphBuilder } from '../onnx/graph-builder.js';
import type { FeatureMatrix } from './head.js';
import { areaUnderCurve } from './measures.js';
import { type FeatureBlock, fitOneClass } from './one-class.js';
import { createRandom } from './random.js';
import { columnScales, twoSided } from './two-sided.js';

const parts = ['size', 'peak', 'residual', 'whitened', 'neighbours'] as const;

/** Good rows: two correlated halves with a long upper tail; bad rows break one rule each. */
function made(rows: number, badShare: number, seed: number) {
  const random = createRandom(seed);
  const width = 12;
  const values = new Float32Array(rows * width);
  const bad = new Uint8Array(rows);
  for (let i = 0; i < rows; i++) {
    bad[i] = random.next() < badShare ? 1 : 0;
    const level = Math.exp(0.5 * random.normal());
    for (let j = 0; j < width; j++) values[i * width + j] = level + 0.1 * random.normal();
    if (bad[i]) values[i * width + random.below(width)]! += random.next() < 0.5 ? 1.5 : -1.5;
  }
  return { x: { values, rows, width } satisfies FeatureMatrix, bad };
}

const blocks: FeatureBlock[] = [
  { name: 'a', from: 0, to: 8, sameUnit: true, parts },
  { name: 'b', from: 8, to: 12, sameUnit: false, parts },
];

describe('two-sided deviations', () => {
  it('have a scale of their own below and above the median', () => {
    const values = Float32Array.from({ length: 1001 }, (_, i) =>
      i < 500 ? (i - 500) / 500 : (i - 500) / 50,
    );
    const x = { values, rows: 1001, width: 1 };
    const scales = columnScales(x, [{ from: 0, to: 1, sameUnit: true }]);
    const z = twoSided({ values: Float32Array.of(-1, 0, 10), rows: 3, width: 1 }, scales);
    // The 1 % quantiles are -0.98 and 9.8, at 2.3263 standard deviations.
    expect(z[0]).toBeCloseTo(-2.3263 / 0.98, 3);
    expect(z[1]).toBe(0);
    expect(z[2]).toBeCloseTo(2.3263 / 0.98, 3);
  });

  it('a column that never moved borrows a tenth of the scale of its block', () => {
    const random = createRandom(1);
    const values = Float32Array.from({ length: 600 }, (_, i) => (i % 3 === 0 ? 5 : random.normal()));
    const x = { values, rows: 200, width: 3 };
    const z = twoSided(
      { values: Float32Array.of(5.1, 0, 0), rows: 1, width: 3 },
      columnScales(x, [{ from: 0, to: 3, sameUnit: true }]),
    );
    expect(z[0]).toBeGreaterThan(0.7);
    expect(z[0]).toBeLessThan(1.4);
  });
});

describe('fitOneClass', () => {
  it('finds what breaks the pattern of the good ones, out of fold as on new rows', () => {
    const fit = made(400, 0.1, 1);
    const { model, outOfFold } = fitOneClass(fit.x, fit.bad, blocks, { seed: 1 });
    const fresh = made(600, 0.3, 2);
    const auc = areaUnderCurve(model.predict(fresh.x).score, fresh.bad);
    expect(auc).toBeGreaterThan(0.9);
    expect(Math.abs(areaUnderCurve(outOfFold.score, fit.bad) - auc)).toBeLessThan(0.08);
  });

  it('does not flatter the rows it was fitted on: out-of-fold good scores sit like those of new good rows', () => {
    const fit = made(60, 0, 3);
    const { outOfFold, model } = fitOneClass(fit.x, fit.bad, blocks, { seed: 1 });
    const fresh = model.predict(made(2000, 0, 4).x).score;
    const mean = (a: Float64Array): number => a.reduce((sum, v) => sum + v, 0) / a.length;
    expect(Math.abs(mean(outOfFold.score) - mean(fresh))).toBeLessThan(0.25);
  });

  it('never looks at bad rows', () => {
    const fit = made(300, 0.2, 5);
    const moved = {
      ...fit.x,
      values: fit.x.values.map((v, i) => (fit.bad[Math.floor(i / 12)] ? v + 100 : v)),
    };
    const score = (x: FeatureMatrix): Float64Array =>
      fitOneClass(x, fit.bad, blocks, { seed: 1 }).model.predict(made(50, 0, 6).x).score;
    expect(score(moved)).toEqual(score(fit.x));
  });

  it('says in the graph what it says in TypeScript', async () => {
    const fit = made(300, 0, 7);
    const { model } = fitOneClass(fit.x, fit.bad, blocks, { seed: 1 });
    const g = new GraphBuilder();
    const out = model.emit(g, g.input('x', 'float32', ['n', 12]));
    g.output('score', out.score, 'float32', ['n']);
    g.output('parts', out.parts, 'float32', ['n', model.partNames.length]);
    const session = await openSession(g.encode('one-class'));
    const fresh = made(200, 0.5, 8).x;
    const said = await session.run({ x: new Tensor('float32', fresh.values, [fresh.rows, 12]) });
    await session.release();
    const expected = model.predict(fresh);
    const gap = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
      Array.from(a).reduce((max, v, i) => Math.max(max, Math.abs(v - b[i]!)), 0);
    expect(gap(said.score!.data as Float32Array, expected.score)).toBeLessThan(2e-3);
    expect(gap(said.parts!.data as Float32Array, expected.parts)).toBeLessThan(5e-3);
    expect(model.partNames).toContain('a.neighbours');
  });
});
