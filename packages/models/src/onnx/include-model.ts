import { graft } from './graft.js';
import type { GraphBuilder } from './graph-builder.js';
import { decodeModel } from './onnx-schema.js';

/**
 * Adds a whole model to a graph. `inputs`: which value of the graph takes the place of each input of the model. Returns
 * the value of each output that is wanted and there.
 */
export function includeModel(
  g: GraphBuilder,
  onnx: Uint8Array,
  { inputs, wanted }: { inputs: ReadonlyMap<string, string>; wanted: readonly string[] },
): Map<string, string> {
  const { graph, opsetImport, irVersion } = decodeModel(onnx);
  const there = new Set(graph.output.map(({ name }) => name));
  const outputs = wanted.filter((name) => there.has(name));
  const prefix = g.prefix('model');
  const opsets = new Map(opsetImport.map(({ domain, version }) => [domain, Number(version)] as const));
  g.include(graft(graph, outputs, { prefix, bound: inputs }), { opsets, irVersion: Number(irVersion) });
  return new Map(outputs.map((name) => [name, prefix + name]));
}
