import { describe, it } from 'vitest';
import { HASTE, tag, Wire } from '../../test/mqtt-kit.js';
import { connectorConformance } from '../conformance/conformance.js';
import type { Peer } from '../conformance/subject.js';
import type { Tag } from '../contract/tag.js';
import type { Scalar } from '../contract/value.js';
import { type Broker, freePort, startEmbeddedBroker } from './broker.js';
import { brokerSchema } from './broker-config.js';
import { mqttJson } from './json-connector.js';
import { MqttSession } from './session.js';

const of = (name: string, more: Partial<Tag> = {}) =>
  tag({ tag: name, address: `cell/${name}#/value`, type: 'double', sampleMs: 20, ...more });
const tags = {
  ...{ moving: of('moving'), steady: of('steady'), spoilt: of('spoilt') },
  setting: of('setting', { access: 'rw', range: [0, 1000] }),
};

/** A machine that publishes each value on a topic of its own, retained, and obeys `cell/setting/set`. */
class Machine implements Peer {
  readonly proxy: Wire;
  readonly #port: number;
  readonly #held = new Map<string, string>();
  readonly #written: Scalar[] = [];
  #broker: Broker | null = null;
  #session: MqttSession | null = null;
  #cutNext = false;

  constructor(port: number, proxy: Wire) {
    this.#port = port;
    this.proxy = proxy;
  }

  async start(): Promise<void> {
    this.#broker = await startEmbeddedBroker({ port: this.#port });
    let up = () => {};
    const isUp = new Promise<void>((resolve) => {
      up = resolve;
    });
    const session = new MqttSession({
      broker: brokerSchema.parse({ ...HASTE, urls: [this.#broker.url], version: 4 }),
      context: {
        ...{ signal: new AbortController().signal, nowMs: Date.now, steadyMs: () => performance.now() },
        ...{ random: () => 0.5, secret: async () => '', log: () => {} },
      },
      attempt: () => ({ clientId: 'machine', sessionExpirySeconds: 0 }),
      onUp: async () => {
        await session.subscribe(['cell/setting/set']);
        for (const name of this.#held.keys()) await this.#publish(name);
        up();
      },
      onDown: () => {},
      onMessage: ({ payload }) => this.#obey(JSON.parse(payload.toString()).value),
    });
    this.#session = session;
    session.start();
    await isUp;
  }

  async kill(): Promise<void> {
    this.proxy.cut();
    await this.#session?.close();
    await this.#broker?.stop('kill');
  }

  set({ tag: name }: Tag, value: number): Promise<void> {
    this.#held.set(name, JSON.stringify({ value }));
    return this.#publish(name);
  }

  spoil({ tag: name }: Tag): Promise<void> {
    this.#held.set(name, '{"value": 1');
    return this.#publish(name);
  }

  async freeze(): Promise<void> {
    this.proxy.freeze();
  }

  async cutNextWrite(): Promise<void> {
    this.#cutNext = true;
  }

  async written(): Promise<readonly Scalar[]> {
    return this.#written;
  }

  async #publish(name: string): Promise<void> {
    await this.#session?.publish(`cell/${name}`, Buffer.from(this.#held.get(name) ?? ''), {
      qos: 1,
      retain: true,
    });
  }

  #obey(value: number): void {
    this.#written.push(value);
    this.#held.set('setting', JSON.stringify({ value }));
    if (this.#cutNext) {
      this.#cutNext = false;
      this.proxy.cut();
      setTimeout(() => void this.#publish('setting'), 50);
    } else {
      void this.#publish('setting');
    }
  }
}

connectorConformance(
  {
    name: 'mqtt-json',
    make: async () => {
      const port = await freePort();
      const proxy = await Wire.start(port);
      const peer = new Machine(port, proxy);
      return {
        ...{ connector: mqttJson, peer, tags },
        config: {
          broker: { ...HASTE, urls: [`mqtt://127.0.0.1:${proxy.port}`], version: 4, keepAliveSeconds: 1 },
          commands: [{ address: tags.setting.address, topic: 'cell/setting/set' }],
          confirmMs: 500,
        },
        dispose: async () => {
          await peer.kill();
          proxy.stop();
        },
      };
    },
  },
  { describe, it },
);
