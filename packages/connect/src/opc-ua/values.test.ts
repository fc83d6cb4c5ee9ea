import fc from 'fast-check';
import { DataType, Variant, VariantArrayType } from 'node-opcua';
import { describe, expect, test } from 'vitest';
import type { ScalarType } from '../contract/value.js';
import { sameValue, type Value } from '../contract/value.js';
import { type Shape, toValue, toVariant } from './values.js';

const shape = (type: ScalarType, more: Partial<Shape> = {}): Shape => ({
  type,
  array: false,
  scale: 1,
  offset: 0,
  ...more,
});
const int = (bits: number, signed: boolean) =>
  signed
    ? fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 })
    : fc.integer({ min: 0, max: 2 ** bits - 1 });
const ANY: Readonly<Record<ScalarType, fc.Arbitrary<Value>>> = {
  bool: fc.boolean(),
  int8: int(8, true),
  uint8: int(8, false),
  int16: int(16, true),
  uint16: int(16, false),
  int32: int(32, true),
  uint32: int(32, false),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  uint64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  float: fc.float({ noNaN: true }),
  double: fc.double({ noNaN: true }),
  string: fc.string(),
  datetime: fc.integer({ min: 0, max: 4e12 }),
  bytes: fc.uint8Array({ minLength: 1 }),
};

describe('values', () => {
  test.each(Object.keys(ANY) as ScalarType[])('%s comes back as it went, alone and in a list', (type) => {
    fc.assert(
      fc.property(fc.array(ANY[type], { minLength: 1, maxLength: 5 }), (list) => {
        const back = toValue(toVariant(list[0] as Value, shape(type)), shape(type));
        expect('value' in back && sameValue(back.value, list[0] as Value)).toBe(true);
        const many = shape(type, { array: true });
        const all = toValue(toVariant(list as Value, many), many);
        expect('value' in all && sameValue(all.value, list as Value)).toBe(true);
      }),
      { seed: 11, numRuns: 60 },
    );
  });

  test('the halves of an Int64 keep their sign, those of a UInt64 have none', () => {
    const of = (dataType: DataType) =>
      new Variant({ dataType, arrayType: VariantArrayType.Scalar, value: [0xffff_ffff, 0xffff_fffb] });
    expect(toValue(of(DataType.Int64), shape('int64'))).toEqual({ value: -5n });
    expect(toValue(of(DataType.UInt64), shape('uint64'))).toEqual({ value: 2n ** 64n - 5n });
    expect(toValue(of(DataType.UInt64), shape('int64'))).toHaveProperty('fault');
    expect(toValue(of(DataType.Int64), shape('double'))).toEqual({ value: -5 });
  });

  test('what holds the value without loss is taken, anything else is a fault', () => {
    const of = (dataType: DataType, value: unknown) => new Variant({ dataType, value });
    expect(toValue(of(DataType.Int32, 300), shape('uint16'))).toEqual({ value: 300 });
    expect(toValue(of(DataType.Int32, 300), shape('uint8'))).toHaveProperty('fault');
    expect(toValue(of(DataType.Double, 1.5), shape('int32'))).toHaveProperty('fault');
    expect(toValue(of(DataType.String, '1'), shape('int32'))).toHaveProperty('fault');
    expect(toValue(of(DataType.Boolean, true), shape('uint8'))).toHaveProperty('fault');
    expect(toValue(of(DataType.Double, 1), shape('double', { array: true }))).toHaveProperty('fault');
    expect(toValue(of(DataType.LocalizedText, { text: 'warm' }), shape('string'))).toEqual({ value: 'warm' });
  });

  test('value = raw x scale + offset, both ways; what would have to be rounded is refused', () => {
    const scaled = shape('int16', { scale: 0.1, offset: -20 });
    expect(toVariant(2.5, scaled).value).toBe(225);
    expect(toValue(new Variant({ dataType: DataType.Int16, value: 225 }), scaled)).toEqual({ value: 2.5 });
    expect(() => toVariant(2.55, scaled)).toThrow(RangeError);
    expect(() => toVariant(5000, scaled)).toThrow(RangeError);
    expect(() => toVariant(Number.NaN, shape('double'))).toThrow(RangeError);
    expect(() => toVariant(5, shape('int64'))).toThrow(RangeError);
  });
});
