import type { Tag } from '../contract/tag.js';
import type { ScalarType } from '../contract/value.js';

export type Table = 'coil' | 'discrete' | 'input' | 'holding';

/** Where the value of a tag lies. */
export interface Place {
  readonly table: Table;
  /** As on the wire, from 0. */
  readonly at: number;
  /** Bits of a coil or discrete input, else registers of 16 bits. */
  readonly size: number;
  /** Bit of the register, 0 the lowest; null: the whole. */
  readonly bit: number | null;
  /** Unit of a gateway; null: the connection's own. */
  readonly unit: number | null;
  /** This raw register (the first of the value) means that the equipment has no value; null: there is no such. */
  readonly absent: number | null;
}

const SHORT: Readonly<Record<string, Table>> = { c: 'coil', d: 'discrete', i: 'input', h: 'holding' };
/** First digit of the reference numbers of manuals. */
const DIGIT: Readonly<Record<Table, number>> = { coil: 0, discrete: 1, input: 3, holding: 4 };
const FORM =
  /^(?:(?<short>[cdih]):(?<from0>\d{1,5})|(?<table>coil|discrete|input|holding):(?<reference>\d{1,6}))(?:\.(?<bit>\d{1,2}))?(?:\[(?<size>\d{1,3})\])?(?:!(?<absent>[0-9a-fA-F]{4}))?(?:@(?<unit>\d{1,3}))?$/;

export const ADDRESS_HELP =
  'write h:0 (holding), i:0 (input), c:0 (coil), d:0 (discrete) as on the wire, or holding:40001 as in manuals';

/** Registers of one value. */
const REGISTERS: Readonly<Partial<Record<ScalarType, number>>> = {
  ...{ bool: 1, int8: 1, uint8: 1, int16: 1, uint16: 1 },
  ...{ int32: 2, uint32: 2, float: 2, int64: 4, uint64: 4, double: 4 },
};

/**
 * The place of a tag; a text says what is wrong with its address. `h:0` counts from 0, as on the wire; `holding:40001`
 * counts from 1, as manuals do (`holding:400001` with six digits). `h:10.3` is a bit, `h:20[8]` a text or a list over eight
 * registers, `h:40!8000` says which raw value means "none", `h:0@3` asks unit 3 of a gateway.
 */
export function placeOf({ address, type, array }: Pick<Tag, 'address' | 'type' | 'array'>): Place | string {
  const found = FORM.exec(address)?.groups;
  if (found === undefined) return `address: ${ADDRESS_HELP}`;
  const table = found.short === undefined ? (found.table as Table) : (SHORT[found.short] as Table);
  const at = found.short === undefined ? fromReference(table, String(found.reference)) : Number(found.from0);
  if (at === null || at > 65_535) return `address: no ${table} has this number; ${ADDRESS_HELP}`;
  const bit = found.bit === undefined ? null : Number(found.bit);
  const unit = found.unit === undefined ? null : Number(found.unit);
  const absent = found.absent === undefined ? null : Number.parseInt(found.absent, 16);
  const bits = table === 'coil' || table === 'discrete';
  if (unit !== null && unit > 255) return 'address: a unit is 0 to 255';
  if (bits && (bit !== null || absent !== null || type !== 'bool')) return `address: a ${table} is a bool`;
  if (!bits && type === 'bool' && bit === null) return 'address: say which bit of the register: h:10.3';
  if (bit !== null && (bit > 15 || type !== 'bool')) return 'address: a bit is 0 to 15, and a bool';
  const size = sizeOf({ type, array, bits, given: found.size === undefined ? null : Number(found.size) });
  if (typeof size === 'string') return size;
  if (at + size > 65_536) return 'address: it reaches beyond 65535';
  return { table, at, size, bit, unit, absent };
}

function sizeOf(of: {
  type: ScalarType;
  array: boolean;
  bits: boolean;
  given: number | null;
}): number | string {
  const { type, array, bits, given } = of;
  const one = bits ? 1 : REGISTERS[type];
  const most = bits ? 2000 : 125;
  if (given !== null && (given < 1 || given > most)) return `address: [1] to [${most}]`;
  if (type === 'string' || type === 'bytes')
    return given === null || array ? `address: say over how many registers a ${type} goes: h:20[8]` : given;
  if (one === undefined) return `type: Modbus has no ${type}; read it as a number`;
  if (!array) return given === null || given === one ? one : `address: a ${type} takes ${one}, not ${given}`;
  if (given === null || given % one !== 0) return `address: say over how many a list goes: [${4 * one}]`;
  return given;
}

function fromReference(table: Table, digits: string): number | null {
  const number = Number(digits);
  const base = DIGIT[table];
  // A coil of manuals has a leading zero that many leave out.
  const first = base === 0 ? 0 : digits.length === 6 ? base * 100_000 : base * 10_000;
  const at = number - first - 1;
  const last = base === 0 || digits.length === 6 ? 65_535 : 9998;
  return at >= 0 && at <= last && (base === 0 || digits.length >= 5) ? at : null;
}
