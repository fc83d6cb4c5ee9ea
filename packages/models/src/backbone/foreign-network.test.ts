import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../onnx/graph-builder.js';
import type { ModelMessage, NodeMessage } from '../onnx/onnx-schema.js';
import { FitError } from '../recipes/fit-error.js';
import { generatedNetwork, opset, rewritten } from './generated-network.js';
import { onnxBackbone } from './onnx-backbone.js';

const PICTURE = { side: 224, cells: 14 };
const folder = mkdtempSync(join(tmpdir(), 'selvedge-backbone-'));
let files = 0;

/** Writes a network, and what shall lie beside it. */
function file(bytes: Uint8Array, beside?: unknown): string {
  const path = join(folder, `net${files++}.onnx`);
  writeFileSync(path, bytes);
  if (beside !== undefined)
    writeFileSync(`${path}.json`, typeof beside === 'string' ? beside : JSON.stringify(beside));
  return path;
}

const withNodes = (model: ModelMessage, change: (node: NodeMessage) => NodeMessage): ModelMessage => ({
  ...model,
  graph: { ...model.graph, node: model.graph.node.map(change) },
});

describe('refused with what to change', () => {
  const usual = generatedNetwork({ depth: 5 });
  const flat = new GraphBuilder();
  const pooled = flat.node('GlobalAveragePool', [flat.input('image', 'float32', ['n', 3, 'h', 'w'])]);
  flat.output('y', flat.node('Flatten', [pooled], { axis: 1 }), 'float32', ['n', 3]);
  const bytesIn = new GraphBuilder();
  const cast = bytesIn.node('Cast', [bytesIn.input('image', 'uint8', ['n', 3, 'h', 'w'])], { to: 1 });
  bytesIn.output('y', cast, 'float32', ['n', 3, 'h', 'w']);
  const two = new GraphBuilder();
  const sum = two.node('Add', [
    two.input('left', 'float32', ['n', 3, 'h', 'w']),
    two.input('right', 'float32', ['n', 3, 'h', 'w']),
  ]);
  two.output('y', sum, 'float32', ['n', 3, 'h', 'w']);
  const one = new GraphBuilder();
  const shaped = one.node('Reshape', [
    one.node('AveragePool', [one.input('image', 'float32', [1, 3, 224, 224])], {
      kernel_shape: { ints: [16, 16] },
      strides: { ints: [16, 16] },
    }),
    one.ints([1, 3, 14, 14]),
  ]);
  one.output('y', shaped, 'float32', [1, 3, 14, 14]);
  const constant = new GraphBuilder();
  const zero = constant.node('Mul', [
    constant.node('AveragePool', [constant.input('image', 'float32', ['n', 3, 'h', 'w'])], {
      kernel_shape: { ints: [16, 16] },
      strides: { ints: [16, 16] },
    }),
    constant.scalar(0),
  ]);
  constant.output('y', zero, 'float32', ['n', 3, 'a', 'b']);
  const root = new GraphBuilder();
  const pool = root.node('AveragePool', [root.input('image', 'float32', ['n', 3, 'h', 'w'])], {
    kernel_shape: { ints: [16, 16] },
    strides: { ints: [16, 16] },
  });
  root.output('y', root.node('Sqrt', [pool]), 'float32', ['n', 3, 'a', 'b']);
  const outside = rewritten(usual, (m) => ({
    ...m,
    graph: {
      ...m.graph,
      initializer: m.graph.initializer.map(({ rawData: _, ...rest }) => ({
        ...rest,
        dataLocation: 1,
        externalData: [{ key: 'location', value: 'net.onnx.data' }],
      })),
    },
  }));

  it.each([
    ['a file that is not there', () => join(folder, 'nowhere.onnx'), /there is no such file/],
    ['a folder', () => folder, /EISDIR/],
    [
      'a picture',
      () => file(Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0)),
      /not an ONNX model/,
    ],
    ['an empty file', () => file(new Uint8Array(0)), /not an ONNX model/],
    ['half a file', () => file(usual.subarray(0, usual.length / 2)), /not an ONNX model/],
    ['weights elsewhere', () => file(outside), /weights lie in net\.onnx\.data; write it as one file/],
    ['no map', () => file(flat.encode('flat')), /none of its values is a feature map .* 7 to 56 cells/],
    ['bytes as input', () => file(bytesIn.encode('bytes')), /input image is not float32/],
    [
      'grey pictures',
      () => file(generatedNetwork({ depth: 5, input: ['n', 1, 'h', 'w'] })),
      /input image has the shape \[n, 1, h, w\]; a picture is \[n, 3/,
    ],
    ['two inputs', () => file(two.encode('two')), /takes 2 \(left, right\)/],
    ['one picture at a time', () => file(one.encode('one')), /export it with a free first dimension/],
    ['a map that never changes', () => file(constant.encode('constant')), /same value everywhere/],
    ['values that are no number', () => file(root.encode('root')), /no finite number/],
    [
      'an old operator set',
      () => file(rewritten(usual, (m) => ({ ...m, opsetImport: opset(6) }))),
      /operator set 6; export it again with 17/,
    ],
    [
      'functions of its own',
      () => file(rewritten(usual, (m) => ({ ...m, functions: [{ name: 'f' }] }))),
      /inline them first/,
    ],
    [
      // Up to 12 it normalises over all that follows the pictures, from 13 on over the last axis.
      'an operator that changed its meaning',
      () =>
        file(
          rewritten(usual, (m) => ({
            ...withNodes(m, (node) => (node.opType === 'Relu' ? { ...node, opType: 'Softmax' } : node)),
            opsetImport: opset(11),
          })),
        ),
      /differs from the file run alone .* export it for operator set 17/,
    ],
    [
      'an operator that nobody knows',
      () =>
        file(
          rewritten(usual, (m) =>
            withNodes(m, (node) => (node.opType === 'Relu' ? { ...node, opType: 'Glow' } : node)),
          ),
        ),
      /onnxruntime cannot open it/,
    ],
    [
      'a tap that is not there',
      () => file(usual, { taps: ['nope'] }),
      /no value of the network is called nope/,
    ],
    ['a tap that is no map', () => file(usual, { taps: ['classes'] }), /classes is no feature map.*\[1, 7\]/],
    ['a side file that is no JSON', () => file(usual, '{'), /\.onnx\.json: is not JSON/],
    ['a side file with another key', () => file(usual, { means: [0] }), /"means" is not known/],
    [
      'a mean for pixels of 0..255',
      () => file(usual, { mean: [124, 116, 104] }),
      /from 0 to 1, for pixels of 0..1/,
    ],
    ['a deviation of 0', () => file(usual, { std: [0, 1, 1] }), /above 0/],
    ['taps that are no list', () => file(usual, { taps: 'map4' }), /must be a list/],
  ])('%s', async (_, path, words) => {
    const fault = await onnxBackbone(path(), PICTURE).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(fault).toBeInstanceOf(FitError);
    expect((fault as FitError).code).toBe('wrong-backbone');
    expect((fault as FitError).message).toMatch(words);
  });
});
