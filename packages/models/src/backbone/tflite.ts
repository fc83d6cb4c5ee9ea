import { ByteBuffer } from 'flatbuffers';

/** One operator of a tflite graph, by tensor index. `options(field)` reads a scalar of its builtin options. */
export interface TfliteOperator {
  /** BuiltinOperator of tensorflow/lite/schema/schema.fbs. */
  readonly code: number;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  byteOption(field: number): number;
  intOption(field: number, otherwise: number): number;
}

export interface TfliteTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** TensorType: 0 float32, 1 float16, 2 int32, 3 uint8. */
  readonly type: number;
  /** Constant data, empty where the tensor is computed. */
  readonly data: Uint8Array;
}

export interface TfliteGraph {
  readonly tensors: readonly TfliteTensor[];
  readonly operators: readonly TfliteOperator[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/** A table of a flatbuffer: where it is, and its fields by slot number (schema.fbs order). */
class Table {
  readonly #buffer: ByteBuffer;
  readonly #at: number;

  constructor(buffer: ByteBuffer, at: number) {
    this.#buffer = buffer;
    this.#at = at;
  }

  #field(slot: number): number {
    const offset = this.#buffer.__offset(this.#at, 4 + 2 * slot);
    return offset === 0 ? 0 : this.#at + offset;
  }

  int(slot: number, otherwise = 0): number {
    const at = this.#field(slot);
    return at ? this.#buffer.readInt32(at) : otherwise;
  }

  byte(slot: number): number {
    const at = this.#field(slot);
    return at ? this.#buffer.readInt8(at) : 0;
  }

  text(slot: number): string {
    const at = this.#field(slot);
    return at ? String(this.#buffer.__string(at)) : '';
  }

  table(slot: number): Table | null {
    const at = this.#field(slot);
    return at ? new Table(this.#buffer, this.#buffer.__indirect(at)) : null;
  }

  tables(slot: number): Table[] {
    const at = this.#field(slot);
    if (!at) return [];
    const start = this.#buffer.__vector(at);
    return Array.from(
      { length: this.#buffer.__vector_len(at) },
      (_, i) => new Table(this.#buffer, this.#buffer.__indirect(start + 4 * i)),
    );
  }

  ints(slot: number): number[] {
    const at = this.#field(slot);
    if (!at) return [];
    const start = this.#buffer.__vector(at);
    return Array.from({ length: this.#buffer.__vector_len(at) }, (_, i) =>
      this.#buffer.readInt32(start + 4 * i),
    );
  }

  bytes(slot: number): Uint8Array {
    const at = this.#field(slot);
    if (!at) return new Uint8Array(0);
    const start = this.#buffer.__vector(at);
    return this.#buffer.bytes().subarray(start, start + this.#buffer.__vector_len(at));
  }
}

/**
 * Reads the first subgraph of a tflite file (TensorFlow Lite schema, version 3). Field slots follow
 * tensorflow/lite/schema/schema.fbs.
 *
 * @throws Error where the file is no tflite model.
 */
export function readTflite(bytes: Uint8Array): TfliteGraph {
  const buffer = new ByteBuffer(bytes);
  if (!buffer.__has_identifier('TFL3')) throw new Error('not a tflite model: the identifier TFL3 is missing');
  const model = new Table(buffer, buffer.readInt32(0));
  const codes = model.tables(1).map((t) => Math.max(t.byte(0), t.int(3)));
  const buffers = model.tables(4);
  const graph = model.tables(2)[0];
  if (!graph) throw new Error('the tflite model has no graph');
  const tensors = graph.tables(0).map((t) => ({
    shape: t.ints(0),
    type: t.byte(1),
    data: buffers[t.int(2)]?.bytes(0) ?? new Uint8Array(0),
    name: t.text(3),
  }));
  const operators = graph.tables(3).map((t) => {
    const options = t.table(4);
    return {
      code: codes[t.int(0)] ?? -1,
      inputs: t.ints(1),
      outputs: t.ints(2),
      byteOption: (field: number) => options?.byte(field) ?? 0,
      intOption: (field: number, otherwise: number) => options?.int(field, otherwise) ?? otherwise,
    };
  });
  return { tensors, operators, inputs: graph.ints(1), outputs: graph.ints(2) };
}
