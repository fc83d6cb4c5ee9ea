import type { Backbone } from '../backbone/backbone.js';
import type { GraphBuilder } from '../onnx/graph-builder.js';

/** Cells of the patch grid, each way, and pixels of the input, each way. */
export const GRID = 12;
export const SIDE = 192;

/** Whitening of one tap: `weights` row-major [components, channels], applied to x - mean. */
export interface Whitening {
  readonly mean: Float64Array;
  readonly weights: Float64Array;
  readonly components: number;
}

/** uint8 [n, side, side, 3] -> float32 [n, 3, side, side], each picture to mean 0 and the same contrast. */
export function emitNormalised(g: GraphBuilder, input: string): string {
  const x = g.node('Transpose', [g.node('Cast', [input], { to: 1 })], { perm: { ints: [0, 3, 1, 2] } });
  const mean = g.node('ReduceMean', [x], { axes: { ints: [1, 2, 3] }, keepdims: 1 });
  const centred = g.node('Sub', [x, mean]);
  const variance = g.node('ReduceMean', [g.node('Mul', [centred, centred])], {
    axes: { ints: [1, 2, 3] },
    keepdims: 1,
  });
  const deviation = g.node('Sqrt', [g.node('Add', [variance, g.scalar(1)])]);
  // Three standard deviations become the backbone's range of -1..1.
  return g.node('Div', [centred, g.node('Mul', [deviation, g.scalar(3)])]);
}

/** The taps of the backbone on the normalised picture. */
export function emitTaps(g: GraphBuilder, backbone: Backbone, input: string): string[] {
  return backbone.emit(g, emitNormalised(g, input));
}

/** Whitened taps on one grid: float32 [n, grid * grid, components]. */
export function emitPatches(
  g: GraphBuilder,
  backbone: Backbone,
  input: string,
  whitenings: readonly Whitening[],
): string {
  const maps = emitTaps(g, backbone, input).map((tap, t) => {
    const { mean, weights, components } = whitenings[t]!;
    const channels = mean.length;
    const bias = Float64Array.from({ length: components }, (_, c) => {
      let sum = 0;
      for (let k = 0; k < channels; k++) sum -= weights[c * channels + k]! * mean[k]!;
      return sum;
    });
    const narrow = g.node(
      'Conv',
      [tap, g.floats(weights, [components, channels, 1, 1]), g.floats(bias, [components])],
      { kernel_shape: { ints: [1, 1] } },
    );
    return onGrid(g, narrow, backbone.taps[t]!.stride);
  });
  const all = maps.length === 1 ? maps[0]! : g.node('Concat', maps, { axis: 1 });
  const width = whitenings.reduce((sum, w) => sum + w.components, 0);
  const cells = g.node('Reshape', [all, g.ints([0, width, GRID * GRID])]);
  return g.node('Transpose', [cells], { perm: { ints: [0, 2, 1] } });
}

function onGrid(g: GraphBuilder, map: string, stride: number): string {
  const cell = SIDE / GRID;
  if (stride === cell) return map;
  if (stride < cell) {
    const k = cell / stride;
    return g.node('AveragePool', [map], { kernel_shape: { ints: [k, k] }, strides: { ints: [k, k] } });
  }
  const scales = g.floats([1, 1, stride / cell, stride / cell], [4]);
  return g.node('Resize', [map, '', scales], {
    mode: 'linear',
    coordinate_transformation_mode: 'half_pixel',
  });
}

/** A bank of typical patches: row-major [size, width]. */
export interface Bank {
  readonly values: Float32Array;
  readonly size: number;
  readonly width: number;
}

/** Distance of each patch to the nearest of the bank: float32 [n, grid * grid]. |a - b|^2 = |a|^2 - 2ab + |b|^2 as one product. */
export function emitDistances(g: GraphBuilder, patches: string, bank: Bank): string {
  const { values, size, width } = bank;
  const transposed = new Float32Array(width * size);
  const squares = new Float32Array(size);
  for (let j = 0; j < size; j++) {
    for (let k = 0; k < width; k++) {
      const v = values[j * width + k]!;
      transposed[k * size + j] = -2 * v;
      squares[j]! += v * v;
    }
  }
  const flat = g.node('Reshape', [patches, g.ints([-1, width])]);
  const cross = g.node('Gemm', [flat, g.floats(transposed, [width, size]), g.floats(squares, [size])]);
  const nearest = g.node('ReduceMin', [cross], { axes: { ints: [1] }, keepdims: 1 });
  const own = g.node('ReduceSum', [g.node('Mul', [flat, flat]), g.ints([1])], { keepdims: 1 });
  const distance = g.node('Sqrt', [g.node('Relu', [g.node('Add', [own, nearest])])]);
  return g.node('Reshape', [distance, g.ints([-1, GRID * GRID])]);
}
