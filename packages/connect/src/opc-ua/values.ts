import { DataType, Variant, VariantArrayType } from 'node-opcua';
import type { Tag } from '../contract/tag.js';
import type { Scalar, ScalarType, Value } from '../contract/value.js';
import { isScaled, scaledDown, scaledUp } from '../kit/scaling.js';

const TYPES: Readonly<Record<ScalarType, DataType>> = {
  bool: DataType.Boolean,
  int8: DataType.SByte,
  uint8: DataType.Byte,
  int16: DataType.Int16,
  uint16: DataType.UInt16,
  int32: DataType.Int32,
  uint32: DataType.UInt32,
  int64: DataType.Int64,
  uint64: DataType.UInt64,
  float: DataType.Float,
  double: DataType.Double,
  string: DataType.String,
  datetime: DataType.DateTime,
  bytes: DataType.ByteString,
};

const BOUNDS: Readonly<Partial<Record<ScalarType, readonly [number, number]>>> = {
  int8: [-(2 ** 7), 2 ** 7 - 1],
  uint8: [0, 2 ** 8 - 1],
  int16: [-(2 ** 15), 2 ** 15 - 1],
  uint16: [0, 2 ** 16 - 1],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
};
const MOST_64 = { int64: [-(2n ** 63n), 2n ** 63n - 1n], uint64: [0n, 2n ** 64n - 1n] } as const;

/** The type that a node of this built-in type has in the words of the contract; undefined where there is none. */
export function scalarTypeOf(type: DataType): ScalarType | undefined {
  return (Object.keys(TYPES) as ScalarType[]).find((one) => TYPES[one] === type);
}

export function dataTypeOf(type: ScalarType): DataType {
  return TYPES[type];
}

export type Told = { readonly value: Value } | { readonly fault: string };

/** What of a tag matters for its values. */
export type Shape = Pick<Tag, 'type' | 'array' | 'scale' | 'offset'>;

/**
 * The value that a tag of this shape has, `value = raw x scale + offset`. Types that hold the same value without loss are
 * taken (a `Float` for a `double`, a `Byte[]` for `bytes`), anything else is a fault; a matrix is a list in row-major order.
 */
export function toValue(variant: Variant | null | undefined, shape: Shape): Told {
  const raw: unknown = variant?.value;
  if (!variant || variant.dataType === DataType.Null || raw === null || raw === undefined)
    return { value: null };
  const isList = variant.arrayType !== VariantArrayType.Scalar;
  if (isList && !shape.array && shape.type === 'bytes' && variant.dataType === DataType.Byte)
    return { value: Uint8Array.from(raw as Iterable<number>) };
  if (isList !== shape.array) return { fault: isList ? 'it is a list' : 'it is no list' };
  if (!isList) return scalar(raw, variant.dataType, shape);
  const list: Scalar[] = [];
  for (const one of raw as Iterable<unknown>) {
    const told = scalar(one, variant.dataType, shape);
    if ('fault' in told) return told;
    if (told.value === null || Array.isArray(told.value))
      return { fault: 'an item of the list has no value' };
    list.push(told.value as Scalar);
  }
  return { value: list };
}

function scalar(raw: unknown, from: DataType, shape: Shape): Told {
  const { type } = shape;
  const wrong = { fault: `it is ${DataType[from]}, not ${type}` };
  const big = from === DataType.Int64 || from === DataType.UInt64;
  switch (type) {
    case 'bool':
      return typeof raw === 'boolean' ? { value: raw } : wrong;
    case 'string':
      return textOf(raw, from, wrong);
    case 'datetime':
      return raw instanceof Date ? { value: raw.getTime() } : wrong;
    case 'bytes':
      if (raw === null || raw === undefined) return { value: null };
      return raw instanceof Uint8Array ? { value: Uint8Array.from(raw) } : wrong;
    case 'int64':
    case 'uint64': {
      const whole = big ? join64(raw, from) : Number.isSafeInteger(raw) ? BigInt(raw as number) : null;
      if (whole === null) return wrong;
      const [least, most] = MOST_64[type];
      if (whole < least || whole > most) return { fault: `${whole} does not fit ${type}` };
      return { value: isScaled(shape) ? scaledUp(Number(whole), shape) : whole };
    }
    default: {
      const number = big ? join64(raw, from) : raw;
      const plain = typeof number === 'bigint' ? exact(number) : number;
      if (typeof plain !== 'number' || from === DataType.StatusCode) return wrong;
      // A scaled integer may be a fraction: what the tag promises is its unit, not its storage.
      const whole = BOUNDS[type];
      if (whole && (!Number.isInteger(plain) || plain < whole[0] || plain > whole[1])) return wrong;
      return { value: isScaled(shape) ? scaledUp(plain, shape) : plain };
    }
  }
}

function textOf(raw: unknown, from: DataType, wrong: Told): Told {
  if (raw === null || raw === undefined) return { value: null };
  if (typeof raw === 'string') return { value: raw };
  if (from === DataType.LocalizedText) return { value: (raw as { text?: string | null }).text ?? null };
  return from === DataType.QualifiedName ? { value: (raw as { name?: string | null }).name ?? null } : wrong;
}

function exact(value: bigint): number | null {
  const number = Number(value);
  return BigInt(number) === value ? number : null;
}

/** The library hands 64-bit integers over as two unsigned halves, high first. */
function join64(raw: unknown, from: DataType): bigint | null {
  if (!Array.isArray(raw) || raw.length < 2) return null;
  const [high, low] = raw as [number, number];
  const bits = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  return from === DataType.Int64 ? BigInt.asIntN(64, bits) : bits;
}

function split64(value: bigint): [number, number] {
  const bits = BigInt.asUintN(64, value);
  return [Number(bits >> 32n), Number(bits & 0xffff_ffffn)];
}

/**
 * The inverse of `toValue`, in exactly the type of the shape.
 * @throws RangeError where the value does not fit it; the message says why
 */
export function toVariant(value: Value, shape: Shape): Variant {
  const dataType = TYPES[shape.type];
  if (value === null) return new Variant({ dataType: DataType.Null });
  if (Array.isArray(value) !== shape.array)
    throw new RangeError(shape.array ? 'it takes a list' : 'it takes no list');
  if (!shape.array)
    return new Variant({
      dataType,
      arrayType: VariantArrayType.Scalar,
      value: rawOf(value as Scalar, shape),
    });
  const list = (value as readonly Scalar[]).map((one) => rawOf(one, shape));
  return new Variant({ dataType, arrayType: VariantArrayType.Array, value: list });
}

function rawOf(value: Scalar, shape: Shape): unknown {
  const { type } = shape;
  const wrong = new RangeError(`${typeof value === 'bigint' ? value : JSON.stringify(value)} is no ${type}`);
  switch (type) {
    case 'bool':
      if (typeof value !== 'boolean') throw wrong;
      return value;
    case 'string':
      if (typeof value !== 'string') throw wrong;
      return value;
    case 'bytes':
      if (!(value instanceof Uint8Array)) throw wrong;
      return Buffer.from(value);
    case 'datetime':
      if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong;
      return new Date(value);
    case 'int64':
    case 'uint64': {
      const down = isScaled(shape) && typeof value === 'number' ? scaledDown(value, shape) : null;
      const raw = down !== null && Number.isSafeInteger(down) ? BigInt(down) : value;
      if (typeof raw !== 'bigint' || (isScaled(shape) && down === null)) throw wrong;
      const [least, most] = MOST_64[type];
      if (raw < least || raw > most) throw wrong;
      return split64(raw);
    }
    default: {
      if (typeof value !== 'number' || Number.isNaN(value)) throw wrong;
      const raw = isScaled(shape) ? scaledDown(value, shape) : value;
      const bounds = BOUNDS[type];
      // Nothing is rounded silently but what the scale itself makes inexact.
      if (bounds && (!Number.isInteger(raw) || raw < bounds[0] || raw > bounds[1])) throw wrong;
      return raw;
    }
  }
}
