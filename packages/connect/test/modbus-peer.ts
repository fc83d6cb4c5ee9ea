import type { Peer, Subject } from '../src/conformance/conformance.js';
import { type Tag, tagSchema } from '../src/contract/tag.js';
import type { Scalar } from '../src/contract/value.js';
import { placeOf } from '../src/modbus/address.js';
import { modbus } from '../src/modbus/connector.js';
import { type ModbusServer, startModbusServer } from '../src/modbus/server.js';

/** Holding registers of a device that can be killed, frozen and cut; what it holds survives. */
export class ModbusPeer implements Peer {
  readonly port: number;
  readonly #held = new Map<number, number>();
  readonly #written: (readonly [at: number, value: number])[] = [];
  #server: ModbusServer | null = null;

  private constructor(port: number) {
    this.port = port;
  }

  static async make(): Promise<ModbusPeer> {
    const server = await startModbusServer();
    await server.close();
    return new ModbusPeer(server.port);
  }

  async start(): Promise<void> {
    const server = await startModbusServer({ port: this.port, unitId: 1 });
    for (const [at, value] of this.#held) server.registers.set('holding', at, [value]);
    this.#server = server;
  }

  async kill(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    this.#keep(server);
    await server.close();
  }

  async set(tag: Tag, value: number): Promise<void> {
    this.#held.set(atOf(tag), value);
    this.#server?.registers.set('holding', atOf(tag), [value]);
  }

  async spoil(tag: Tag): Promise<void> {
    this.#held.delete(atOf(tag));
    this.#server?.registers.drop('holding', atOf(tag));
  }

  async freeze(): Promise<void> {
    if (this.#server !== null) this.#server.misbehave = () => 'nothing';
  }

  async cutNextWrite(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    server.misbehave = ({ write }, frame) => {
      if (write === null) return frame;
      server.misbehave = null;
      return 'cut';
    };
  }

  async written(tag: Tag): Promise<readonly Scalar[]> {
    const now = (this.#server?.writes ?? []).map(({ at, values }) => [at, values[0] ?? 0] as const);
    return [...this.#written, ...now].filter(([at]) => at === atOf(tag)).map(([, value]) => value);
  }

  #keep({ writes }: ModbusServer): void {
    for (const { at, values } of writes) {
      this.#written.push([at, values[0] ?? 0]);
      this.#held.set(at, values[0] ?? 0);
    }
  }
}

function atOf(tag: Tag): number {
  const place = placeOf(tag);
  if (typeof place === 'string') throw new RangeError(place);
  return place.at;
}

const tag = (name: string, address: string, more: Partial<Tag> = {}): Tag =>
  tagSchema.parse({ tag: name, address, type: 'uint16', sampleMs: 20, ...more });

export async function modbusSubject(): Promise<Subject> {
  const peer = await ModbusPeer.make();
  return {
    ...{ connector: modbus, peer, config: { host: '127.0.0.1', port: peer.port, answerMs: 200 } },
    tags: {
      moving: tag('moving', 'h:10'),
      steady: tag('steady', 'holding:40012'),
      spoilt: tag('spoilt', 'h:12'),
      setting: tag('setting', 'h:14', { access: 'rw', range: [0, 1000] }),
    },
    dispose: () => peer.kill(),
  };
}
