import type { Table } from './address.js';

/** What a simulated device holds: an address that was never set does not exist (exception 2). */
export class Registers {
  readonly #tables: Readonly<Record<Table, Map<number, number>>> = {
    ...{ coil: new Map(), discrete: new Map(), input: new Map(), holding: new Map() },
  };

  /** Words (0..65535) or bits (0, 1) from `at` on. */
  set(table: Table, at: number, values: readonly number[]): void {
    for (const [i, value] of values.entries()) this.#tables[table].set(at + i, value & 0xffff);
  }

  /** From now on these do not exist. */
  drop(table: Table, at: number, size = 1): void {
    for (let i = 0; i < size; i += 1) this.#tables[table].delete(at + i);
  }

  /** Null where one of them does not exist. */
  get(table: Table, at: number, size: number): readonly number[] | null {
    const values = Array.from({ length: size }, (_, i) => this.#tables[table].get(at + i));
    return values.every((one) => one !== undefined) ? (values as number[]) : null;
  }
}

export interface Write {
  readonly table: 'coil' | 'holding';
  readonly at: number;
  readonly values: readonly number[];
  readonly function: 5 | 6 | 15 | 16;
}

const TABLES: Readonly<Record<number, Table>> = { 1: 'coil', 2: 'discrete', 3: 'holding', 4: 'input' };

/** Modbus Application Protocol V1.1b3, chapter 6: functions 1-6, 15 and 16. The answer to one PDU, and what it wrote. */
export function answerTo(pdu: Buffer, registers: Registers): { answer: Buffer; write: Write | null } {
  const code = pdu[0] ?? 0;
  const refuse = (exception: number) => ({ answer: Buffer.from([code | 0x80, exception]), write: null });
  const table = TABLES[code];
  if (table === undefined && ![5, 6, 15, 16].includes(code)) return refuse(1);
  if (pdu.length < 5) return refuse(3);
  const at = pdu.readUInt16BE(1);
  const second = pdu.readUInt16BE(3);
  if (table !== undefined) {
    const bits = code < 3;
    if (second < 1 || second > (bits ? 2000 : 125) || pdu.length !== 5) return refuse(3);
    const values = registers.get(table, at, second);
    if (values === null) return refuse(2);
    const body = bits ? packed(values) : words(values);
    return { answer: Buffer.concat([Buffer.from([code, body.length]), body]), write: null };
  }
  const write = writeOf(pdu, { code: code as Write['function'], at, second });
  if (write === null) return refuse(3);
  if (registers.get(write.table, at, write.values.length) === null) return refuse(2);
  registers.set(write.table, at, write.values);
  return { answer: Buffer.from(pdu.subarray(0, 5)), write };
}

function writeOf(
  pdu: Buffer,
  { code, at, second }: { code: Write['function']; at: number; second: number },
): Write | null {
  if (code === 5) {
    if (pdu.length !== 5 || (second !== 0 && second !== 0xff00)) return null;
    return { table: 'coil', at, values: [second === 0 ? 0 : 1], function: 5 };
  }
  if (code === 6) return pdu.length === 5 ? { table: 'holding', at, values: [second], function: 6 } : null;
  const bits = code === 15;
  const bytes = bits ? Math.ceil(second / 8) : second * 2;
  if (second < 1 || second > (bits ? 1968 : 123) || pdu[5] !== bytes || pdu.length !== 6 + bytes) return null;
  const values = Array.from({ length: second }, (_, i) =>
    bits ? ((pdu[6 + (i >> 3)] ?? 0) >> (i & 7)) & 1 : pdu.readUInt16BE(6 + 2 * i),
  );
  return { table: bits ? 'coil' : 'holding', at, values, function: code };
}

function packed(bits: readonly number[]): Buffer {
  const out = Buffer.alloc(Math.ceil(bits.length / 8));
  for (const [i, bit] of bits.entries()) if (bit !== 0) out[i >> 3] = (out[i >> 3] ?? 0) | (1 << (i & 7));
  return out;
}

function words(values: readonly number[]): Buffer {
  const out = Buffer.alloc(values.length * 2);
  for (const [i, value] of values.entries()) out.writeUInt16BE(value, 2 * i);
  return out;
}
