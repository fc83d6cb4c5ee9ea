import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Receipt, Value } from '@selvedge/connect';
import type { BenchLine } from './bench-connector.js';

/** What a configuration names under `speaks`. */
export const BENCH = fileURLToPath(new URL('./bench-connector.ts', import.meta.url));

/** Equipment on a bench: holds values, and keeps every write that reached it. It can refuse, lie low and fall over. */
export class BenchEquipment {
  readonly written: { readonly tag: string; readonly value: Value }[] = [];
  readonly values: Record<string, Value>;
  /** What it was told of by a publisher, also where it says nothing back. */
  readonly told: Extract<BenchLine, { say: 'told' }>[] = [];
  deaf = false;
  /** What it holds after a write, whatever was written. */
  holds: Value | undefined;
  outcome: Receipt['outcome'] | 'silent' = 'done';
  port = 0;
  #server: Server | null = null;
  #sockets = new Set<Socket>();
  #runs = 0;

  constructor(values: Record<string, Value>) {
    this.values = values;
  }

  async start(): Promise<void> {
    this.#runs += 1;
    const run = `run ${this.#runs}`;
    const server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => this.#sockets.delete(socket));
      this.#send(socket, { say: 'hello', run, values: this.values });
      createInterface({ input: socket }).on('line', (text) => {
        const line = JSON.parse(text) as BenchLine;
        if (line.say === 'told') {
          this.told.push(line);
          if (!this.deaf) this.#send(socket, { say: 'heard', id: line.id });
        }
        if (line.say !== 'write') return;
        this.written.push({ tag: line.tag, value: line.value });
        if (this.outcome === 'silent') return;
        if (this.outcome === 'done') this.set({ [line.tag]: this.holds ?? line.value });
        this.#send(socket, { say: 'wrote', id: line.id, outcome: this.outcome });
      });
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    const at = server.address();
    this.port = typeof at === 'object' && at !== null ? at.port : 0;
  }

  /** Says of a write that it was silent about that it was done. */
  confirm(id: string): void {
    const last = this.written.at(-1);
    if (last !== undefined) this.set({ [last.tag]: last.value });
    for (const socket of this.#sockets) this.#send(socket, { say: 'wrote', id, outcome: 'done' });
  }

  set(values: Record<string, Value>): void {
    Object.assign(this.values, values);
    for (const socket of this.#sockets) this.#send(socket, { say: 'set', values });
  }

  /** Gone, as by a pulled plug. */
  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server?.close(() => resolve()) ?? resolve());
    this.#server = null;
  }

  #send(socket: Socket, line: BenchLine): void {
    // JSON has no word for it; a number that is too large is read as one.
    const text = JSON.stringify(line, (_, value) => (value === Number.POSITIVE_INFINITY ? '∞' : value));
    socket.write(`${text.replaceAll('"∞"', '1e999')}\n`);
  }
}
