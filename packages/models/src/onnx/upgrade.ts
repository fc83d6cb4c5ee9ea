import type { AttributeMessage, GraphMessage, Int64, NodeMessage } from './onnx-schema.js';

/** Adds a constant to the graph and returns its name. */
export type AddConstant = (type: 'float32' | 'int64', values: readonly Int64[], shape: number[]) => string;

/** An attribute that became an input of the operator in version `since` of ai.onnx, or went away (`input` null). */
interface Move {
  readonly since: number;
  readonly attribute: string;
  readonly input: number | null;
  readonly type: 'float32' | 'int64';
  readonly scalar?: true;
}

const axesSince = (since: number): Move[] => [{ since, attribute: 'axes', input: 1, type: 'int64' }];

/** The operator change log of ai.onnx (onnx/onnx, docs/Changelog.md), for operators that picture networks use. */
const MOVES: Readonly<Record<string, readonly Move[]>> = {
  Clip: [
    { since: 11, attribute: 'min', input: 1, type: 'float32', scalar: true },
    { since: 11, attribute: 'max', input: 2, type: 'float32', scalar: true },
  ],
  Dropout: [{ since: 12, attribute: 'ratio', input: null, type: 'float32' }],
  Pad: [
    { since: 11, attribute: 'pads', input: 1, type: 'int64' },
    { since: 11, attribute: 'value', input: 2, type: 'float32', scalar: true },
  ],
  Slice: [
    { since: 10, attribute: 'starts', input: 1, type: 'int64' },
    { since: 10, attribute: 'ends', input: 2, type: 'int64' },
    { since: 10, attribute: 'axes', input: 3, type: 'int64' },
  ],
  Split: [{ since: 13, attribute: 'split', input: 1, type: 'int64' }],
  Squeeze: axesSince(13),
  Unsqueeze: axesSince(13),
  ReduceSum: axesSince(13),
  ReduceMean: axesSince(18),
  ReduceMax: axesSince(18),
  ReduceMin: axesSince(18),
  ReduceProd: axesSince(18),
  ReduceL1: axesSince(18),
  ReduceL2: axesSince(18),
  ReduceLogSum: axesSince(18),
  ReduceLogSumExp: axesSince(18),
  ReduceSumSquare: axesSince(18),
};

/**
 * A node of ai.onnx version `from` as version `to` writes it: attributes that became inputs move. Operators that
 * changed their meaning are left as they are; whoever upgrades a graph compares its numbers.
 */
export function upgradeNode(node: NodeMessage, from: number, to: number, constant: AddConstant): NodeMessage {
  if (from >= to) return node;
  const inner = (graph: GraphMessage): GraphMessage => ({
    ...graph,
    node: graph.node.map((one) => upgradeNode(one, from, to, constant)),
  });
  let attribute: readonly AttributeMessage[] = (node.attribute ?? []).map((a) => ({
    ...a,
    ...(a.g ? { g: inner(a.g) } : {}),
    ...(a.graphs?.length ? { graphs: a.graphs.map(inner) } : {}),
  }));
  if ((node.domain ?? '') !== '') return { ...node, attribute };
  const input = [...node.input];
  for (const move of MOVES[node.opType] ?? []) {
    if (from >= move.since || to < move.since) continue;
    const found = attribute.find((a) => a.name === move.attribute);
    if (found === undefined) continue;
    attribute = attribute.filter((a) => a !== found);
    if (move.input === null) continue;
    while (input.length < move.input) input.push('');
    const values = move.scalar ? [found.f ?? 0] : (found.ints ?? []);
    input[move.input] = constant(move.type, values, move.scalar ? [] : [values.length]);
  }
  // From 18 on a Split without sizes says into how many parts.
  if (node.opType === 'Split' && from < 18 && to >= 18 && (input[1] ?? '') === '') {
    attribute = [...attribute, { name: 'num_outputs', type: 2, i: node.output.length }];
  }
  return { ...node, input, attribute };
}
