import { createConnection, type Socket } from 'node:net';
import type { ModbusRTU } from 'modbus-serial/ModbusRTU.js';
import { pause } from '../kit/pause.js';
import type { Table } from './address.js';

/** What became of one request. */
export type Reply =
  /** Registers as two bytes each, or bits as one byte each (0 or 1); empty for a write. */
  | { readonly is: 'answer'; readonly bytes: Buffer }
  /** The peer's own no: nothing was done. */
  | { readonly is: 'exception'; readonly code: number }
  /** It answered something that was not asked: another unit, another length, another address. */
  | { readonly is: 'wrong'; readonly why: string }
  | { readonly is: 'silent'; readonly why: string }
  /** The connection broke after it was sent. */
  | { readonly is: 'lost'; readonly why: string }
  /** It never left this machine. */
  | { readonly is: 'not-sent'; readonly why: string };

export type Request =
  | { readonly do: 'read'; readonly table: Table; readonly at: number; readonly size: number }
  | { readonly do: 'coils'; readonly at: number; readonly bits: readonly boolean[]; readonly many: boolean }
  | { readonly do: 'registers'; readonly at: number; readonly bytes: Buffer; readonly many: boolean };

interface Waiting {
  readonly unit: number;
  readonly request: Request;
  readonly maySend: () => string | null;
  readonly settle: (reply: Reply) => void;
}

export interface WireOptions {
  readonly host: string;
  readonly port: number;
  readonly connectMs: number;
  readonly answerMs: number;
  readonly signal: AbortSignal;
  readonly steadyMs: () => number;
}

/** So many requests in a row without an answer, and the line counts as half-open. */
const MOST_SILENT = 2;
/** Requests that may wait for their turn. */
const MOST_WAITING = 1000;

/**
 * One TCP connection to a Modbus peer. One request is under way at a time (many peers take no more), writes before
 * reads. It never reconnects.
 */
export class Wire {
  readonly #socket: Socket;
  readonly #steadyMs: () => number;
  readonly #gone = new AbortController();
  readonly #urgent: Waiting[] = [];
  readonly #others: Waiting[] = [];
  #client: ModbusRTU | null = null;
  #busy: ((reply: Reply) => void) | null = null;
  #silent = 0;
  #heardMs: number;
  #why = 'the connection was closed';

  private constructor({ host, port, steadyMs }: WireOptions) {
    this.#steadyMs = steadyMs;
    this.#heardMs = steadyMs();
    this.#socket = createConnection({ host, port, noDelay: true });
    this.#socket.on('error', (error) => {
      this.#why = error.message;
    });
    this.#socket.on('close', () => this.#closed());
  }

  /** @throws Error where nobody takes the connection in time. */
  static async open(options: WireOptions): Promise<Wire> {
    const { default: library } = await import('modbus-serial');
    const wire = new Wire(options);
    const close = () => wire.close('the link was closed');
    options.signal.addEventListener('abort', close, { once: true });
    wire.#gone.signal.addEventListener('abort', () => options.signal.removeEventListener('abort', close));
    if (options.signal.aborted) close();
    const timer = setTimeout(() => wire.close('nobody took the connection in time'), options.connectMs);
    await new Promise((resolve) => wire.#socket.once('connect', resolve).once('close', resolve));
    clearTimeout(timer);
    if (!wire.open) throw new Error(wire.#why);
    const client = new library.default();
    await client.linkTCP(wire.#socket, { port: options.port });
    client.setTimeout(options.answerMs);
    // Its errors then carry the bytes that came: it looks for an exception before it looks at the unit.
    (client as { isDebugEnabled?: boolean }).isDebugEnabled = true;
    wire.#client = client;
    if (!wire.open) throw new Error(wire.#why);
    return wire;
  }

  get open(): boolean {
    return !this.#socket.destroyed;
  }

  /** Why it is gone. */
  get why(): string {
    return this.#why;
  }

  /** How long nothing has been heard of the peer. */
  get quietMs(): number {
    return this.#steadyMs() - this.#heardMs;
  }

  read(unit: number, table: Table, range: { readonly at: number; readonly size: number }): Promise<Reply> {
    return this.#ask(this.#others, { unit, request: { do: 'read', table, ...range }, maySend: () => null });
  }

  /** Before all reads that wait; `maySend` is asked when its turn has come, and says why not. */
  urgent(unit: number, request: Request, maySend: () => string | null = () => null): Promise<Reply> {
    return this.#ask(this.#urgent, { unit, request, maySend });
  }

  /** Waits; returns at once when the connection is gone. */
  pause(ms: number): Promise<void> {
    return pause(ms, this.#gone.signal);
  }

  close(why: string): void {
    if (!this.open) return;
    this.#why = why;
    this.#socket.destroy();
  }

  #ask(queue: Waiting[], one: Omit<Waiting, 'settle'>): Promise<Reply> {
    return new Promise((settle) => {
      if (!this.open) return settle({ is: 'not-sent', why: this.#why });
      if (queue.length >= MOST_WAITING) return settle({ is: 'not-sent', why: 'too many requests wait' });
      queue.push({ ...one, settle });
      this.#next();
    });
  }

  #next(): void {
    if (this.#busy !== null) return;
    const one = this.#urgent.shift() ?? this.#others.shift();
    if (one === undefined) return;
    const refusal = this.open ? one.maySend() : this.#why;
    if (refusal !== null) {
      one.settle({ is: 'not-sent', why: refusal });
      this.#next();
      return;
    }
    const settle = (reply: Reply): void => {
      if (this.#busy !== settle) return;
      this.#busy = null;
      if (reply.is === 'answer' || reply.is === 'exception' || reply.is === 'wrong') {
        this.#heardMs = this.#steadyMs();
        this.#silent = 0;
      } else if (reply.is === 'silent') {
        this.#silent += 1;
      }
      one.settle(reply);
      if (this.#silent >= MOST_SILENT) this.close('it answers no more');
      this.#next();
    };
    this.#busy = settle;
    this.#send(one, settle);
  }

  #send({ unit, request }: Waiting, settle: (reply: Reply) => void): void {
    const client = this.#client;
    if (client === null) {
      settle({ is: 'not-sent', why: 'the connection is not ready' });
      return;
    }
    const done = (error: Error | null, result?: Result) =>
      settle(error ? replyOf(error, unit) : confirmed(request, result ?? {}));
    try {
      switch (request.do) {
        case 'read': {
          const { table, at, size } = request;
          if (table === 'coil') client.writeFC1(unit, at, size, done);
          else if (table === 'discrete') client.writeFC2(unit, at, size, done);
          else if (table === 'holding') client.writeFC3(unit, at, size, done);
          else client.writeFC4(unit, at, size, done);
          break;
        }
        case 'coils':
          if (request.many) client.writeFC15(unit, request.at, [...request.bits], done);
          else client.writeFC5(unit, request.at, request.bits[0] === true, done);
          break;
        case 'registers': {
          const words = Array.from({ length: request.bytes.length / 2 }, (_, i) =>
            request.bytes.readUInt16BE(2 * i),
          );
          if (request.many) client.writeFC16(unit, request.at, words, done);
          else client.writeFC6(unit, request.at, words[0] ?? 0, done);
          break;
        }
      }
    } catch (error) {
      // Nobody can say how much of it had left.
      settle({ is: 'lost', why: String(error) });
    }
  }

  #closed(): void {
    // Also ends the library's own timers.
    this.#client?.destroy(() => {});
    this.#busy?.({ is: 'lost', why: this.#why });
    for (const one of [...this.#urgent.splice(0), ...this.#others.splice(0)])
      one.settle({ is: 'not-sent', why: this.#why });
    this.#gone.abort();
  }
}

interface Result {
  readonly buffer?: Buffer;
  readonly data?: readonly unknown[];
  readonly address?: number;
  readonly state?: unknown;
  readonly value?: number;
  readonly length?: number;
}

function replyOf(error: Error, unit: number): Reply {
  const { modbusCode, errno, modbusResponses, message } = error as Error & {
    modbusCode?: number;
    errno?: string;
    modbusResponses?: readonly Uint8Array[];
  };
  const from = modbusResponses?.at(-1)?.[0];
  if (from !== undefined && from !== unit)
    return { is: 'wrong', why: `unit ${from} answered for unit ${unit}` };
  if (modbusCode !== undefined) return { is: 'exception', code: modbusCode };
  // Its error for a time that is up is none of JavaScript's, and has no message of its own class.
  if (errno === 'ETIMEDOUT') return { is: 'silent', why: 'no answer in time' };
  if (errno === 'ECONNREFUSED') return { is: 'not-sent', why: 'the connection was gone' };
  return { is: 'wrong', why: message };
}

/** Whether the answer is to what was asked; the library compares neither address nor value of a write. */
function confirmed(request: Request, result: Result): Reply {
  const none = Buffer.alloc(0);
  const wrong: Reply = { is: 'wrong', why: 'it confirmed another write' };
  switch (request.do) {
    case 'read': {
      const bits = request.table === 'coil' || request.table === 'discrete';
      if (bits)
        return { is: 'answer', bytes: Buffer.from((result.data ?? []).map((bit) => (bit === true ? 1 : 0))) };
      const bytes = result.buffer ?? none;
      // The count of bytes that the answer names may differ from how many came.
      return bytes.length === request.size * 2
        ? { is: 'answer', bytes: Buffer.from(bytes) }
        : { is: 'wrong', why: `${bytes.length} bytes came for ${request.size} registers` };
    }
    case 'coils': {
      const same = request.many
        ? result.length === request.bits.length
        : result.state === (request.bits[0] === true);
      return result.address === request.at && same ? { is: 'answer', bytes: none } : wrong;
    }
    case 'registers': {
      const same = request.many
        ? result.length === request.bytes.length / 2
        : result.value === request.bytes.readUInt16BE(0);
      return result.address === request.at && same ? { is: 'answer', bytes: none } : wrong;
    }
  }
}
