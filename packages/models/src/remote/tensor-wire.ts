import type { InputPlan, Part } from './tensor-plan.js';

/** Body and headers of an inference request. */
export interface WireRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface WireOptions {
  /** Told back by the server: it says whose answer it is. */
  readonly id: string;
  /** Outputs that are asked for; empty: whatever the model gives. */
  readonly outputs: readonly string[];
  /** Whether the server takes numbers and files behind the JSON (binary tensor data extension). */
  readonly binary: boolean;
}

/**
 * An inference request of the Open Inference Protocol v2 for `units`, each with one part an input, all of one shape.
 * @throws Error for empty cells where the numbers travel as JSON, which has no word for them.
 */
export function encodeRequest(
  plans: readonly InputPlan[],
  units: readonly (readonly Part[])[],
  { id, outputs, binary }: WireOptions,
): WireRequest {
  const blobs: Buffer[] = [];
  const inputs = plans.map(({ meta, batch }, k) => {
    const parts = units.map((unit) => unit[k]!);
    const inner = parts[0]!.inner;
    const about = {
      name: meta.name,
      shape: batch === 'none' ? inner : [parts.length, ...inner],
      datatype: meta.datatype,
    };
    if (!binary) return { ...about, ...inWords(parts) };
    const blob = Buffer.concat(
      parts.map((part) => ('file' in part ? counted(part.file) : packed(part.numbers, meta.datatype))),
    );
    blobs.push(blob);
    return { ...about, parameters: { binary_data_size: blob.length } };
  });
  const asked = outputs.map((name) => (binary ? { name, parameters: { binary_data: true } } : { name }));
  const json = Buffer.from(JSON.stringify({ id, inputs, ...(asked.length === 0 ? {} : { outputs: asked }) }));
  if (!binary) return { headers: { 'content-type': 'application/json' }, body: json };
  return {
    headers: {
      'content-type': 'application/octet-stream',
      'inference-header-content-length': String(json.length),
    },
    body: Buffer.concat([json, ...blobs]),
  };
}

/** A file in JSON is base64, said so in the parameter that MLServer reads. */
function inWords(parts: readonly Part[]): { data: unknown[]; parameters?: Record<string, string> } {
  const files = parts.flatMap((part) => ('file' in part ? [Buffer.from(part.file).toString('base64')] : []));
  if (files.length > 0) return { data: files, parameters: { content_type: 'base64' } };
  const data = parts.flatMap((part) => ('numbers' in part ? Array.from(part.numbers) : []));
  if (data.some(Number.isNaN))
    throw new Error(
      'it has empty cells, for which JSON has no word; a server with binary_tensor_data takes them',
    );
  return { data };
}

function counted(file: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(file.length);
  return Buffer.concat([length, file]);
}

function packed(numbers: ArrayLike<number>, datatype: string): Buffer {
  if (datatype === 'UINT8') return Buffer.from(Uint8Array.from(numbers));
  const size = datatype === 'FP64' ? 8 : 4;
  const out = Buffer.alloc(numbers.length * size);
  for (let i = 0; i < numbers.length; i++) {
    if (size === 8) out.writeDoubleLE(numbers[i]!, 8 * i);
    else out.writeFloatLE(numbers[i]!, 4 * i);
  }
  return out;
}
