import { describe, expect, it } from 'vitest';
import { createRandom } from '../heads/random.js';
import type { Observation } from '../observe/observation.js';
import { GraphBuilder } from '../onnx/graph-builder.js';
import { fitModel } from '../recipes/fit-model.js';
import { openScorer } from './scorer.js';

/** A graph on rows `[n, 2]` whose score is the ratio of the two values. */
function ratioGraph() {
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', ['n', 2]);
  const side = (k: number): string => g.node('Slice', [x, g.ints([k]), g.ints([k + 1]), g.ints([1])]);
  g.output('score', g.node('Reshape', [g.node('Div', [side(0), side(1)]), g.ints([-1])]), 'float32', ['n']);
  return { onnx: g.encode('ratio'), input: 'row' as const, inputShape: [2] };
}

const row = (...values: number[]): Observation => ({ kind: 'row', values: Float64Array.from(values) });

describe.each([0, 2])('openScorer with %i workers', (workers) => {
  it('scores units in order and sets damaged ones aside with a reason', async () => {
    const scorer = await openScorer(ratioGraph(), { workers });
    const units = [
      row(6, 3),
      row(1),
      row(1, Number.POSITIVE_INFINITY),
      row(0, 0),
      row(9, 3),
      row(Number.NaN, Number.NaN),
    ];
    const said = await scorer.score(units);
    expect(said.map((s) => s.score)).toEqual([2, Number.NaN, Number.NaN, Number.NaN, 3, Number.NaN]);
    expect(said.map((s) => s.fault)).toEqual([
      undefined,
      'expected 2 values, got 1',
      'value 2 of the row is infinite in single precision',
      'the model gave no number',
      undefined,
      'the row is empty',
    ]);
    expect(await scorer.heat(units[0]!)).toBeNull();
    await scorer[Symbol.asyncDispose]();
    await scorer[Symbol.asyncDispose]();
  });

  it('keeps the batch of a unit that breaks the reader', async () => {
    const scorer = await openScorer(ratioGraph(), { workers });
    const hostile = { kind: 'row', values: null } as unknown as Observation;
    const said = await scorer.score([row(6, 3), hostile, row(8, 2)]);
    expect(said.map((s) => s.score)).toEqual([2, Number.NaN, 4]);
    expect(said[1]!.fault).toMatch(/null/);
    await scorer[Symbol.asyncDispose]();
  });

  it('keeps thousands of units in order over many batches', async () => {
    const scorer = await openScorer(ratioGraph(), { workers });
    const said = await scorer.score(Array.from({ length: 5000 }, (_, i) => row(i, 1)));
    expect(said.every((s, i) => s.score === i)).toBe(true);
    await scorer[Symbol.asyncDispose]();
  });

  it('refuses a graph that cannot be opened', async () => {
    const broken = { ...ratioGraph(), onnx: Uint8Array.of(1, 2, 3) };
    await expect(openScorer(broken, { workers })).rejects.toThrow();
    const g = new GraphBuilder();
    g.output('other', g.input('x', 'float32', ['n', 2]), 'float32', ['n', 2]);
    await expect(openScorer({ ...ratioGraph(), onnx: g.encode('g') }, { workers })).rejects.toThrow(
      'no output "score"',
    );
  });
});

describe('a worker that is lost', () => {
  it('costs its deadline, gives faults, and is replaced', async () => {
    // Some 200 million products a unit: tens of milliseconds, however fast or idle the machine is.
    const width = 512;
    const g = new GraphBuilder();
    let x = g.input('x', 'float32', ['n', width]);
    const matrix = g.floats(new Float32Array(width * width), [width, width]);
    for (let k = 0; k < 800; k++) x = g.node('MatMul', [x, matrix]);
    g.output('score', g.node('ReduceMean', [x], { axes: { ints: [1] }, keepdims: 0 }), 'float32', ['n']);
    const slow = { onnx: g.encode('slow'), input: 'row' as const, inputShape: [width] };
    const scorer = await openScorer(slow, { workers: 1, deadlineMs: 1 });
    const said = await scorer.score([{ kind: 'row', values: new Float64Array(width) }]);
    expect(said[0]!.score).toBeNaN();
    expect(said[0]!.fault).toContain('no answer within 1 ms');
    await scorer[Symbol.asyncDispose]();
  });
});

describe('scores of a fitted model', () => {
  it('are the same inline and in workers, and those of the reference', async () => {
    const random = createRandom(3);
    const units = Array.from({ length: 120 }, (_, i) => ({
      id: `u${i}`,
      label: i % 6 === 0 ? 'weak' : 'good',
      observation: {
        kind: 'series' as const,
        channels: 1,
        values: Float32Array.from(
          { length: 40 },
          (_, k) => random.normal() + (i % 6 === 0 && k < 10 ? -3 : 5),
        ),
      },
    }));
    const model = await fitModel(units, { recipe: 'supervised', seed: 1 });
    const observations = units.map((unit) => unit.observation);
    const expected = await model.reference(observations);
    for (const workers of [0, 2]) {
      const scorer = await openScorer(model, { workers });
      const said = await scorer.score(observations);
      for (let i = 0; i < said.length; i++) expect(said[i]!.score).toBeCloseTo(expected[i]!.score, 3);
      await scorer[Symbol.asyncDispose]();
    }
  });
});
