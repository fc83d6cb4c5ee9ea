import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Tag, tagSchema, WORD_ORDERS } from '../contract/tag.js';
import type { Scalar, ScalarType } from '../contract/value.js';
import { type Place, placeOf } from './address.js';
import { decode, encode } from './codec.js';
import { plan } from './plan.js';

const tag = (address: string, type: ScalarType, more: Partial<Tag> = {}): Tag =>
  tagSchema.parse({ tag: 't', address, type, ...more });
const place = (of: Tag): Place => {
  const found = placeOf(of);
  if (typeof found === 'string') throw new RangeError(found);
  return found;
};
const decoded = (hex: string, of: Tag) => decode(Buffer.from(hex, 'hex'), of, place(of));

describe('addresses', () => {
  it.each([
    ['h:0', 'uint16', { table: 'holding', at: 0, size: 1 }],
    ['holding:40001', 'uint16', { table: 'holding', at: 0, size: 1 }],
    ['holding:49999', 'uint16', { table: 'holding', at: 9998, size: 1 }],
    ['holding:400001', 'uint16', { table: 'holding', at: 0, size: 1 }],
    ['holding:465536', 'uint16', { table: 'holding', at: 65_535, size: 1 }],
    ['input:30008', 'float', { table: 'input', at: 7, size: 2 }],
    ['discrete:10001', 'bool', { table: 'discrete', at: 0, size: 1 }],
    ['coil:00001', 'bool', { table: 'coil', at: 0, size: 1 }],
    ['coil:17', 'bool', { table: 'coil', at: 16, size: 1 }],
    ['h:10.3', 'bool', { table: 'holding', at: 10, size: 1, bit: 3 }],
    ['h:20[8]', 'string', { table: 'holding', at: 20, size: 8 }],
    ['h:40!8000@3', 'int16', { table: 'holding', at: 40, size: 1, absent: 0x8000, unit: 3 }],
    ['h:0', 'double', { table: 'holding', at: 0, size: 4 }],
  ] as const)('%s as %s', (address, type, expected) => {
    expect(placeOf(tag(address, type))).toMatchObject(expected);
  });

  it.each([
    ['40001', 'uint16', /write h:0/],
    ['holding:40000', 'uint16', /no holding has this number/],
    ['holding:1', 'uint16', /no holding has this number/],
    ['holding:30001', 'uint16', /no holding has this number/],
    ['coil:0', 'bool', /no coil has this number/],
    ['coil:1', 'uint16', /is a bool/],
    ['h:10', 'bool', /which bit/],
    ['h:10.16', 'bool', /0 to 15/],
    ['h:20', 'string', /how many registers/],
    ['h:65535', 'float', /beyond 65535/],
    ['h:99999', 'uint16', /no holding/],
    ['h:0[3]', 'float', /takes 2/],
    ['h:0', 'datetime', /no datetime/],
    ['h:0@256', 'uint16', /0 to 255/],
  ] as const)('%s as %s is refused', (address, type, why) => {
    expect(placeOf(tag(address, type))).toMatch(why);
  });
});

describe('registers', () => {
  // 12345.678 as IEEE 754 single is 46 40 e6 b6; 0x0102030405060708 shows every byte.
  it.each([
    ['ABCD', '4640e6b6', '0102030405060708'],
    ['CDAB', 'e6b64640', '0708050603040102'],
    ['BADC', '4046b6e6', '0201040306050807'],
    ['DCBA', 'b6e64046', '0807060504030201'],
  ] as const)('%s of 32 and 64 bits', (wordOrder, float, whole) => {
    expect(decoded(float, tag('h:0', 'float', { wordOrder }))).toEqual({ value: Math.fround(12345.678) });
    const long = tag('h:0', 'uint64', { wordOrder });
    expect(decoded(whole, long)).toEqual({ value: 0x0102030405060708n });
    expect(encode(0x0102030405060708n, long, place(long))).toEqual(Buffer.from(whole, 'hex'));
  });

  it('bits, texts, lists, small integers', () => {
    expect(decoded('0008', tag('h:0.3', 'bool'))).toEqual({ value: true });
    expect(decoded('fff7', tag('h:0.3', 'bool'))).toEqual({ value: false });
    expect(decoded('53756e530000', tag('h:0[3]', 'string'))).toEqual({ value: 'SunS' });
    expect(decoded('7553536e', tag('h:0[2]', 'string', { wordOrder: 'BADC' }))).toEqual({ value: 'SunS' });
    expect(decoded('0001ffff', tag('h:0[2]', 'int16', { array: true }))).toEqual({ value: [1, -1] });
    expect(decoded('ff80', tag('h:0', 'int8'))).toEqual({ value: -128 });
    expect(decoded('0100', tag('h:0', 'uint8'))).toHaveProperty('fault');
    expect(decoded('8000', tag('h:0!8000', 'int16'))).toEqual({ fault: 'not implemented' });
    expect(decoded('7fc00000', tag('h:0', 'float'))).toEqual({ fault: 'not a number' });
  });

  it('a decimal scale gives decimals, and only what the raw type can say is written', () => {
    const tenth = tag('h:0', 'int16', { scale: 0.1 });
    expect(decoded('00eb', tenth)).toEqual({ value: 23.5 });
    expect(decoded('0003', tenth)).toEqual({ value: 0.3 });
    expect(encode(23.5, tenth, place(tenth))).toEqual(Buffer.from('00eb', 'hex'));
    expect(encode(23.55, tenth, place(tenth))).toHaveProperty('fault');
    expect(encode(4000, tenth, place(tenth))).toHaveProperty('fault');
    expect(encode(-1, tag('h:0', 'uint16'), place(tenth))).toHaveProperty('fault');
  });

  it('what is encoded is decoded, in every order', () => {
    const cases = fc.oneof(
      fc.record({ type: fc.constant<ScalarType>('int16'), value: fc.integer({ min: -32_768, max: 32_767 }) }),
      fc.record({ type: fc.constant<ScalarType>('uint32'), value: fc.nat({ max: 2 ** 32 - 1 }) }),
      fc.record({
        type: fc.constant<ScalarType>('int64'),
        value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      }),
      fc.record({
        type: fc.constant<ScalarType>('float'),
        value: fc.float({ noNaN: true, noDefaultInfinity: true }),
      }),
      fc.record({
        type: fc.constant<ScalarType>('double'),
        value: fc.double({ noNaN: true, noDefaultInfinity: true }),
      }),
    );
    fc.assert(
      fc.property(cases, fc.constantFrom(...WORD_ORDERS), ({ type, value }, wordOrder) => {
        const of = tag('h:0', type, { wordOrder });
        const bytes = encode(value as Scalar, of, place(of));
        if (!Buffer.isBuffer(bytes)) throw new Error(bytes.fault);
        const back = decode(bytes, of, place(of));
        expect('value' in back && back.value).toBe(value);
      }),
      { seed: 203, numRuns: 400 },
    );
  });
});

describe('plan', () => {
  const spans = fc.array(
    fc.record({
      at: fc.nat({ max: 600 }),
      size: fc.integer({ min: 1, max: 8 }),
      unit: fc.constantFrom(null, 2),
      table: fc.constantFrom('holding' as const, 'coil' as const),
    }),
    { maxLength: 40 },
  );

  it('reads every span once, in requests that are allowed', () => {
    fc.assert(
      fc.property(
        spans,
        fc.integer({ min: 8, max: 125 }),
        fc.nat({ max: 20 }),
        (all, mostRegisters, mostGap) => {
          const alone = new Set(all.flatMap((_, i) => (i % 7 === 0 ? [i] : [])));
          const blocks = plan(
            all.map((one, of) => ({ of, place: { ...one, bit: null, absent: null } })),
            { unitId: 1, mostRegisters, mostGap, alone },
          );
          expect(blocks.flatMap((block) => block.spans.map(({ of }) => of)).sort((a, b) => a - b)).toEqual([
            ...all.keys(),
          ]);
          for (const block of blocks) {
            expect(block.size).toBeLessThanOrEqual(
              block.table === 'coil' ? mostRegisters * 16 : mostRegisters,
            );
            if (block.spans.some(({ of }) => alone.has(of))) expect(block.spans).toHaveLength(1);
            for (const { place: one } of block.spans) {
              expect(one.at).toBeGreaterThanOrEqual(block.at);
              expect(one.at + one.size).toBeLessThanOrEqual(block.at + block.size);
              expect([one.unit ?? 1, one.table]).toEqual([block.unit, block.table]);
            }
          }
        },
      ),
      { seed: 125, numRuns: 300 },
    );
  });
});
