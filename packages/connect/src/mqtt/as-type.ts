import type { Tag } from '../contract/tag.js';
import type { Scalar, ScalarType, Value } from '../contract/value.js';
import { INTEGER_LIMITS } from '../kit/integers.js';
import { isScaled, scaledDown, scaledUp } from '../kit/scaling.js';

/**
 * What a peer said, as the type of a tag; undefined where it does not fit without losing anything (a fraction for an
 * integer, 300 for a byte, a text for a number). A `float` is rounded to 32 bits.
 */
export function asType(raw: unknown, type: ScalarType): Scalar | undefined {
  const integers = INTEGER_LIMITS[type];
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
      if (type !== 'float') return number;
      // What is too large for it would become infinite.
      return Number.isFinite(number) === Number.isFinite(Math.fround(number))
        ? Math.fround(number)
        : undefined;
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
  const number = isScaled(tag) ? asType(value, 'double') : value;
  if (isScaled(tag) && typeof number !== 'number') return undefined;
  const raw = typeof number === 'number' && isScaled(tag) ? scaledDown(number, tag) : number;
  // Nobody is told a number that is none.
  return typeof raw === 'number' && !Number.isFinite(raw) ? undefined : asType(raw ?? value, tag.type);
}

/** Whether a value lies outside the tag's physical range. */
export function outside(value: Value, tag: Tag): boolean {
  const { range } = tag;
  if (!range) return false;
  if (Array.isArray(value)) return value.some((one) => outside(one, tag));
  if (typeof value !== 'number' && typeof value !== 'bigint') return false;
  return !(value >= range[0] && value <= range[1]);
}
