import { innerGraphs } from '../onnx/graft.js';
import {
  decodeModel,
  type GraphMessage,
  type ModelMessage,
  type TensorMessage,
} from '../onnx/onnx-schema.js';

/** An ONNX file made elsewhere, as far as it can join a graph of ours. */
export interface ForeignNetwork {
  readonly model: ModelMessage;
  /** Version of each domain of operators. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly input: PictureInput;
}

/** Where the network takes its picture; null = any size, or any number of pictures. */
export interface PictureInput {
  readonly name: string;
  readonly channelsLast: boolean;
  readonly batch: number | null;
  readonly height: number | null;
  readonly width: number | null;
}

/** Below it, operators broadcast by rules of their own. */
const OLDEST_OPSET = 7;
const EXTERNAL = 1;
const FLOAT = 1;

/**
 * Reads an ONNX file that takes one picture.
 *
 * @throws Error where it is none, or cannot join another graph; the message says what to change.
 */
export function readForeignNetwork(bytes: Uint8Array): ForeignNetwork {
  const model = decodeModel(bytes);
  const opsets = new Map<string, number>();
  for (const { domain, version } of model.opsetImport) {
    opsets.set(domain === 'ai.onnx' ? '' : domain, Number(version));
  }
  const opset = opsets.get('') ?? 1;
  if (opset < OLDEST_OPSET) {
    throw new Error(
      `it is written for operator set ${opset}; export it again with 17 (at least ${OLDEST_OPSET})`,
    );
  }
  if (model.functions?.length) {
    throw new Error(
      'it defines functions of its own; inline them first (onnx.inliner.inline_local_functions)',
    );
  }
  if (model.graph.sparseInitializer?.length)
    throw new Error('it has sparse weights; export it with dense ones');
  const outside = tensorsOf(model.graph).find((tensor) => tensor.dataLocation === EXTERNAL);
  if (outside !== undefined) {
    const place = outside.externalData?.find(({ key }) => key === 'location')?.value ?? 'another file';
    throw new Error(
      `its weights lie in ${place}; write it as one file (onnx.save_model(..., save_as_external_data=False))`,
    );
  }
  return { model, opsets, input: pictureInput(model.graph) };
}

/** Every tensor of a graph and of the graphs inside its nodes. */
function tensorsOf(graph: GraphMessage): TensorMessage[] {
  return [
    ...graph.initializer,
    ...graph.node.flatMap((node) => [
      ...(node.attribute ?? []).flatMap(({ t, tensors }) => [...(t ? [t] : []), ...(tensors ?? [])]),
      ...innerGraphs(node).flatMap(tensorsOf),
    ]),
  ];
}

function pictureInput(graph: GraphMessage): PictureInput {
  // Old files list their weights among the inputs.
  const weights = new Set(graph.initializer.map(({ name }) => name));
  const inputs = graph.input.filter(({ name }) => !weights.has(name));
  const [only] = inputs;
  if (only === undefined || inputs.length > 1) {
    const names = inputs.map(({ name }) => name).join(', ') || 'none';
    throw new Error(
      `a backbone takes one input, the picture; this network takes ${inputs.length} (${names})`,
    );
  }
  const type = only.type?.tensorType;
  if (type?.elemType !== FLOAT) {
    throw new Error(`its input ${only.name} is not float32; export it with a float32 picture as input`);
  }
  const known = type.shape?.dim.map(({ dimValue }) => {
    const size = Number(dimValue ?? 0);
    return size > 0 ? size : null;
  });
  const shape = `[${type.shape?.dim.map((d, i) => known?.[i] ?? (d.dimParam || '?')).join(', ')}]`;
  const [batch = null, a = null, b = null, c = null] = known ?? [];
  const wanted = 'a picture is [n, 3, height, width] or [n, height, width, 3]';
  if (known !== undefined && known.length !== 4) {
    throw new Error(`its input ${only.name} has the shape ${shape}; ${wanted}`);
  }
  const rest = { name: only.name, batch };
  if (a === 3 || (a === null && c !== 3)) return { ...rest, channelsLast: false, height: b, width: c };
  if (c === 3) return { ...rest, channelsLast: true, height: a, width: b };
  throw new Error(`its input ${only.name} has the shape ${shape}; ${wanted}`);
}
