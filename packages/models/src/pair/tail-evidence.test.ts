import { expect, it } from 'vitest';
import { openSession, Tensor } from '../engine/engine.js';
import { createRandom } from '../heads/random.js';
import { GraphBuilder } from '../onnx/graph-builder.js';
import { emitEvidence, evidenceOf, fitTailEvidence } from './tail-evidence.js';

const normals = (count: number, seed: number): Float64Array => {
  const random = createRandom(seed);
  return Float64Array.from({ length: count }, () => 5 + 2 * random.normal());
};

it('is minus the log of the tail rank among good units', () => {
  const good = normals(2000, 1);
  const tail = fitTailEvidence(good);
  for (const score of normals(300, 2)) {
    const rank = (1 + good.filter((other) => other >= score).length) / (good.length + 1);
    // Between two of the knots, a quarter of a halving apart, and at the last few order statistics.
    expect(Math.abs(evidenceOf(tail, score) + Math.log(rank))).toBeLessThan(rank > 0.01 ? 0.1 : 0.8);
  }
});

it('never falls, goes on rising beyond the most striking good unit, and is continuous', () => {
  const tail = fitTailEvidence(normals(100, 3));
  let last = evidenceOf(tail, -20);
  expect(last).toBe(0);
  for (let score = -20; score < 40; score += 0.01) {
    const here = evidenceOf(tail, score);
    expect(here).toBeGreaterThanOrEqual(last);
    if (score > 11) expect(here).toBeGreaterThan(last);
    expect(here - last).toBeLessThan(0.5);
    last = here;
  }
});

it('gives equal scores the least evidence of them', () => {
  const tail = fitTailEvidence([...Array<number>(90).fill(1), ...Array<number>(10).fill(2)]);
  expect(evidenceOf(tail, 1)).toBe(0);
  expect(evidenceOf(tail, 2)).toBeGreaterThan(2);
  expect(evidenceOf(tail, 2)).toBeLessThan(2.8);
  const one = fitTailEvidence([7, 7, 7, 7, 7]);
  expect(evidenceOf(one, 7)).toBe(0);
  expect(evidenceOf(one, 7.1)).toBeGreaterThan(10);
});

it('is the same as nodes of a graph', async () => {
  const tail = fitTailEvidence(normals(500, 4));
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', ['n', 1]);
  g.output('evidence', emitEvidence(g, tail, x), 'float32', ['n', 1]);
  const session = await openSession(g.encode('evidence'));
  const scores = Float32Array.from([-1e6, ...normals(200, 5), 50, 1e6]);
  const out = await session.run({ x: new Tensor('float32', scores, [scores.length, 1]) });
  await session.release();
  const said = out.evidence?.data as Float32Array;
  scores.forEach((score, i) => {
    const wanted = evidenceOf(tail, score);
    expect(Math.abs((said[i] ?? Number.NaN) - wanted)).toBeLessThan(1e-4 * (1 + wanted));
  });
});

it('has no evidence of a score that is missing', () => {
  expect(evidenceOf(fitTailEvidence([1, 2, 3]), Number.NaN)).toBeNaN();
});
