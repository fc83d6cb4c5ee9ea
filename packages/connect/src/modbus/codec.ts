import type { Tag, WordOrder } from '../contract/tag.js';
import type { Scalar, ScalarType, Value } from '../contract/value.js';
import { INTEGER_LIMITS } from '../kit/integers.js';
import { isScaled, scaledDown, scaledUp } from '../kit/scaling.js';
import type { Place } from './address.js';

/** Bytes as they come (or go), put into the order ABCD…; its own inverse. */
export function ordered(bytes: Buffer, order: WordOrder): Buffer {
  const out = Buffer.from(bytes);
  const swapBytes = order === 'BADC' || order === 'DCBA';
  const swapWords = order === 'CDAB' || order === 'DCBA';
  if (swapBytes) out.swap16();
  if (!swapWords) return out;
  const words = Array.from({ length: out.length / 2 }, (_, i) => out.subarray(2 * i, 2 * i + 2));
  return Buffer.concat(words.reverse());
}

const WIDTH: Readonly<Partial<Record<ScalarType, number>>> = {
  ...{ int8: 2, uint8: 2, int16: 2, uint16: 2, int32: 4, uint32: 4, float: 4 },
  ...{ int64: 8, uint64: 8, double: 8 },
};

type Decoded = { readonly value: Value } | { readonly fault: string };

/** The value of a tag from its registers (two bytes each, high byte first). */
export function decode(bytes: Buffer, tag: Tag, { bit, absent }: Place): Decoded {
  if (absent !== null && bytes.readUInt16BE(0) === absent) return { fault: 'not implemented' };
  if (bit !== null) return { value: ((bytes.readUInt16BE(0) >> bit) & 1) === 1 };
  if (tag.type === 'string' || tag.type === 'bytes') {
    // In a text a word order is an order of the bytes in each word; its characters keep theirs.
    const swapped = tag.wordOrder === 'BADC' || tag.wordOrder === 'DCBA';
    const content = swapped ? ordered(bytes, 'BADC') : Buffer.from(bytes);
    if (tag.type === 'bytes') return { value: new Uint8Array(content) };
    const end = content.indexOf(0);
    return { value: content.toString('utf8', 0, end < 0 ? content.length : end).trimEnd() };
  }
  const width = WIDTH[tag.type] ?? 2;
  const all: Scalar[] = [];
  for (let from = 0; from < bytes.length; from += width) {
    const raw = number(ordered(bytes.subarray(from, from + width), tag.wordOrder), tag.type);
    if (raw === undefined) return { fault: `does not fit an ${tag.type}` };
    const value = scaled(raw, tag);
    if (typeof value === 'number' && !Number.isFinite(value)) return { fault: 'not a number' };
    all.push(value);
  }
  return { value: tag.array ? all : (all[0] ?? null) };
}

function number(bytes: Buffer, type: ScalarType): number | bigint | undefined {
  const small = (least: number, most: number, raw: number) => (raw >= least && raw <= most ? raw : undefined);
  switch (type) {
    case 'int8':
      return small(-128, 127, bytes.readInt16BE(0));
    case 'uint8':
      return small(0, 255, bytes.readUInt16BE(0));
    case 'int16':
      return bytes.readInt16BE(0);
    case 'uint16':
      return bytes.readUInt16BE(0);
    case 'int32':
      return bytes.readInt32BE(0);
    case 'uint32':
      return bytes.readUInt32BE(0);
    case 'int64':
      return bytes.readBigInt64BE(0);
    case 'uint64':
      return bytes.readBigUInt64BE(0);
    case 'float':
      return bytes.readFloatBE(0);
    default:
      return bytes.readDoubleBE(0);
  }
}

function scaled(raw: number | bigint, tag: Tag): number | bigint {
  return isScaled(tag) ? scaledUp(Number(raw), tag) : raw;
}

/** Registers that hold this value; a fault where the tag's type cannot say it exactly. */
export function encode(value: Scalar, tag: Tag, { size }: Place): Buffer | { readonly fault: string } {
  const out = Buffer.alloc(size * 2);
  const swapped = tag.wordOrder === 'BADC' || tag.wordOrder === 'DCBA';
  if (tag.type === 'string' || tag.type === 'bytes') {
    const fits = tag.type === 'string' ? typeof value === 'string' : value instanceof Uint8Array;
    if (!fits) return { fault: `not a ${tag.type}` };
    const content = Buffer.from(value as string & Uint8Array);
    if (content.length > out.length) return { fault: `longer than ${out.length} bytes` };
    content.copy(out);
    return swapped ? ordered(out, 'BADC') : out;
  }
  if (typeof value !== 'number' && typeof value !== 'bigint') return { fault: 'not a number' };
  const limits = INTEGER_LIMITS[tag.type];
  const raw = isScaled(tag) ? scaledDown(Number(value), tag) : value;
  if (limits === undefined) {
    if (!Number.isFinite(Number(raw))) return { fault: 'not a finite number' };
    if (tag.type === 'double') out.writeDoubleBE(Number(raw));
    else if (Number.isFinite(Math.fround(Number(raw)))) out.writeFloatBE(Number(raw));
    else return { fault: 'too large for a float' };
    return ordered(out, tag.wordOrder);
  }
  const whole = wholeOf(raw);
  if (whole === null || whole < limits[0] || whole > limits[1])
    return { fault: `no ${tag.type} says it exactly` };
  const bits = BigInt.asUintN(size * 16, whole);
  for (let i = 0; i < out.length; i += 1) out[i] = Number((bits >> BigInt(8 * (out.length - 1 - i))) & 0xffn);
  return ordered(out, tag.wordOrder);
}

/** The whole number that it is, but for what a computation with fractions leaves. */
function wholeOf(raw: number | bigint): bigint | null {
  if (typeof raw === 'bigint') return raw;
  const whole = Math.round(raw);
  return Number.isFinite(raw) && Math.abs(raw - whole) <= 1e-9 * Math.max(1, Math.abs(raw))
    ? BigInt(whole)
    : null;
}
