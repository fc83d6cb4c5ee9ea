import { createServer, type Server, type Socket } from 'node:net';
import type { Table } from './address.js';
import { answerTo, Registers, type Write } from './answer.js';

export interface Request {
  readonly transaction: number;
  readonly unit: number;
  readonly pdu: Buffer;
  readonly write: Write | null;
}

/** What is sent instead of an answer: other bytes, nothing, or the end of every connection. */
export type Misbehaviour = (
  request: Request,
  frame: Buffer,
) => Buffer | 'nothing' | 'cut' | Promise<Buffer | 'nothing' | 'cut'>;

export interface ModbusServerOptions {
  /** 0 or none: a free one. */
  readonly port?: number;
  readonly host?: string;
  /** Only this unit is there; none: every one. */
  readonly unitId?: number;
  readonly registers?: readonly {
    readonly table: Table;
    readonly at: number;
    readonly values: readonly number[];
  }[];
}

/** A Modbus TCP server for simulators and tests. */
export interface ModbusServer {
  readonly port: number;
  readonly registers: Registers;
  /** Every write that was carried out, in order. */
  readonly writes: readonly Write[];
  /** For tests; null: it behaves. */
  misbehave: Misbehaviour | null;
  /** Ends every connection; new ones are taken. */
  cut(): void;
  /** Serves no more; idempotent. */
  close(): Promise<void>;
}

/** Unit, function and 252 bytes: Modbus Messaging on TCP/IP V1.0b, 3.1.3. */
const LARGEST = 254;
const GATEWAY_TARGET_SILENT = 11;
const MOST_CONNECTIONS = 64;

export async function startModbusServer(options: ModbusServerOptions = {}): Promise<ModbusServer> {
  const { host = '127.0.0.1', unitId = null } = options;
  const registers = new Registers();
  for (const { table, at, values } of options.registers ?? []) registers.set(table, at, values);
  const writes: Write[] = [];
  const sockets = new Set<Socket>();
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };

  async function serve(socket: Socket, unit: number, { transaction, pdu }: Frame): Promise<void> {
    const there = unitId === null || unit === unitId;
    const { answer, write } = there
      ? answerTo(pdu, registers)
      : { answer: Buffer.from([(pdu[0] ?? 0) | 0x80, GATEWAY_TARGET_SILENT]), write: null };
    if (write !== null) writes.push(write);
    const frame = Buffer.alloc(7 + answer.length);
    frame.writeUInt16BE(transaction, 0);
    frame.writeUInt16BE(answer.length + 1, 4);
    frame[6] = unit;
    answer.copy(frame, 7);
    const out = (await server.misbehave?.({ transaction, unit, pdu, write }, frame)) ?? frame;
    if (out === 'cut') cut();
    else if (out !== 'nothing' && !socket.destroyed) socket.write(out);
  }

  const listener = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    let held: Buffer = Buffer.alloc(0);
    socket.on('data', (bytes) => {
      held = Buffer.concat([held, bytes]);
      for (let frame = take(held); frame !== null; frame = take(held)) {
        if (frame === 'nonsense') {
          socket.destroy();
          return;
        }
        held = held.subarray(frame.size);
        void serve(socket, frame.unit, frame);
      }
    });
  });
  listener.maxConnections = MOST_CONNECTIONS;
  const port = await listen(listener, options.port ?? 0, host);
  const server: ModbusServer = {
    ...{ port, registers, writes, misbehave: null, cut },
    async close() {
      const closed = new Promise((resolve) => listener.close(resolve));
      cut();
      await closed;
    },
  };
  return server;
}

interface Frame {
  readonly transaction: number;
  readonly unit: number;
  readonly pdu: Buffer;
  readonly size: number;
}

function take(held: Buffer): Frame | 'nonsense' | null {
  if (held.length < 7) return null;
  const length = held.readUInt16BE(4);
  if (held.readUInt16BE(2) !== 0 || length < 2 || length > LARGEST) return 'nonsense';
  if (held.length < 6 + length) return null;
  const pdu = Buffer.from(held.subarray(7, 6 + length));
  return { transaction: held.readUInt16BE(0), unit: held[6] ?? 0, pdu, size: 6 + length };
}

async function listen(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}
