import type { Graft } from './graft.js';
import {
  type AttributeMessage,
  encodeModel,
  type NodeMessage,
  type TensorMessage,
  type ValueMessage,
} from './onnx-schema.js';
import { type AddConstant, upgradeNode } from './upgrade.js';

/** The operator set of ai.onnx that this builder's own nodes are written for. */
const OWN_OPSET = 17;

/** Element types that the recipes use. */
export type ElementType = 'float32' | 'int64' | 'uint8' | 'bool' | 'int32' | 'float16' | 'string';

/** TensorProto.DataType */
const DATA_TYPE: Record<ElementType, number> = {
  float32: 1,
  int64: 7,
  uint8: 2,
  bool: 9,
  int32: 6,
  float16: 10,
  string: 8,
};

/** Attribute values: an integer-valued number is written as INT; use `{ float: x }` to force FLOAT. */
export type Attribute =
  | number
  | string
  | { readonly float: number }
  | { readonly floats: readonly number[] | Float32Array }
  | { readonly ints: readonly number[] }
  | { readonly strings: readonly string[] };

/** The number that ONNX uses for an element type (`to` of Cast). */
export function elementCode(type: ElementType): number {
  return DATA_TYPE[type];
}

/**
 * Writes one ONNX model (IR 8, opset 17, ai.onnx.ml 3; higher where an included graph needs it). Values are named; `node` returns the name of the
 * first output so that graphs read like expressions: `g.node('Add', [a, b])`.
 */
export class GraphBuilder {
  readonly #nodes: NodeMessage[] = [];
  readonly #initializers: TensorMessage[] = [];
  readonly #inputs: ValueMessage[] = [];
  readonly #outputs: ValueMessage[] = [];
  readonly #opsets = new Map([
    ['', OWN_OPSET],
    ['ai.onnx.ml', 3],
  ]);
  readonly #included: { readonly nodes: Set<NodeMessage>; readonly opset: number }[] = [];
  #irVersion = 8;
  readonly #constants = new Map<string, string>();
  readonly #metadata: { key: string; value: string }[] = [];
  #serial = 0;

  /** Declares a graph input; a string in `shape` is a symbolic dimension. Returns its name. */
  input(name: string, type: ElementType, shape: readonly (number | string)[]): string {
    this.#inputs.push(valueInfo(name, type, shape));
    return name;
  }

  /** Declares `value` as the graph output `name`. */
  output(name: string, value: string, type: ElementType, shape: readonly (number | string)[]): void {
    this.#nodes.push({ opType: 'Identity', input: [value], output: [name], name: `out_${name}` });
    this.#outputs.push(valueInfo(name, type, shape));
  }

  /** Adds a node with one output and returns that output's name. */
  node(
    opType: string,
    inputs: readonly string[],
    attributes: Record<string, Attribute> = {},
    domain = '',
  ): string {
    return this.nodes(opType, inputs, 1, attributes, domain)[0]!;
  }

  /** Adds a node with several outputs and returns their names. */
  nodes(
    opType: string,
    inputs: readonly string[],
    outputs: number,
    attributes: Record<string, Attribute> = {},
    domain = '',
  ): string[] {
    const id = this.#serial++;
    const names = Array.from({ length: outputs }, (_, i) => `${opType}_${id}${i ? `_${i}` : ''}`);
    this.#nodes.push({
      opType,
      domain,
      name: `${opType}_${id}`,
      input: [...inputs],
      output: names,
      attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
    });
    return names;
  }

  /** A float32 constant. Equal small constants are stored once. */
  floats(values: ArrayLike<number>, shape: readonly number[]): string {
    return this.#constant('float32', Float32Array.from(values as ArrayLike<number>), shape);
  }

  /** A float32 scalar (rank 0). */
  scalar(value: number): string {
    return this.floats([value], []);
  }

  /** An int64 constant; rank 1 unless `shape` says otherwise. */
  ints(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.#constant('int64', BigInt64Array.from(values.map(BigInt)), shape);
  }

  /** A constant from raw little-endian bytes. */
  raw(type: ElementType, bytes: Uint8Array, shape: readonly number[]): string {
    const name = `c_${this.#serial++}`;
    this.#initializers.push({ name, dataType: DATA_TYPE[type], dims: [...shape], rawData: bytes });
    return name;
  }

  /**
   * Adds nodes of a graph made elsewhere for the operator sets `opsets`. A model has one version per domain: the
   * highest that a part asks for; nodes written for a lower one are upgraded when the model is encoded.
   */
  include(
    part: Graft,
    { opsets, irVersion }: { opsets: ReadonlyMap<string, number>; irVersion: number },
  ): void {
    for (const [domain, version] of opsets) {
      this.#opsets.set(domain, Math.max(version, this.#opsets.get(domain) ?? 0));
    }
    this.#irVersion = Math.max(this.#irVersion, irVersion);
    this.#nodes.push(...part.nodes);
    this.#initializers.push(...part.initializers);
    this.#included.push({ nodes: new Set(part.nodes), opset: opsets.get('') ?? OWN_OPSET });
  }

  /** A prefix that no other value of this graph has. */
  prefix(word: string): string {
    return `${word}${this.#serial++}/`;
  }

  /** A note that travels in the file (`metadata_props`). */
  metadata(key: string, value: string): void {
    this.#metadata.push({ key, value });
  }

  /** Encodes the model. The same calls give the same bytes. */
  encode(name: string): Uint8Array {
    const opset = this.#opsets.get('') ?? OWN_OPSET;
    const moved: TensorMessage[] = [];
    const constant: AddConstant = (type, values, shape) => {
      const data =
        type === 'float32'
          ? Float32Array.from(values, Number)
          : BigInt64Array.from(values, (v) => BigInt(v.toString()));
      const tensor = { name: `moved_${moved.length}`, dataType: DATA_TYPE[type], dims: shape };
      moved.push({ ...tensor, rawData: bytesOf(data) });
      return tensor.name;
    };
    const opsetOf = (node: NodeMessage): number =>
      this.#included.find(({ nodes }) => nodes.has(node))?.opset ?? OWN_OPSET;
    const node = this.#nodes.map((one) => upgradeNode(one, opsetOf(one), opset, constant));
    return encodeModel({
      irVersion: this.#irVersion,
      producerName: 'selvedge',
      opsetImport: Array.from(this.#opsets, ([domain, version]) => ({ domain, version })),
      metadataProps: this.#metadata,
      graph: {
        name,
        node,
        initializer: [...this.#initializers, ...moved],
        input: this.#inputs,
        output: this.#outputs,
      },
    });
  }

  #constant(type: ElementType, values: Float32Array | BigInt64Array, shape: readonly number[]): string {
    const bytes = bytesOf(values);
    if (values.length > 16) return this.raw(type, bytes, shape);
    const key = `${type}|${shape.join(',')}|${values.join(',')}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const name = this.raw(type, bytes, shape);
    this.#constants.set(key, name);
    return name;
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array | BigInt64Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

function valueInfo(name: string, type: ElementType, shape: readonly (number | string)[]): ValueMessage {
  const dim = shape.map((d) => (typeof d === 'string' ? { dimParam: d } : { dimValue: d }));
  return { name, type: { tensorType: { elemType: DATA_TYPE[type], shape: { dim } } } };
}

/** AttributeProto.AttributeType */
const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, floats: 6, ints: 7, strings: 8 } as const;

function attribute(name: string, value: Attribute): AttributeMessage {
  if (typeof value === 'number') return { name, type: ATTRIBUTE_TYPE.int, i: value };
  if (typeof value === 'string') return { name, type: ATTRIBUTE_TYPE.string, s: Buffer.from(value) };
  if ('float' in value) return { name, type: ATTRIBUTE_TYPE.float, f: value.float };
  if ('floats' in value) return { name, type: ATTRIBUTE_TYPE.floats, floats: Array.from(value.floats) };
  if ('ints' in value) return { name, type: ATTRIBUTE_TYPE.ints, ints: [...value.ints] };
  return { name, type: ATTRIBUTE_TYPE.strings, strings: value.strings.map((s) => Buffer.from(s)) };
}
