import type { ScoredUnit } from '../engine/runner.js';
import type { Answer } from './egress.js';
import { excerpt, listOf, parsed, recordOf, textOf } from './json.js';

/** What an answer must be to be the one that was asked for. */
export interface Expected {
  readonly id: string;
  readonly units: number;
  readonly model: string;
  /** Null: any. */
  readonly version: string | null;
  /** Name of the output that is the score; null: the only one that there is. */
  readonly score: string | null;
}

export interface ReadAnswer {
  readonly said: readonly ScoredUnit[];
  /** What answered, where it says so. */
  readonly version: string | null;
}

const HEADER = 'inference-header-content-length';
/** Data may be nested as deep as a shape has dimensions; deeper is nobody's score. */
const DEEPEST = 8;

/**
 * Reads an inference response, JSON or with binary tensor data behind it.
 * @throws Error where it is not the answer to the question (another id, model, version), or has not one score a unit.
 */
export function readAnswer({ headers, body }: Answer, expected: Expected): ReadAnswer {
  const { json, binary } = split(headers[HEADER], body);
  const said = parsed(json, 'its answer');
  if (said.error !== undefined) throw new Error(`it answered with an error: ${excerpt(String(said.error))}`);
  const { id, model, units } = expected;
  if (said.id !== id)
    throw new Error(
      said.id === undefined
        ? 'its answer does not say to which question (the id that was sent is missing)'
        : `it answered another question (${excerpt(String(said.id)).slice(0, 60)})`,
    );
  if (said.model_name !== undefined && said.model_name !== model)
    throw new Error(`another model answered: ${excerpt(String(said.model_name)).slice(0, 60)}`);
  const version = said.model_version === undefined ? null : String(said.model_version);
  if (expected.version !== null && version !== null && version !== expected.version)
    throw new Error(`version ${version.slice(0, 60)} answered, expected was ${expected.version}`);
  const outputs = outputsOf(said.outputs, binary);
  const scores =
    outputs.find(({ name }) => name === (expected.score ?? 'score')) ?? onlyOf(outputs, expected);
  const [n = 0, ...rest] = scores.shape.length === 0 ? [1] : scores.shape;
  if (n !== units || rest.some((dim) => dim !== 1))
    throw new Error(`it gave scores [${scores.shape.join(', ')}] for ${units} units`);
  const shares = outputs.find(({ name }) => name === 'class_scores');
  const classes = shares === undefined ? 0 : shares.values().length / units;
  const perUnit =
    shares === undefined || units === 1 ? true : shares.shape[0] === units && shares.shape.length === 2;
  if (!perUnit || !Number.isInteger(classes))
    throw new Error(`it gave class scores [${shares?.shape.join(', ')}] for ${units} units`);
  const each = shares?.values();
  return {
    version,
    said: scores.values().map((score, i): ScoredUnit => {
      if (typeof score !== 'number' || !Number.isFinite(score))
        return {
          score: Number.NaN,
          fault: `its score is no finite number: ${excerpt(String(score)).slice(0, 60)}`,
        };
      const own = each?.slice(i * classes, (i + 1) * classes);
      if (own === undefined) return { score };
      if (!own.every((share): share is number => typeof share === 'number' && Number.isFinite(share)))
        return { score: Number.NaN, fault: 'its class scores are no finite numbers' };
      return { score, classScores: Float32Array.from(own) };
    }),
  };
}

function split(length: string | undefined, body: Buffer): { json: Buffer; binary: Buffer } {
  if (length === undefined) return { json: body, binary: Buffer.alloc(0) };
  const at = Number(length);
  if (!/^\d+$/.test(length) || at > body.length)
    throw new Error(
      `its answer has ${body.length} bytes and says that ${excerpt(length).slice(0, 20)} of them are JSON`,
    );
  return { json: body.subarray(0, at), binary: body.subarray(at) };
}

interface Output {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  /** As many as the shape says; what stands there may be anything. @throws Error otherwise. */
  readonly values: () => readonly unknown[];
}

function onlyOf(outputs: readonly Output[], { score }: Expected): Output {
  const [only] = outputs;
  if (score === null && only !== undefined && outputs.length === 1) return only;
  throw new Error(
    `it gave no output "${score ?? 'score'}" (it gave ${outputs.map(({ name }) => excerpt(name).slice(0, 40)).join(', ') || 'none'})`,
  );
}

function outputsOf(value: unknown, binary: Buffer): Output[] {
  let at = 0;
  return listOf(value).map((one) => {
    const { name, datatype, shape, data, parameters } = recordOf(one) ?? {};
    const dims = listOf(shape);
    if (textOf(name) === null || textOf(datatype) === null || !Array.isArray(shape) || !dims.every(isLength))
      throw new Error('its answer has an output without name, datatype and shape');
    const count = dims.reduce((product, dim) => product * dim, 1);
    const size = recordOf(parameters)?.binary_data_size;
    const about = { name: String(name), datatype: String(datatype), shape: dims };
    if (size === undefined) return { ...about, values: () => flat(about, data, count) };
    if (!isLength(size) || at + size > binary.length)
      throw new Error(`its output ${excerpt(about.name)} lies outside of its answer`);
    const bytes = binary.subarray(at, at + size);
    at += size;
    return { ...about, values: () => unpacked(about, bytes, count) };
  });
}

const isLength = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

function flat(
  { name, datatype }: Pick<Output, 'name' | 'datatype'>,
  data: unknown,
  count: number,
): readonly unknown[] {
  // A class number or a text is no score, however it looks in JSON.
  if (!(datatype in REAL))
    throw new Error(`its output ${excerpt(name)} is ${excerpt(datatype)}, a score is a real number`);
  const said: unknown[] = [];
  const walk = (value: unknown, depth: number): void => {
    if (!Array.isArray(value)) said.push(value);
    else if (depth === DEEPEST) throw new Error(`its output ${excerpt(name)} is nested too deep`);
    else for (const one of value) walk(one, depth + 1);
  };
  if (!Array.isArray(data)) throw new Error(`its output ${excerpt(name)} has no data`);
  walk(data, 0);
  if (said.length !== count)
    throw new Error(`its output ${excerpt(name)} has ${said.length} values where its shape has ${count}`);
  return said;
}

const REAL: Readonly<Record<string, { size: number; read: (bytes: Buffer, at: number) => number }>> = {
  FP16: { size: 2, read: (bytes, at) => half(bytes.readUInt16LE(at)) },
  FP32: { size: 4, read: (bytes, at) => bytes.readFloatLE(at) },
  FP64: { size: 8, read: (bytes, at) => bytes.readDoubleLE(at) },
};

function unpacked(
  { name, datatype }: Pick<Output, 'name' | 'datatype'>,
  bytes: Buffer,
  count: number,
): number[] {
  const real = REAL[datatype];
  if (real === undefined)
    throw new Error(`its output ${excerpt(name)} is ${excerpt(datatype)}, a score is a real number`);
  if (bytes.length !== count * real.size)
    throw new Error(
      `its output ${excerpt(name)} has ${bytes.length} bytes where its shape has ${count} values`,
    );
  return Array.from({ length: count }, (_, i) => real.read(bytes, i * real.size));
}

/** A number of half precision (IEEE 754-2019, binary16) from its bits. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
