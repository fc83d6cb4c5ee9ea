/** Types of values that equipment has. `array` on a tag makes it a list of them. */
export const SCALAR_TYPES = [
  ...(['bool', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64'] as const),
  ...(['float', 'double', 'string', 'datetime', 'bytes'] as const),
] as const;
export type ScalarType = (typeof SCALAR_TYPES)[number];

/** One value: 64-bit integers are bigint, a datetime is ms since 1970 UTC (a number, may be fractional), bytes are bytes. */
export type Scalar = boolean | number | bigint | string | Uint8Array;

/** What a sample carries. Null: the equipment has no value now (the quality says why). */
export type Value = Scalar | readonly Scalar[] | null;

/** Same type and same value; NaN equals NaN, bytes by content, lists item by item. Never converts. */
export function sameValue(a: Value, b: Value): boolean {
  if (a instanceof Uint8Array || b instanceof Uint8Array)
    return a instanceof Uint8Array && b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  if (Array.isArray(a) || Array.isArray(b))
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((one, i) => sameValue(one, b[i] as Scalar))
    );
  return Object.is(a, b) || (typeof a === 'number' && a === b);
}
