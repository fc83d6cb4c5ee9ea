import type { Tag } from '../contract/tag.js';
import type { Scalar, ScalarType, Value } from '../contract/value.js';
import { isScaled, scaledDown, scaledUp } from '../kit/scaling.js';

/** Least and most of the integers that fit. */
const INTEGERS: Readonly<Partial<Record<ScalarType, readonly [bigint, bigint]>>> = {
  int8: [-0x80n, 0x7fn],
  uint8: [0n, 0xffn],
  int16: [-0x8000n, 0x7fffn],
  uint16: [0n, 0xffffn],
  int32: [-0x8000_0000n, 0x7fff_ffffn],
  uint32: [0n, 0xffff_ffffn],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
};

/**
 * What a peer said, as the type of a tag; undefined where it does not fit without losing anything (a fraction for an
 * integer, 300 for a byte, a text for a number). A `float` is rounded to 32 bits.
 */
export function asType(raw: unknown, type: ScalarType): Scalar | undefined {
  const integers = INTEGERS[type];
  if (integers) {
    const whole = asInteger(raw);
    if (whole === undefined || whole < integers[0] || whole > integers[1]) return undefined;
    return type === 'int64' || type === 'uint64' ? whole : Number(whole);
  }
  switch (type) {
    case 'bool':
      return typeof raw === 'boolean' ? raw : undefined;
    case 'string':
      return typeof raw === 'string' ? raw : undefined;
    case 'bytes':
      return raw instanceof Uint8Array ? raw : undefined;
    default: {
      const number = typeof raw === 'bigint' && asInteger(Number(raw)) === raw ? Number(raw) : raw;
      if (typeof number !== 'number') return undefined;
      return type === 'float' ? Math.fround(number) : number;
    }
  }
}

function asInteger(raw: unknown): bigint | undefined {
  if (typeof raw === 'bigint') return raw;
  if (typeof raw === 'number' && Number.isInteger(raw)) return BigInt(raw);
  return undefined;
}

/** The value of a tag from what its peer said: type, list or not, scale and offset; undefined where it does not fit. */
export function fromRaw(raw: unknown, tag: Tag): Value | undefined {
  if (tag.array) {
    if (!Array.isArray(raw)) return undefined;
    const all = raw.map((one) => scaled(one, tag));
    return all.every((one) => one !== undefined) ? (all as Scalar[]) : undefined;
  }
  return scaled(raw, tag);
}

function scaled(raw: unknown, tag: Tag): Scalar | undefined {
  const typed = asType(raw, tag.type);
  if (typed === undefined || !isScaled(tag)) return typed;
  return scaledUp(Number(typed), tag);
}

/** What a peer must be told so that the tag holds this value; undefined where the peer's type cannot say it. */
export function toRaw(value: Scalar, tag: Tag): Scalar | undefined {
  if (!isScaled(tag)) return asType(value, tag.type);
  const number = asType(value, 'double');
  if (typeof number !== 'number') return undefined;
  return asType(scaledDown(number, tag), tag.type);
}

/** Whether a value lies outside the tag's physical range. */
export function outside(value: Value, tag: Tag): boolean {
  const { range } = tag;
  if (!range) return false;
  if (Array.isArray(value)) return value.some((one) => outside(one, tag));
  if (typeof value !== 'number' && typeof value !== 'bigint') return false;
  return !(value >= range[0] && value <= range[1]);
}
