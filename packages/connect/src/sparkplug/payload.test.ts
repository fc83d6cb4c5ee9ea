import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sameValue, type Value } from '../contract/value.js';
import { DATATYPES, type Datatype, datatypeOf, itemTypeOf } from './datatypes.js';
import { decodePayload, encodePayload, type MetricOut, metricValue } from './payload.js';
import type { MetricValue } from './values.js';

/** Made with protoc 3.21.12 and python3-protobuf 4.21.12 from a schema written by hand, deterministic serialisation. */
const GOLDEN = {
  birth:
    '08fbd0dfb4ab3312130a05626453657118fbd0dfb4ab33200458ff0112210a144e6f646520436f6e74726f6c2f526562' +
    '6972746818fbd0dfb4ab33200b7000123c0a057370656564100118fbd0dfb4ab3320094a230a07656e67556e69740a07' +
    '5175616c6974791208080c42046d6d2f731205080318f403650000c03f1800',
  scalars:
    '08fbd0dfb4ab3312130a02693818fbd0dfb4ab33200150fbffffff0f12140a0369313618fbd0dfb4ab33200250d095fe' +
    'ff0f12140a0369333218fbd0dfb4ab33200350808080800812190a0369363418fbd0dfb4ab33200458ce8dc8e38a83a7' +
    'ddc40112100a02753818fbd0dfb4ab33200550ff0112120a0375313618fbd0dfb4ab33200650ffff0312140a03753332' +
    '18fbd0dfb4ab33200750ffffffff0f12190a0375363418fbd0dfb4ab33200858ffffffffffffffffff0112110a016618' +
    'fbd0dfb4ab332009650000803e12150a016418fbd0dfb4ab33200a699c7500883ce437fe120e0a016218fbd0dfb4ab33' +
    '200b700112190a017318fbd0dfb4ab33200c7a0b4772c3bcc39f6520e8bb8a12130a017418fbd0dfb4ab33200d58c7a1' +
    'c3acc72412120a017818fbd0dfb4ab33201182010300ff7f120e0a016e18fbd0dfb4ab33200a38011807',
  arrays:
    '08fbd0dfb4ab3312130a0369386118fbd0dfb4ab332016820102e97b12160a046931366118fbd0dfb4ab332017820104' +
    'd08a3075121a0a046933326118fbd0dfb4ab332018820108fffffffffaafcb1212220a046936346118fbd0dfb4ab3320' +
    '19820110ce0672ac189cbac4c4ba9c18ac7206ce12130a0375386118fbd0dfb4ab33201a82010217fa12160a04753136' +
    '6118fbd0dfb4ab33201b8201041e0088cc121a0a047533326118fbd0dfb4ab33201c8201083400000049fb55c412220a' +
    '047536346118fbd0dfb4ab33201d8201103400000000000000d99e02d1b27637e412180a02666118fbd0dfb4ab33201e' +
    '8201080000003f000000c012200a02646118fbd0dfb4ab33201f820110d7a205685bb528408e171c6f4cf78f4012160a' +
    '02626118fbd0dfb4ab3320208201060c00000034d0121a0a02736118fbd0dfb4ab33202182010a4142430068656c6c6f' +
    '0012200a02746118fbd0dfb4ab332022820110c7d0907524010000b8bab897810100001807',
  data:
    '08fbd0dfb4ab33121510ac0218fbd0dfb4ab3358ffffffffffffffffff01121d10818080808080801018fbd0dfb4ab33' +
    '2801300169000000000000044018ff01',
  tables:
    '08fbd0dfb4ab3312530a057461626c6518fbd0dfb4ab3320108a0140080312016e12047768656e120477686174180418' +
    '0d180c221b0a0b10f7ffffffffffffffff010a0710c7a1c3acc7240a03320161220a0a000a0210000a023200122a0a05' +
    '6d6f746f7218fbd0dfb4ab3320139201170a013112090a0372706d2003500522054d6f746f7228001809',
  rebirth: '08fbd0dfb4ab3312210a144e6f646520436f6e74726f6c2f5265626972746818fbd0dfb4ab33200b7001',
} as const;
const AT = 1764000000123;

const of = (hex: string) => decodePayload(Buffer.from(hex, 'hex'));
const valuesOf = (hex: string) =>
  Object.fromEntries(of(hex).metrics.map((one) => [one.name, metricValue(one)]));
const typed = (name: string, datatype: Datatype, value: MetricValue): MetricOut => ({
  ...{ name, datatype, value, atMs: AT, withType: true },
});

const SCALARS: readonly [string, Datatype, MetricValue][] = [
  ['i8', 'Int8', -5],
  ['i16', 'Int16', -30_000],
  ['i32', 'Int32', -2_147_483_648],
  ['i64', 'Int64', -4270929666821191986n],
  ['u8', 'UInt8', 255],
  ['u16', 'UInt16', 65_535],
  ['u32', 'UInt32', 4_294_967_295],
  ['u64', 'UInt64', 18446744073709551615n],
  ['f', 'Float', 0.25],
  ['d', 'Double', -1e300],
  ['b', 'Boolean', true],
  ['s', 'String', 'Grüße 車'],
  ['t', 'DateTime', 1_256_102_875_335],
  ['x', 'Bytes', Uint8Array.of(0, 255, 127)],
  ['n', 'Double', null],
];
/** Values of the examples in section 6.4.16.4 of the standard, but for the floats, which it prints in the other order. */
const ARRAYS: readonly [string, Datatype, MetricValue][] = [
  ['i8a', 'Int8Array', [-23, 123]],
  ['i16a', 'Int16Array', [-30_000, 30_000]],
  ['i32a', 'Int32Array', [-1, 315_338_746]],
  ['i64a', 'Int64Array', [-4270929666821191986n, -3601064768563266876n]],
  ['u8a', 'UInt8Array', [23, 250]],
  ['u16a', 'UInt16Array', [30, 52_360]],
  ['u32a', 'UInt32Array', [52, 3_293_969_225]],
  ['u64a', 'UInt64Array', [52n, 16444743074749521625n]],
  ['fa', 'FloatArray', [0.5, -2]],
  ['da', 'DoubleArray', [12.354213, 1022.9123213]],
  ['ba', 'BooleanArray', [false, false, true, true, false, true, false, false, true, true, false, true]],
  ['sa', 'StringArray', ['ABC', 'hello']],
  ['ta', 'DateTimeArray', [1_256_102_875_335, 1_656_107_875_000]],
];

describe('a payload', () => {
  it('tck-id-payloads-metric-datatype-value: every scalar type to the byte, with its sign, and null', () => {
    const bytes = encodePayload({ atMs: AT, seq: 7, metrics: SCALARS.map((one) => typed(...one)) });
    expect(bytes.toString('hex')).toBe(GOLDEN.scalars);
    expect(valuesOf(GOLDEN.scalars)).toEqual(
      Object.fromEntries(SCALARS.map(([name, , value]) => [name, value])),
    );
  });

  it('every array type to the byte', () => {
    const bytes = encodePayload({ atMs: AT, seq: 7, metrics: ARRAYS.map((one) => typed(...one)) });
    expect(bytes.toString('hex')).toBe(GOLDEN.arrays);
    expect(valuesOf(GOLDEN.arrays)).toEqual(
      Object.fromEntries(ARRAYS.map(([name, , value]) => [name, value])),
    );
  });

  it('tck-id-payloads-propertyset-quality-value-type, -value: a birth with its properties to the byte', () => {
    const speed = {
      ...typed('speed', 'Float', 1.5),
      alias: 1n,
      properties: {
        engUnit: { datatype: 'String', value: 'mm/s' },
        Quality: { datatype: 'Int32', value: 500 },
      },
    } as const;
    const bytes = encodePayload({
      ...{ atMs: AT, seq: 0 },
      metrics: [typed('bdSeq', 'Int64', 255n), typed('Node Control/Rebirth', 'Boolean', false), speed],
    });
    expect(bytes.toString('hex')).toBe(GOLDEN.birth);
    const { atMs, seq, metrics } = of(GOLDEN.birth);
    expect([atMs, seq]).toEqual([AT, 0]);
    expect(metrics[2]).toMatchObject({
      name: 'speed',
      alias: 1n,
      datatype: 'Float',
      properties: speed.properties,
    });
  });

  it('tck-id-payloads-metric-datatype-not-req: DATA without types, by alias alone, historical, transient, 64 bits whole', () => {
    const [first, second] = of(GOLDEN.data).metrics;
    expect(first).toMatchObject({ alias: 300n, historical: false });
    expect(first).not.toHaveProperty('name');
    expect(() => first && metricValue(first)).toThrow('a value without a type');
    expect(first && metricValue(first, 'Int64')).toBe(-1n);
    expect(second).toMatchObject({ alias: 9_007_199_254_740_993n, historical: true, transient: true });
    const bytes = encodePayload({
      ...{ atMs: AT, seq: 255 },
      metrics: [
        { alias: 300n, atMs: AT, datatype: 'Int64', withType: false, value: -1n },
        {
          alias: 9_007_199_254_740_993n,
          atMs: AT,
          datatype: 'Double',
          withType: false,
          value: 2.5,
          historical: true,
          transient: true,
        },
      ],
    });
    expect(bytes.toString('hex')).toBe(GOLDEN.data);
  });

  it('tck-id-payloads-dataset-types-value: tables with their types and empty cells; templates are carried as bytes', () => {
    const [table, motor] = of(GOLDEN.tables).metrics;
    const rows = [
      [-9n, 1_256_102_875_335, 'a'],
      [null, 0, ''],
    ];
    const expected = { columns: ['n', 'when', 'what'], types: ['Int64', 'DateTime', 'String'], rows };
    expect(table && metricValue(table)).toEqual(expected);
    const opaque = motor && metricValue(motor);
    expect(opaque).toHaveProperty('template');
    const again = encodePayload({
      ...{ atMs: AT, seq: 9 },
      metrics: [
        typed('table', 'DataSet', expected as MetricValue),
        typed('motor', 'Template', opaque as MetricValue),
      ],
    });
    expect(again.toString('hex')).toBe(GOLDEN.tables);
  });

  it('tck-id-operational-behavior-data-commands-ncmd-rebirth-value: a request for a birth to the byte, without a sequence number', () => {
    const bytes = encodePayload({ atMs: AT, metrics: [typed('Node Control/Rebirth', 'Boolean', true)] });
    expect(bytes.toString('hex')).toBe(GOLDEN.rebirth);
    expect(of(GOLDEN.rebirth)).not.toHaveProperty('seq');
  });

  it('any value of any type comes back as it was', () => {
    const whole = (bits: number, signed: boolean) =>
      fc.bigInt(signed ? -(2n ** BigInt(bits - 1)) : 0n, 2n ** BigInt(signed ? bits - 1 : bits) - 1n);
    const number = (bits: number, signed: boolean) => whole(bits, signed).map(Number);
    const text = fc.string({ unit: 'grapheme' }).map((one) => one.replaceAll('\0', ''));
    const of: Partial<Record<Datatype, fc.Arbitrary<boolean | number | bigint | string>>> = {
      ...{ Int8: number(8, true), Int16: number(16, true), Int32: number(32, true), Int64: whole(64, true) },
      ...{
        UInt8: number(8, false),
        UInt16: number(16, false),
        UInt32: number(32, false),
        UInt64: whole(64, false),
      },
      ...{ Float: fc.float(), Double: fc.double(), Boolean: fc.boolean(), String: text },
      DateTime: fc.integer({ min: 0, max: 4e12 }),
    };
    const some = fc.constantFrom(...(Object.keys(of) as Datatype[])).chain((datatype) => {
      const one = of[datatype] as fc.Arbitrary<boolean | number | bigint | string>;
      return fc.oneof(
        fc.record({ datatype: fc.constant(datatype), value: one as fc.Arbitrary<Value> }),
        fc.record({
          datatype: fc.constant(`${datatype}Array` as Datatype),
          value: fc.array(one) as fc.Arbitrary<Value>,
        }),
      );
    });
    fc.assert(
      fc.property(some, ({ datatype, value }) => {
        const [metric] = decodePayload(encodePayload({ metrics: [typed('m', datatype, value)] })).metrics;
        const back = metric && metricValue(metric);
        expect([datatype, value, sameValue(back as Value, value)]).toEqual([datatype, value, true]);
      }),
      { seed: 20261124, numRuns: 1_000 },
    );
  });

  it('refuses to send what is not of its type, and to understand what is not', () => {
    const wrong: [Datatype, MetricValue][] = [
      ['Int8', 128],
      ['UInt8', -1],
      ['Int32', 0.5],
      ['Int64', 2n ** 63n],
      ['Double', '1'],
      ['Boolean', 1],
      ['String', true],
      ['Bytes', 'x'],
      ['DateTime', Number.NaN],
      ['Int8Array', [1, 300]],
      ['StringArray', ['a\0b']],
      ['PropertySet', 1],
    ];
    for (const [datatype, value] of wrong)
      expect(() => encodePayload({ metrics: [typed('m', datatype, value)] }), datatype).toThrow(RangeError);
    const misread = (sent: Datatype, value: MetricValue, as: Datatype) => {
      const [metric] = decodePayload(
        encodePayload({ metrics: [{ name: 'm', datatype: sent, withType: false, value }] }),
      ).metrics;
      return metric && metricValue(metric, as);
    };
    expect(() => misread('String', 'x', 'Int8')).toThrow('a string value for a Int8');
    expect(() => misread('UInt32', 70_000, 'UInt16')).toThrow('does not fit 16 bits');
    expect(() => misread('Bytes', Uint8Array.of(1, 2, 3), 'Int16Array')).toThrow('no array');
    expect(() => misread('Bytes', Uint8Array.of(255, 255, 255, 255), 'BooleanArray')).toThrow('no array');
    expect(() => misread('Bytes', Uint8Array.of(65), 'StringArray')).toThrow('last zero');
    expect(misread('Int32', 5, 'Int64')).toBe(5n);
    const compressed = Buffer.concat([Buffer.from([0x22, 18]), Buffer.from('SPBV1.0_COMPRESSED')]);
    expect(() => decodePayload(compressed)).toThrow('compressed');
  });

  it('survives any bytes: a payload or an error, never anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          for (const metric of decodePayload(bytes).metrics)
            for (const number of Object.values(DATATYPES)) {
              try {
                metricValue(metric, datatypeOf(number));
              } catch (error) {
                expect(error).toBeInstanceOf(RangeError);
              }
            }
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
      { seed: 20261124, numRuns: 2_000 },
    );
    expect(itemTypeOf('DataSet')).toBeUndefined();
  });
});
