import { describe, expect, it } from 'vitest';
import { openSession, Tensor } from '../engine/engine.js';
import { GraphBuilder } from '../onnx/graph-builder.js';
import { emitRowFeatures, rowShape } from './row-graph.js';

describe('row features', () => {
  const nan = Number.NaN;
  // Columns: always known; sometimes empty; never known. Row 3 is bad and must not move the medians.
  const values = Float32Array.of(1, 10, nan, 2, nan, nan, 3, 30, nan, 100, 900, nan);
  const shape = rowShape({ values, rows: 4, width: 3 }, (row) => row !== 3);

  it('learn the fill from good rows alone', () => {
    expect(Array.from(shape.fill)).toEqual([2, 20, 0]);
    expect(shape.holes).toEqual([1, 2]);
  });

  it('fill empty cells and say where they were', async () => {
    const g = new GraphBuilder();
    const { value, width, blocks } = emitRowFeatures(g, shape);
    g.output('features', value, 'float32', ['n', width]);
    const session = await openSession(g.encode('row'));
    const out = await session.run({
      x: new Tensor('float32', Float32Array.of(7, nan, 4, nan, 1, nan), [2, 3]),
    });
    await session.release();
    expect(Array.from(out.features!.data as Float32Array)).toEqual([7, 20, 4, 1, 0, 2, 1, 0, 0, 1]);
    expect(blocks.map((b) => [b.name, b.from, b.to])).toEqual([
      ['row', 0, 3],
      ['empty', 3, 5],
    ]);
  });
});
