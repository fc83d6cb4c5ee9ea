import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { HASTE, tag, Wire } from '../../test/mqtt-kit.js';
import { connectorConformance } from '../conformance/conformance.js';
import type { Peer } from '../conformance/subject.js';
import type { Tag } from '../contract/tag.js';
import type { Scalar } from '../contract/value.js';
import { type Broker, freePort, startEmbeddedBroker } from '../mqtt/broker.js';
import { sparkplugHost } from './host-connector.js';
import { type RunningEdge, startSparkplugEdge } from './start-edge.js';

const NAMES = ['moving', 'steady', 'spoilt', 'setting'] as const;
const of = (name: string, more: Partial<Tag> = {}) =>
  tag({ tag: name, address: `plant/line/cell/${name}`, type: 'double', sampleMs: 20, ...more });
const tags = {
  ...{ moving: of('moving'), steady: of('steady'), spoilt: of('spoilt') },
  setting: of('setting', { access: 'rw', range: [0, 1000] }),
};

/** An edge node with one device, which waits for its host, and the broker that both ends use. */
class Line implements Peer {
  readonly #port: number;
  readonly #proxy: Wire;
  readonly #folder: string;
  readonly #held = new Map<string, number | null>();
  readonly #written: Scalar[] = [];
  #broker: Broker | null = null;
  #edge: RunningEdge | null = null;
  #cutNext = false;

  constructor(port: number, proxy: Wire, folder: string) {
    this.#port = port;
    this.#proxy = proxy;
    this.#folder = folder;
  }

  async start(): Promise<void> {
    const broker = await startEmbeddedBroker({ port: this.#port });
    this.#broker = broker;
    this.#edge = startSparkplugEdge({
      ...{ group: 'plant', edge: 'line', folder: this.#folder, primaryHost: 'H', mostKept: 0 },
      broker: { ...HASTE, urls: [broker.url], version: 4 },
      devices: [
        {
          id: 'cell',
          metrics: NAMES.map((name) => ({
            ...{ name, datatype: 'Double', writable: name === 'setting', value: this.#held.get(name) ?? 0 },
          })),
        },
      ],
      onCommand: ({ name, value }) => {
        this.#written.push(value as number);
        this.#held.set(name, value as number);
        if (this.#cutNext) this.#proxy.cut();
        this.#cutNext = false;
        return value;
      },
    });
  }

  async kill(): Promise<void> {
    this.#proxy.cut();
    await this.#broker?.stop('kill');
    await this.#edge?.close();
  }

  async set({ tag: name }: Tag, value: number | null): Promise<void> {
    this.#held.set(name, value);
    this.#edge?.publish('cell', [{ name, value }]);
  }

  spoil(one: Tag): Promise<void> {
    return this.set(one, null);
  }

  async freeze(): Promise<void> {
    this.#proxy.freeze();
  }

  async cutNextWrite(): Promise<void> {
    this.#cutNext = true;
  }

  async written(): Promise<readonly Scalar[]> {
    return this.#written;
  }
}

connectorConformance(
  {
    name: 'sparkplug',
    make: async () => {
      const port = await freePort();
      const proxy = await Wire.start(port);
      const folder = mkdtempSync(join(tmpdir(), 'selvedge-line-'));
      const peer = new Line(port, proxy, folder);
      return {
        ...{ connector: sparkplugHost, peer, tags },
        config: {
          broker: { ...HASTE, urls: [`mqtt://127.0.0.1:${proxy.port}`], version: 4, keepAliveSeconds: 1 },
          ...{ hostId: 'H', groups: ['plant'], confirmMs: 500, reorderMs: 200, firstRebirthMs: 200 },
        },
        dispose: async () => {
          await peer.kill();
          proxy.stop();
          rmSync(folder, { recursive: true, force: true });
        },
      };
    },
  },
  { describe, it },
);
