import { describe, expect, it } from 'vitest';
import { openSession, Tensor } from '../engine/engine.js';
import { GraphBuilder } from './graph-builder.js';

describe('GraphBuilder', () => {
  it('writes a graph that onnxruntime runs', async () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', ['n', 3]);
    const y = g.node('Gemm', [x, g.floats([1, 2, 3], [3, 1]), g.floats([0.5], [1])]);
    g.output('y', y, 'float32', ['n', 1]);
    const session = await openSession(g.encode('line'));
    const out = await session.run({ x: new Tensor('float32', Float32Array.of(1, 1, 1, 2, 0, 1), [2, 3]) });
    expect(Array.from(out.y!.data as Float32Array)).toEqual([6.5, 5.5]);
    await session.release();
  });
});
