import type { Scalar, Value } from '../contract/value.js';
import { pack, unpack } from './arrays.js';
import { DATATYPES, type Datatype, datatypeOf, itemTypeOf } from './datatypes.js';
import { bigOf, halvesOf } from './proto.js';

/** A value as it lies on the wire: which of its fields, and what. Only a data type gives it a meaning. */
export type Wire =
  | { readonly field: 'int'; readonly value: number }
  | { readonly field: 'long'; readonly value: bigint }
  | { readonly field: 'float' | 'double'; readonly value: number }
  | { readonly field: 'boolean'; readonly value: boolean }
  | { readonly field: 'string'; readonly value: string }
  | { readonly field: 'bytes' | 'template'; readonly value: Uint8Array }
  | { readonly field: 'dataset'; readonly value: DataSet };

/** A table: as many names and types as columns, and a value of each type in every row. */
export interface DataSet {
  readonly columns: readonly string[];
  readonly types: readonly Datatype[];
  readonly rows: readonly (readonly (Scalar | null)[])[];
}

/** A template, carried and not understood. */
export interface Opaque {
  readonly template: Uint8Array;
}

export type MetricValue = Value | DataSet | Opaque;

const BITS: Readonly<Partial<Record<Datatype, readonly [bits: number, signed: boolean]>>> = {
  ...{ Int8: [8, true], Int16: [16, true], Int32: [32, true], Int64: [64, true] },
  ...{ UInt8: [8, false], UInt16: [16, false], UInt32: [32, false], UInt64: [64, false] },
};

/**
 * What a wire value means. A signed integer lies in an unsigned field as its two's complement; a peer may have put an
 * integer into the wider or narrower field, which is understood where nothing is lost.
 * @throws RangeError where value and type do not go together.
 */
export function meaning(wire: Wire, datatype: Datatype): MetricValue {
  const wrong = () => new RangeError(`a ${wire.field} value for a ${datatype}`);
  const bits = BITS[datatype];
  if (bits) {
    if (wire.field !== 'int' && wire.field !== 'long') throw wrong();
    return integer(BigInt(wire.value), bits);
  }
  const item = itemTypeOf(datatype);
  if (item) {
    if (wire.field !== 'bytes') throw wrong();
    return unpack(wire.value, item);
  }
  switch (datatype) {
    case 'Float':
    case 'Double':
      if (wire.field !== 'float' && wire.field !== 'double') throw wrong();
      return wire.value;
    case 'Boolean':
      if (wire.field !== 'boolean') throw wrong();
      return wire.value;
    case 'String':
    case 'Text':
    case 'UUID':
      if (wire.field !== 'string') throw wrong();
      return wire.value;
    case 'DateTime':
      if (wire.field !== 'long' && wire.field !== 'int') throw wrong();
      return Number(BigInt.asIntN(64, BigInt(wire.value)));
    case 'Bytes':
    case 'File':
      if (wire.field !== 'bytes') throw wrong();
      return wire.value;
    case 'DataSet':
      if (wire.field !== 'dataset') throw wrong();
      return wire.value;
    case 'Template':
      if (wire.field !== 'template') throw wrong();
      return { template: wire.value };
    default:
      throw new RangeError(`${datatype} is no type of a metric`);
  }
}

function integer(raw: bigint, [bits, signed]: readonly [number, boolean]): number | bigint {
  const value = signed ? BigInt.asIntN(bits, raw) : raw;
  // Whatever lies above the type's bits must be its sign or nothing.
  const fits = signed
    ? [bits, 32, 64].some((width) => BigInt.asIntN(width, raw) === value && raw < 2n ** BigInt(width))
    : raw < 2n ** BigInt(bits);
  if (!fits) throw new RangeError(`${raw} does not fit ${bits} bits`);
  return bits === 64 ? value : Number(value);
}

/** The wire form of a value. @throws RangeError where it is not one of that type. */
export function wireOf(value: Exclude<MetricValue, null>, datatype: Datatype): Wire {
  const wrong = () => new RangeError(`not a value of a ${datatype}: ${String(value).slice(0, 50)}`);
  const bits = BITS[datatype];
  if (bits) return wireInteger(value, datatype, bits);
  const item = itemTypeOf(datatype);
  if (item) {
    if (!Array.isArray(value)) throw wrong();
    for (const one of value as readonly Scalar[]) wireOf(one, item);
    return { field: 'bytes', value: pack(value as readonly Scalar[], item) };
  }
  switch (datatype) {
    case 'Float':
    case 'Double':
      if (typeof value !== 'number') throw wrong();
      return { field: datatype === 'Float' ? 'float' : 'double', value };
    case 'Boolean':
      if (typeof value !== 'boolean') throw wrong();
      return { field: 'boolean', value };
    case 'String':
    case 'Text':
    case 'UUID':
      if (typeof value !== 'string') throw wrong();
      return { field: 'string', value };
    case 'DateTime':
      if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong();
      return { field: 'long', value: BigInt(Math.round(value)) };
    case 'Bytes':
    case 'File':
      if (!(value instanceof Uint8Array)) throw wrong();
      return { field: 'bytes', value };
    case 'DataSet':
      if (!isDataSet(value)) throw wrong();
      return { field: 'dataset', value };
    case 'Template':
      if (typeof value !== 'object' || !('template' in value)) throw wrong();
      return { field: 'template', value: value.template };
    default:
      throw new RangeError(`${datatype} is no type of a metric`);
  }
}

function wireInteger(value: unknown, datatype: Datatype, [bits, signed]: readonly [number, boolean]): Wire {
  const whole =
    typeof value === 'bigint' ? value : Number.isInteger(value) ? BigInt(value as number) : undefined;
  const least = signed ? -(2n ** BigInt(bits - 1)) : 0n;
  const most = signed ? 2n ** BigInt(bits - 1) : 2n ** BigInt(bits);
  if (whole === undefined || whole < least || whole >= most)
    throw new RangeError(`not a value of a ${datatype}: ${String(value).slice(0, 50)}`);
  // UInt32 lies in the narrow field as the schema of section 6.4.1 has it.
  if (bits === 64) return { field: 'long', value: whole };
  return { field: 'int', value: Number(BigInt.asUintN(32, whole)) };
}

export function isDataSet(value: unknown): value is DataSet {
  return typeof value === 'object' && value !== null && 'columns' in value && 'rows' in value;
}

/** Names of the wire's fields in the schema. */
const FIELDS = [
  ...(['int', 'long', 'float', 'double', 'boolean', 'string'] as const),
  ...(['bytes', 'dataset', 'template'] as const),
];

/** The value of a decoded message with the `value` choice of a metric, a property or a cell; undefined: it has none. */
export function readWire(message: Readonly<Record<string, unknown>>): Wire | undefined {
  const field = FIELDS.find(
    (name) => Object.hasOwn(message, `${name}_value`) && message[`${name}_value`] !== null,
  );
  if (!field) return undefined;
  const raw = message[`${field}_value`];
  if (field === 'long') return { field, value: bigOf(raw) };
  if (field === 'dataset') return { field, value: readDataSet(raw as Record<string, unknown>) };
  // A view into the packet would keep the whole of it alive.
  if (field === 'bytes' || field === 'template') return { field, value: Uint8Array.from(raw as Uint8Array) };
  return { field, value: raw } as Wire;
}

export function writeWire(wire: Wire): Record<string, unknown> {
  const name = `${wire.field}_value`;
  if (wire.field === 'long') return { [name]: halvesOf(wire.value) };
  return { [name]: wire.field === 'dataset' ? writeDataSet(wire.value) : wire.value };
}

function readDataSet(raw: Readonly<Record<string, unknown>>): DataSet {
  const columns = raw.columns as readonly string[];
  const types = (raw.types as readonly number[]).map((number) => {
    const type = datatypeOf(number);
    if (!type || number > DATATYPES.Text) throw new RangeError(`type ${number} in a data set`);
    return type;
  });
  const rows = (raw.rows as readonly { readonly elements: readonly Record<string, unknown>[] }[]).map(
    ({ elements }) => {
      if (elements.length !== types.length) throw new RangeError('a row of a data set misses a column');
      return elements.map((element, i) => {
        const wire = readWire(element);
        return wire ? (meaning(wire, types[i] as Datatype) as Scalar) : null;
      });
    },
  );
  if (columns.length !== types.length) throw new RangeError('a data set has other names than types');
  return { columns, types, rows };
}

function writeDataSet({ columns, types, rows }: DataSet): Record<string, unknown> {
  if (columns.length !== types.length) throw new RangeError('a data set has other names than types');
  return {
    num_of_columns: halvesOf(BigInt(columns.length)),
    columns,
    types: types.map((type) => DATATYPES[type]),
    rows: rows.map((row) => ({
      elements: types.map((type, i) => {
        const value = row[i] ?? null;
        return value === null ? {} : writeWire(wireOf(value, type));
      }),
    })),
  };
}
