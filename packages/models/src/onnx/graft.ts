import type { AttributeMessage, GraphMessage, NodeMessage, TensorMessage } from './onnx-schema.js';

/** Nodes and constants that join a graph, with every name their own. */
export interface Graft {
  readonly nodes: readonly NodeMessage[];
  readonly initializers: readonly TensorMessage[];
}

/**
 * The part of a graph on which `wanted` depend, each value renamed: `bound` says which name takes the place of an
 * input, all others get `prefix`. Shapes noted in the file are left out: a file made for one picture notes shapes
 * of one picture.
 */
export function graft(
  graph: GraphMessage,
  wanted: readonly string[],
  { prefix, bound }: { prefix: string; bound: ReadonlyMap<string, string> },
): Graft {
  const rename = (name: string): string => (name === '' ? '' : (bound.get(name) ?? prefix + name));
  const needed = nodesFor(graph, wanted);
  const read = new Set(wanted);
  for (const node of needed) for (const name of readBy(node)) read.add(name);
  return {
    nodes: graph.node.filter((node) => needed.has(node)).map((node) => renamed(node, rename)),
    initializers: graph.initializer
      .filter(({ name }) => read.has(name))
      .map((tensor) => ({ ...tensor, name: rename(tensor.name) })),
  };
}

/** Values that a node reads, those that its inner graphs take from outside included. */
export function readBy(node: NodeMessage): string[] {
  return [...node.input.filter((name) => name !== ''), ...innerGraphs(node).flatMap(readInside)];
}

function readInside(graph: GraphMessage): string[] {
  const outputs = graph.output.map(({ name }) => name);
  return [...graph.node.flatMap(readBy), ...outputs];
}

/** Inner graphs of a node (If, Loop, Scan). */
export function innerGraphs(node: NodeMessage): GraphMessage[] {
  return (node.attribute ?? []).flatMap(({ g, graphs }) => [...(g ? [g] : []), ...(graphs ?? [])]);
}

function nodesFor(graph: GraphMessage, wanted: readonly string[]): Set<NodeMessage> {
  const maker = new Map(graph.node.flatMap((node) => node.output.map((name) => [name, node] as const)));
  const needed = new Set<NodeMessage>();
  const open = [...wanted];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const node = maker.get(name);
    if (node === undefined || needed.has(node)) continue;
    needed.add(node);
    open.push(...readBy(node));
  }
  return needed;
}

/** One rule for all names keeps what an inner graph takes from outside bound to it. */
function renamed(node: NodeMessage, rename: (name: string) => string): NodeMessage {
  return {
    ...node,
    name: rename(node.name),
    input: node.input.map(rename),
    output: node.output.map(rename),
    attribute: (node.attribute ?? []).map((attribute) => renamedAttribute(attribute, rename)),
  };
}

function renamedAttribute(attribute: AttributeMessage, rename: (name: string) => string): AttributeMessage {
  const { g, graphs } = attribute;
  if (!g && !graphs?.length) return attribute;
  return {
    ...attribute,
    ...(g ? { g: renamedGraph(g, rename) } : {}),
    ...(graphs?.length ? { graphs: graphs.map((inner) => renamedGraph(inner, rename)) } : {}),
  };
}

function renamedGraph(graph: GraphMessage, rename: (name: string) => string): GraphMessage {
  const each = <T extends { readonly name: string }>(values: readonly T[]): T[] =>
    values.map((value) => ({ ...value, name: rename(value.name) }));
  return {
    ...graph,
    node: graph.node.map((node) => renamed(node, rename)),
    initializer: each(graph.initializer),
    input: each(graph.input),
    output: each(graph.output),
    valueInfo: [],
  };
}
