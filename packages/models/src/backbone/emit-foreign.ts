import { graft } from '../onnx/graft.js';
import type { GraphBuilder } from '../onnx/graph-builder.js';
import type { FeatureMap } from './choose-taps.js';
import type { ForeignNetwork } from './foreign-network.js';
import type { SideFile } from './side-file.js';

/** A tap with the grid it is laid on and the channels kept of it. */
export interface ForeignTap {
  readonly map: FeatureMap;
  readonly cells: number;
  /** Kept channels in ascending order; null = all. */
  readonly kept: readonly number[] | null;
}

/** A foreign network made ready: what is needed to add it to a graph. */
export interface ForeignBackbone {
  readonly network: ForeignNetwork;
  /** Pixels each way of the pictures that are fed. */
  readonly side: number;
  /** Size at which the network sees a picture. */
  readonly height: number;
  readonly width: number;
  readonly scaling: SideFile;
  readonly taps: readonly ForeignTap[];
}

/**
 * Adds the network to a graph. `input`: float32 [n, 3, side, side] within -1..1. Returns the input as the network
 * gets it, its values as they are, and the taps on their grids: [n, channels, cells, cells].
 */
export function emitForeign(
  g: GraphBuilder,
  foreign: ForeignBackbone,
  input: string,
): { prepared: string; raw: string[]; taps: string[] } {
  const { network, taps } = foreign;
  const { model, opsets } = network;
  const prepared = prepare(g, input, foreign);
  const prefix = g.prefix('backbone');
  const names = taps.map(({ map }) => map.name);
  const part = graft(model.graph, names, { prefix, bound: new Map([[network.input.name, prepared]]) });
  g.include(part, { opsets, irVersion: Number(model.irVersion) });
  const raw = names.map((name) => prefix + name);
  return { prepared, raw, taps: taps.map((tap, t) => onGrid(g, tap, raw[t]!)) };
}

function prepare(g: GraphBuilder, input: string, foreign: ForeignBackbone): string {
  const { network, side, height, width, scaling } = foreign;
  const { mean, std } = scaling;
  let x = input;
  if (mean.some((m) => m !== 0.5) || std.some((s) => s !== 0.5)) {
    // x of -1..1 stands for pixels of 0..1: (0.5 + x / 2 - mean) / std.
    const scale = std.map((s) => 0.5 / s);
    const shift = mean.map((m, c) => (0.5 - m) / std[c]!);
    x = g.node('Mul', [x, g.floats(scale, [1, 3, 1, 1])]);
    x = g.node('Add', [x, g.floats(shift, [1, 3, 1, 1])]);
  }
  if (height !== side || width !== side) x = resized(g, x, height, width);
  return network.input.channelsLast ? g.node('Transpose', [x], { perm: { ints: [0, 2, 3, 1] } }) : x;
}

function onGrid(g: GraphBuilder, { map, cells, kept }: ForeignTap, value: string): string {
  let y = channelsFirst(g, map, value);
  if (kept !== null) y = g.node('Gather', [y, g.ints(kept)], { axis: 1 });
  if (map.rows === cells && map.columns === cells) return y;
  const [kh, kw] = [map.rows / cells, map.columns / cells];
  if (Number.isInteger(kh) && Number.isInteger(kw)) {
    return g.node('AveragePool', [y], { kernel_shape: { ints: [kh, kw] }, strides: { ints: [kh, kw] } });
  }
  return resized(g, y, cells, cells);
}

function channelsFirst(g: GraphBuilder, map: FeatureMap, value: string): string {
  if (map.layout === 'channels-first') return value;
  if (map.layout === 'channels-last') return g.node('Transpose', [value], { perm: { ints: [0, 3, 1, 2] } });
  const cells = g.node('Slice', [value, g.ints([map.skip]), g.ints([2 ** 31 - 1]), g.ints([1])]);
  const turned = g.node('Transpose', [cells], { perm: { ints: [0, 2, 1] } });
  return g.node('Reshape', [turned, g.ints([0, map.channels, map.rows, map.columns])]);
}

/** [n, c, h, w] to another height and width, linear. */
function resized(g: GraphBuilder, x: string, height: number, width: number): string {
  const rest = g.node('Shape', [x], { start: 0, end: 2 });
  const sizes = g.node('Concat', [rest, g.ints([height, width])], { axis: 0 });
  return g.node('Resize', [x, '', '', sizes], {
    mode: 'linear',
    coordinate_transformation_mode: 'half_pixel',
  });
}
