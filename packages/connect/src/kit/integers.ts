import type { ScalarType } from '../contract/value.js';

/** Least and most of each type of integer. */
export const INTEGER_LIMITS: Readonly<Partial<Record<ScalarType, readonly [bigint, bigint]>>> = {
  ...{ int8: [-0x80n, 0x7fn], uint8: [0n, 0xffn], int16: [-0x8000n, 0x7fffn], uint16: [0n, 0xffffn] },
  ...{ int32: [-0x8000_0000n, 0x7fff_ffffn], uint32: [0n, 0xffff_ffffn] },
  ...{ int64: [-(2n ** 63n), 2n ** 63n - 1n], uint64: [0n, 2n ** 64n - 1n] },
};
