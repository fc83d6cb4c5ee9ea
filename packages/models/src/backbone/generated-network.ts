import { createRandom } from '../heads/random.js';
import { GraphBuilder } from '../onnx/graph-builder.js';
import { decodeModel, encodeModel, type ModelMessage } from '../onnx/onnx-schema.js';

/** Channels after each halving of the resolution. */
const CHANNELS = [16, 24, 32, 48, 64] as const;

export interface GeneratedNetwork {
  /** Halvings, each by a 3 x 3 convolution with ReLU; at most 5. */
  readonly depth: number;
  /** Numbers of the halvings whose maps are outputs; none = a classifier of 7 classes. */
  readonly outputs?: readonly number[];
  readonly input?: readonly (number | string)[];
  readonly channelsLast?: boolean;
}

/** A small convolutional network with seeded weights, as another program would hand it over. */
export function generatedNetwork(wanted: GeneratedNetwork): Uint8Array {
  const { depth, outputs = [], channelsLast = false } = wanted;
  const random = createRandom(11);
  const g = new GraphBuilder();
  const shape = wanted.input ?? (channelsLast ? ['n', 'h', 'w', 3] : ['n', 3, 'h', 'w']);
  let y = g.input('image', 'float32', shape);
  if (channelsLast) y = g.node('Transpose', [y], { perm: { ints: [0, 3, 1, 2] } });
  let from = 3;
  CHANNELS.slice(0, depth).forEach((to, i) => {
    const weights = Float32Array.from({ length: to * from * 9 }, () => random.normal() / Math.sqrt(from * 4));
    const bias = Float32Array.from({ length: to }, () => 0.1 * random.normal());
    y = g.node('Conv', [y, g.floats(weights, [to, from, 3, 3]), g.floats(bias, [to])], {
      kernel_shape: { ints: [3, 3] },
      strides: { ints: [2, 2] },
      pads: { ints: [1, 1, 1, 1] },
    });
    y = g.node('Relu', [y]);
    from = to;
    if (outputs.includes(i + 1)) g.output(`map${i + 1}`, y, 'float32', ['n', to, 'a', 'b']);
  });
  if (outputs.length === 0) {
    const weights = Float32Array.from({ length: from * 7 }, () => random.normal());
    const pooled = g.node('Flatten', [g.node('GlobalAveragePool', [y])], { axis: 1 });
    g.output('classes', g.node('MatMul', [pooled, g.floats(weights, [from, 7])]), 'float32', ['n', 7]);
  }
  return g.encode('generated');
}

/** The network as another program would have written it. */
export function rewritten(bytes: Uint8Array, change: (model: ModelMessage) => ModelMessage): Uint8Array {
  return encodeModel(change(decodeModel(bytes)));
}

export const opset = (version: number) => [{ domain: '', version }];
