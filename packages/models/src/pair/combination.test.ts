import { expect, it } from 'vitest';
import { openSession, Tensor } from '../engine/engine.js';
import { areaUnderCurve } from '../heads/measures.js';
import { createRandom, type Random } from '../heads/random.js';
import { GraphBuilder } from '../onnx/graph-builder.js';
import { type ChosenCombination, chooseCombination, combine, emitCombination } from './combination.js';

interface Made {
  readonly first: Float64Array;
  readonly second: Float64Array;
  readonly bad: Uint8Array;
}

/** Evidence of good units is exponential (mean 1); `of` adds what bad ones show. */
function made(count: number, badCount: number, seed: number, of: (random: Random) => [number, number]): Made {
  const random = createRandom(seed);
  const plain = (): number => -Math.log(1 - random.next());
  const bad = Uint8Array.from({ length: count }, (_, i) => (i < badCount ? 1 : 0));
  const pairs = Array.from(bad, (b) => {
    const [a, c] = b ? of(random) : [0, 0];
    return [plain() + a, plain() + c] as const;
  });
  return {
    first: Float64Array.from(pairs, ([a]) => a),
    second: Float64Array.from(pairs, ([, c]) => c),
    bad,
  };
}

const choose = ({ bad, ...evidence }: Made, learn = true): ChosenCombination =>
  chooseCombination(evidence, bad, { seed: 1, learn });

it('adds the evidence where labels are too few to say otherwise', () => {
  const { combination, outOfFold, why } = choose(made(200, 12, 1, () => [3, 3]));
  expect(combination.name).toBe('sum');
  expect(outOfFold).toHaveLength(200);
  expect(why).toMatch(/12 bad units are fewer than 20/);
});

it('keeps the sum where faults show weakly in both parts', () => {
  const { combination, outOfFold } = choose(
    made(1200, 200, 2, () => [2, 2]),
    false,
  );
  expect(combination.name).toBe('sum');
  expect(outOfFold.every(Number.isFinite)).toBe(true);
});

it('takes the larger where each fault shows in one part alone, and labels may say so', () => {
  const given = made(3000, 600, 3, (r) => (r.next() < 0.5 ? [3, -0.5] : [-0.5, 3]));
  expect(choose(given, false).combination.name).toBe('larger');
});

it('learns from labels how much each part says', () => {
  // The second part is as telling as the first and four times as loud.
  const quiet = made(2000, 300, 4, () => [1.5, 1.5]);
  const given = { ...quiet, second: quiet.second.map((e) => 4 * e) };
  const { combination, outOfFold, why } = choose(given);
  expect(combination.name).toBe('logistic');
  expect(why).toMatch(/^labels weigh trace and picture/);
  const sum = given.first.map((a, i) => a + (given.second[i] ?? 0));
  expect(areaUnderCurve(outOfFold, given.bad)).toBeGreaterThan(areaUnderCurve(sum, given.bad) + 0.01);
  // It never rewards a unit for standing out.
  for (let e = 0; e < 60; e += 0.5) {
    expect(combine(combination, e + 0.5, 1)).toBeGreaterThanOrEqual(combine(combination, e, 1));
    expect(combine(combination, 1, e + 0.5)).toBeGreaterThanOrEqual(combine(combination, 1, e));
  }
});

it('hears one part alone where labels show that the other only blurs it, without learning', () => {
  const given = made(2000, 300, 7, () => [2, 0]);
  expect(choose(given, false).combination.name).toBe('first');
  const turned = { ...given, first: given.second, second: given.first };
  const { combination, why } = choose(turned, false);
  expect(combination.name).toBe('second');
  expect(why).toMatch(/^the picture alone counts/);
  expect(combine(combination, Number.NaN, 2)).toBeNaN();
});

it('learns nothing by which a unit that stands out more would score better', () => {
  // Bad units look more like good ones than good ones do: only a falling score could tell them.
  const random = createRandom(5);
  const bad = Uint8Array.from({ length: 1000 }, (_, i) => (i < 300 ? 1 : 0));
  const given = {
    first: Float64Array.from(bad, (b) => (b ? 0.1 : 1.5) * random.next()),
    second: Float64Array.from(bad, () => random.next()),
    bad,
  };
  const { combination } = choose(given);
  for (let e = 0; e < 30; e += 0.5)
    expect(combine(combination, e + 0.5, 1)).toBeGreaterThanOrEqual(combine(combination, e, 1));
});

it.each(['sum', 'larger', 'first', 'second', 'logistic'] as const)(
  '%s is the same as nodes of a graph',
  async (name) => {
    const given = made(600, 100, 6, () => [2, 0.2]);
    const loud = made(2000, 300, 4, () => [1.5, 1.5]);
    const learnt = choose({ ...loud, second: loud.second.map((e) => 4 * e) }).combination;
    const combination = name === 'logistic' ? learnt : { name, head: null };
    expect(combination.name).toBe(name);
    const g = new GraphBuilder();
    const inputs = ['a', 'b'].map((input) => g.input(input, 'float32', ['n', 1]));
    const score = emitCombination(g, combination, inputs[0] ?? '', inputs[1] ?? '');
    g.output('score', score, 'float32', ['n']);
    const session = await openSession(g.encode('combination'));
    const column = (values: Float64Array) =>
      new Tensor('float32', Float32Array.from(values), [values.length, 1]);
    const out = await session.run({ a: column(given.first), b: column(given.second) });
    await session.release();
    const said = out.score?.data as Float32Array;
    given.first.forEach((a, i) => {
      const wanted = combine(combination, Math.fround(a), Math.fround(given.second[i] ?? 0));
      expect(Math.abs((said[i] ?? Number.NaN) - wanted)).toBeLessThan(1e-4);
    });
    expect(combine(combination, Number.NaN, 3)).toBeNaN();
    expect(combine(combination, 3, Number.NaN)).toBeNaN();
  },
);
