import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { openSession, Tensor } from '../engine/engine.js';
import { createRandom } from '../heads/random.js';
import { GraphBuilder } from '../onnx/graph-builder.js';
import { mobileNetBackbone } from './backbone.js';
import { emitTrunk } from './convert.js';
import { readTflite } from './tflite.js';

const SIDE = 32;

async function graphFile() {
  const file = createRequire(import.meta.url).resolve(
    '@mediapipe/objectron/objectron_solution_packed_assets.data',
  );
  return readTflite((await readFile(file)).subarray(184, 9987912));
}

/** IEEE 754 binary16, written apart from the converter's. */
function half(bits: number): number {
  const e = (bits >> 10) & 31;
  const m = bits & 1023;
  return (bits >> 15 ? -1 : 1) * (e === 0 ? m / 2 ** 24 : (1024 + m) * 2 ** (e - 25));
}

describe('backbone', () => {
  it('has the operators and the input of the pinned file', async () => {
    const graph = await graphFile();
    expect(graph.operators).toHaveLength(241);
    expect(graph.tensors[graph.inputs[0]!]!.shape).toEqual([1, 300, 300, 3]);
  });

  it('computes the first convolution as a loop over its weights does', async () => {
    const graph = await graphFile();
    const first = graph.operators.findIndex((op) => op.code === 3);
    const g = new GraphBuilder();
    const made = emitTrunk(g, graph, g.input('x', 'float32', [1, 3, SIDE, SIDE]), [first]);
    g.output('y', made[0]!, 'float32', [1, 32, SIDE / 2, SIDE / 2]);
    const random = createRandom(4);
    const x = Float32Array.from({ length: 3 * SIDE * SIDE }, () => random.normal());
    const session = await openSession(g.encode('first'));
    const y = (await session.run({ x: new Tensor('float32', x, [1, 3, SIDE, SIDE]) })).y!
      .data as Float32Array;
    await session.release();
    const constant = (tensor: number): number[] => {
      const maker = graph.operators.find((op) => op.outputs.includes(tensor));
      const { data } = graph.tensors[maker?.inputs[0] ?? tensor]!;
      const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
      return Array.from({ length: data.length / 2 }, (_, i) => half(view.getUint16(2 * i, true)));
    };
    const [, w = -1, b = -1] = graph.operators[first]!.inputs;
    const [weights, bias] = [constant(w), constant(b)];
    // SAME with stride 2 on an even side pads after the last row alone.
    for (const [o, row, column] of [
      [0, 0, 0],
      [7, 5, 11],
      [31, 15, 15],
    ] as const) {
      let sum = bias[o]!;
      for (let i = 0; i < 3; i++)
        for (let j = 0; j < 3; j++)
          for (let c = 0; c < 3; c++) {
            const [py, px] = [2 * row + i, 2 * column + j];
            if (py < SIDE && px < SIDE)
              sum += weights[((o * 3 + i) * 3 + j) * 3 + c]! * x[(c * SIDE + py) * SIDE + px]!;
          }
      expect(y[((o * SIDE) / 2) * (SIDE / 2) + row * (SIDE / 2) + column]).toBeCloseTo(
        Math.min(6, Math.max(0, sum)),
        4,
      );
    }
  });

  it('emits its taps with the channels and strides it states', async () => {
    const backbone = await mobileNetBackbone();
    const g = new GraphBuilder();
    const taps = backbone.emit(g, g.input('x', 'float32', [1, 3, 64, 64]));
    taps.forEach((tap, t) => {
      g.output(`tap${t}`, tap, 'float32', [1, 'c', 'h', 'w']);
    });
    const session = await openSession(g.encode('taps'));
    const out = await session.run({
      x: new Tensor('float32', new Float32Array(3 * 64 * 64), [1, 3, 64, 64]),
    });
    await session.release();
    backbone.taps.forEach(({ channels, stride }, t) => {
      expect(out[`tap${t}`]!.dims).toEqual([1, channels, 64 / stride, 64 / stride]);
    });
  });
});
