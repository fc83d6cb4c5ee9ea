import type { Scalar } from '../contract/value.js';
import type { Datatype } from './datatypes.js';

type Packed = {
  readonly bytes: number;
  readonly read: (view: DataView, at: number) => Scalar;
  readonly write: (view: DataView, at: number, value: Scalar) => void;
};

/** Items of a fixed size, little endian as section 6.4.16.4 says (its examples of floats are printed the other way round). */
const PACKED: Readonly<Partial<Record<Datatype, Packed>>> = {
  Int8: { bytes: 1, read: (v, at) => v.getInt8(at), write: (v, at, x) => v.setInt8(at, Number(x)) },
  UInt8: { bytes: 1, read: (v, at) => v.getUint8(at), write: (v, at, x) => v.setUint8(at, Number(x)) },
  Int16: {
    ...{ bytes: 2, read: (v, at) => v.getInt16(at, true) },
    write: (v, at, x) => v.setInt16(at, Number(x), true),
  },
  UInt16: {
    ...{ bytes: 2, read: (v, at) => v.getUint16(at, true) },
    write: (v, at, x) => v.setUint16(at, Number(x), true),
  },
  Int32: {
    ...{ bytes: 4, read: (v, at) => v.getInt32(at, true) },
    write: (v, at, x) => v.setInt32(at, Number(x), true),
  },
  UInt32: {
    ...{ bytes: 4, read: (v, at) => v.getUint32(at, true) },
    write: (v, at, x) => v.setUint32(at, Number(x), true),
  },
  Int64: {
    ...{ bytes: 8, read: (v, at) => v.getBigInt64(at, true) },
    write: (v, at, x) => v.setBigInt64(at, BigInt(x as bigint), true),
  },
  UInt64: {
    ...{ bytes: 8, read: (v, at) => v.getBigUint64(at, true) },
    write: (v, at, x) => v.setBigUint64(at, BigInt(x as bigint), true),
  },
  Float: {
    ...{ bytes: 4, read: (v, at) => v.getFloat32(at, true) },
    write: (v, at, x) => v.setFloat32(at, Number(x), true),
  },
  Double: {
    ...{ bytes: 8, read: (v, at) => v.getFloat64(at, true) },
    write: (v, at, x) => v.setFloat64(at, Number(x), true),
  },
  DateTime: {
    ...{ bytes: 8, read: (v, at) => Number(v.getBigInt64(at, true)) },
    write: (v, at, x) => v.setBigInt64(at, BigInt(Math.round(Number(x))), true),
  },
};

/** The items of an array metric, whose bytes are packed; `item` is the type of one. @throws RangeError on bytes that do not fit. */
export function unpack(bytes: Uint8Array, item: Datatype): readonly Scalar[] {
  if (item === 'Boolean') return unpackBits(bytes);
  if (item === 'String') return unpackTexts(bytes);
  const packed = PACKED[item];
  if (!packed) throw new RangeError(`${item} has no array`);
  if (bytes.length % packed.bytes !== 0)
    throw new RangeError(`${bytes.length} bytes are no array of ${item}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / packed.bytes }, (_, i) => packed.read(view, i * packed.bytes));
}

export function pack(values: readonly Scalar[], item: Datatype): Uint8Array {
  if (item === 'Boolean') return packBits(values);
  if (item === 'String') return packTexts(values);
  const packed = PACKED[item];
  if (!packed) throw new RangeError(`${item} has no array`);
  const bytes = new Uint8Array(values.length * packed.bytes);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    packed.write(view, i * packed.bytes, value);
  });
  return bytes;
}

/** Four bytes with the count, then the bits, the first at the top of its byte. */
function unpackBits(bytes: Uint8Array): boolean[] {
  if (bytes.length < 4) throw new RangeError('an array of Boolean without its count');
  const count = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  if (bytes.length !== 4 + Math.ceil(count / 8))
    throw new RangeError(`${bytes.length} bytes are no array of ${count} Boolean`);
  return Array.from({ length: count }, (_, i) => (((bytes[4 + (i >> 3)] ?? 0) >> (7 - (i & 7))) & 1) === 1);
}

function packBits(values: readonly Scalar[]): Uint8Array {
  const bytes = new Uint8Array(4 + Math.ceil(values.length / 8));
  new DataView(bytes.buffer).setUint32(0, values.length, true);
  values.forEach((value, i) => {
    if (value === true) bytes[4 + (i >> 3)] = (bytes[4 + (i >> 3)] ?? 0) | (0x80 >> (i & 7));
  });
  return bytes;
}

function unpackTexts(bytes: Uint8Array): string[] {
  if (bytes.length > 0 && bytes.at(-1) !== 0)
    throw new RangeError('an array of String without its last zero');
  return Buffer.from(bytes).toString('utf8').split('\0').slice(0, -1);
}

function packTexts(values: readonly Scalar[]): Uint8Array {
  const texts = values.map(String);
  if (texts.some((text) => text.includes('\0'))) throw new RangeError('a text of an array may hold no zero');
  return Buffer.from(texts.map((text) => `${text}\0`).join(''), 'utf8');
}
