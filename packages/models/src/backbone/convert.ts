import type { GraphBuilder } from '../onnx/graph-builder.js';
import type { TfliteGraph, TfliteTensor } from './tflite.js';

/** BuiltinOperator of the operators that a convolutional trunk uses. */
const OP = { add: 0, conv: 3, depthwise: 4, dequantize: 6 } as const;

/**
 * Adds the trunk of a tflite graph to an ONNX graph: convolutions, depthwise convolutions and additions, NHWC
 * turned to NCHW, SAME padding and fused ReLU6 kept. `input` is float32 [n, 3, h, w]. Branches that no tap
 * needs are left out. Returns the value of each tap (tflite operator index).
 */
export function emitTrunk(
  g: GraphBuilder,
  graph: TfliteGraph,
  input: string,
  taps: readonly number[],
): string[] {
  const values = new Map<number, string>([[graph.inputs[0]!, input]]);
  const constants = new Map<number, TfliteTensor>();
  const constant = (tensor: number): Float32Array =>
    floatsOf(constants.get(tensor) ?? graph.tensors[tensor]!);
  const needed = operatorsFor(graph, taps);
  const made = new Map<number, string>();
  for (const [index, op] of graph.operators.entries()) {
    if (!needed.has(index)) continue;
    const [a = -1, b = -1, c = -1] = op.inputs;
    const out = op.outputs[0]!;
    if (op.code === OP.dequantize) {
      constants.set(out, graph.tensors[a]!);
      continue;
    }
    const x = values.get(a);
    if (x === undefined) throw new Error(`operator ${index} of the backbone reads a value that was not made`);
    let y: string;
    if (op.code === OP.add) {
      const other = values.get(b);
      if (other === undefined) throw new Error(`operator ${index} adds a value that was not made`);
      y = g.node('Add', [x, other]);
    } else if (op.code === OP.conv || op.code === OP.depthwise) {
      const depthwise = op.code === OP.depthwise;
      const shape = graph.tensors[b]!.shape;
      const [n0 = 0, kh = 0, kw = 0, n3 = 0] = shape;
      // tflite: convolution OHWI, depthwise 1HWC; ONNX: OIHW, C1HW.
      const weights = depthwise
        ? reorder(constant(b), [1, kh, kw, n3], [3, 0, 1, 2])
        : reorder(constant(b), [n0, kh, kw, n3], [0, 3, 1, 2]);
      const dims = depthwise ? [n3, 1, kh, kw] : [n0, n3, kh, kw];
      const bias = constant(c);
      y = g.node('Conv', [x, g.floats(weights, dims), g.floats(bias, [bias.length])], {
        auto_pad: op.byteOption(0) === 0 ? 'SAME_UPPER' : 'VALID',
        kernel_shape: { ints: [kh, kw] },
        strides: { ints: [op.intOption(2, 1), op.intOption(1, 1)] },
        group: depthwise ? n3 : 1,
      });
      const activation = op.byteOption(depthwise ? 4 : 3);
      if (activation === 3) y = g.node('Clip', [y, g.scalar(0), g.scalar(6)]);
      else if (activation === 1) y = g.node('Relu', [y]);
    } else throw new Error(`the backbone uses tflite operator ${op.code}, which is not read`);
    values.set(out, y);
    if (taps.includes(index)) made.set(index, y);
  }
  return taps.map((tap) => made.get(tap)!);
}

/** Indexes of the operators on which those of `wanted` depend, themselves included. */
function operatorsFor(graph: TfliteGraph, wanted: readonly number[]): Set<number> {
  const maker = new Map(graph.operators.flatMap((op, i) => op.outputs.map((out) => [out, i] as const)));
  const needed = new Set<number>();
  const open = [...wanted];
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    if (needed.has(index)) continue;
    needed.add(index);
    for (const input of graph.operators[index]?.inputs ?? []) {
      const by = maker.get(input);
      if (by !== undefined) open.push(by);
    }
  }
  return needed;
}

/** Moves the axes of a row-major tensor. */
function reorder(values: Float32Array, shape: readonly number[], axes: readonly number[]): Float32Array {
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((p, d) => p * d, 1));
  const out = new Float32Array(values.length);
  const dims = axes.map((a) => shape[a]!);
  const steps = axes.map((a) => strides[a]!);
  let at = 0;
  for (let i = 0; i < dims[0]!; i++)
    for (let j = 0; j < dims[1]!; j++)
      for (let k = 0; k < dims[2]!; k++)
        for (let l = 0; l < dims[3]!; l++)
          out[at++] = values[i * steps[0]! + j * steps[1]! + k * steps[2]! + l * steps[3]!]!;
  return out;
}

function floatsOf({ type, data, name }: TfliteTensor): Float32Array {
  // A Buffer's own slice would share the file's memory.
  const copy = Uint8Array.from(data).buffer;
  if (type === 0) return new Float32Array(copy);
  if (type === 1) return Float32Array.from(new Uint16Array(copy), halfToFloat);
  throw new Error(`tensor ${name} of the backbone has type ${type}, which is not read`);
}

/** IEEE 754 binary16 to a number. */
function halfToFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
