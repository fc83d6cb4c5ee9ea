import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import {
  type Connector,
  Feed,
  isArmed,
  type Receipt,
  type Sample,
  States,
  type Tag,
  type Value,
} from '@selvedge/connect';
import { z } from 'zod';

/** What crosses the socket between the connector and `BenchEquipment`, one JSON document a line. */
export type BenchLine =
  | { readonly say: 'hello'; readonly run: string; readonly values: Record<string, Value> }
  | { readonly say: 'set'; readonly values: Record<string, Value> }
  | { readonly say: 'write'; readonly id: string; readonly tag: string; readonly value: Value }
  | { readonly say: 'told'; readonly id: string; readonly path: readonly string[]; readonly body: unknown }
  | { readonly say: 'heard'; readonly id: string }
  | { readonly say: 'wrote'; readonly id: string; readonly outcome: Receipt['outcome'] };

/** A connector for tests: equipment that lives in the test's own process, over a real socket. */
export const connector: Connector = {
  manifest: {
    contract: 1,
    protocol: 'bench',
    can: new Set(['read', 'subscribe', 'write', 'publish']),
    config: z.strictObject({ port: z.number() }),
    whenFull: 'waits',
  },
  async open(config, { nowMs, signal }) {
    const { port } = config as { port: number };
    const feed = new Feed({ nowMs, whenFull: 'waits' });
    const states = new States();
    const held = new Map<string, Value>();
    const writes = new Map<string, (receipt: Receipt) => void>();
    const told = new Map<string, { resolve(): void; reject(error: Error): void }>();
    let socket: Socket | null = null;
    let wanted: readonly Tag[] = [];
    let closed = false;
    const sampleOf = (tag: Tag): Omit<Sample, 'epoch' | 'sequence' | 'receivedMs'> => ({
      ...{ kind: 'sample', tag: tag.tag, type: tag.type, atMs: nowMs(), timeFrom: 'source' },
      value: held.get(tag.address) ?? null,
      ...(held.has(tag.address) ? { quality: 'good' } : { quality: 'bad', status: 'no such value' }),
    });
    const tell = (addresses: readonly string[]): Promise<void> =>
      feed.push(wanted.filter(({ address }) => addresses.includes(address)).map(sampleOf));
    const dial = (): void => {
      if (closed) return;
      const own = connect(port, '127.0.0.1');
      socket = own;
      createInterface({ input: own }).on('line', (text) => {
        const line = JSON.parse(text) as BenchLine;
        if (line.say === 'hello') {
          held.clear();
          for (const [address, value] of Object.entries(line.values)) held.set(address, value);
          feed.begin(line.run);
          states.set('up', 'the bench answers', line.run);
          void tell([...held.keys()]);
        }
        if (line.say === 'set') {
          for (const [address, value] of Object.entries(line.values)) held.set(address, value);
          void tell(Object.keys(line.values));
        }
        if (line.say === 'heard') {
          told.get(line.id)?.resolve();
          told.delete(line.id);
        }
        if (line.say === 'wrote') {
          writes.get(line.id)?.({
            id: line.id,
            outcome: line.outcome,
            why: `the bench says ${line.outcome}`,
          });
          writes.delete(line.id);
        }
      });
      own.on('error', () => {});
      own.on('close', () => {
        for (const [id, end] of writes) end({ id, outcome: 'unknown', why: 'the connection was lost' });
        writes.clear();
        for (const one of told.values()) one.reject(new Error('the connection was lost'));
        told.clear();
        states.set('down', 'the bench does not answer');
        setTimeout(dial, 50);
      });
    };
    signal.addEventListener('abort', () => socket?.destroy());
    dial();
    return {
      states: () => states.changes(),
      batches(tags) {
        wanted = tags;
        void tell([...held.keys()]);
        return feed.batches();
      },
      read: async (tags) =>
        tags.map((tag, sequence) => ({ ...sampleOf(tag), receivedMs: nowMs(), epoch: feed.epoch, sequence })),
      probe: async () => ({ ok: states.now.state === 'up', tookMs: 0, why: '' }),
      write(armed, tag) {
        const { id, value } = armed.command;
        if (!isArmed(armed)) return Promise.resolve({ id, outcome: 'refused', why: 'not armed' });
        if (armed.epoch !== feed.epoch || socket === null)
          return Promise.resolve({ id, outcome: 'refused', why: 'another epoch' });
        socket.write(
          `${JSON.stringify({ say: 'write', id, tag: tag.address, value } satisfies BenchLine)}\n`,
        );
        return new Promise((resolve) => writes.set(id, resolve));
      },
      async publish(tellings) {
        if (states.now.state !== 'up') throw new Error('the bench does not answer');
        await Promise.all(
          tellings.map(({ id, path, body }) => {
            socket?.write(`${JSON.stringify({ say: 'told', id, path, body } satisfies BenchLine)}\n`);
            return new Promise<void>((resolve, reject) => told.set(id, { resolve, reject }));
          }),
        );
      },
      async close() {
        closed = true;
        socket?.destroy();
        feed.close();
        states.close();
      },
    };
  },
};
