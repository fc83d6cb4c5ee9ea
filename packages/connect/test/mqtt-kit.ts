import { mkdtempSync, rmSync } from 'node:fs';
import { connect as connectSocket, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqttPacket, { type IConnectPacket, type IPublishPacket, type Packet } from 'mqtt-packet';
import { onTestFinished } from 'vitest';
import type { Context, Link, LinkState } from '../src/contract/connector.js';
import type { Item, Sample } from '../src/contract/item.js';
import { type Tag, tagSchema } from '../src/contract/tag.js';
import { type Broker, findMosquitto, startEmbeddedBroker, startMosquitto } from '../src/mqtt/broker.js';

export type { IPublishPacket };

const { generate, parser } = mqttPacket;

/** What a connector is handed in tests; `logs` says what it told. */
export type TestContext = Context & {
  readonly logs: (readonly [string, unknown])[];
  readonly end: () => void;
};

export function testContext(given: Partial<Context> = {}): TestContext {
  const logs: (readonly [string, unknown])[] = [];
  const end = new AbortController();
  onTestFinished(() => end.abort());
  return {
    signal: end.signal,
    nowMs: () => Date.now(),
    steadyMs: () => performance.now(),
    random: () => 0.5,
    secret: async (name) => Promise.reject(new Error(`there is no secret ${name}`)),
    folder: testFolder(),
    log: (event, fields) => logs.push([event, fields]),
    ...given,
    ...{ logs, end: () => end.abort() },
  };
}

export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'selvedge-mqtt-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Short pauses, so that tests of what comes after them are short too. */
export const HASTE = { firstPauseMs: 20, longestPauseMs: 100, connectMs: 2_000, replyMs: 1_000 } as const;

export interface BrokerKind {
  readonly name: string;
  readonly here: boolean;
  start(port?: number): Promise<Broker>;
}

/** Both brokers; mosquitto only where it is installed. */
export const BROKERS: readonly BrokerKind[] = [
  {
    name: 'embedded, MQTT 3.1.1',
    here: true,
    start: (port) => kept(startEmbeddedBroker({ port: port ?? 0 })),
  },
  {
    name: `mosquitto, MQTT 5${findMosquitto() === undefined ? ' (skipped: it is not installed)' : ''}`,
    here: findMosquitto() !== undefined,
    start: (port) => kept(startMosquitto({ port: port ?? 0 })),
  },
];

async function kept(starting: Promise<Broker>): Promise<Broker> {
  const broker = await starting;
  onTestFinished(() => broker.stop('kill'));
  return broker;
}

export function tag(given: Partial<Tag> & Pick<Tag, 'tag' | 'address' | 'type'>): Tag {
  return tagSchema.parse(given);
}

/** Waits until `look` finds something. @throws Error after the time, with what is shown by then. */
export async function eventually<T>(
  look: () => T | undefined | false | null,
  ms = 4_000,
  shown?: () => unknown,
): Promise<T> {
  const until = performance.now() + ms;
  while (true) {
    const found = look();
    if (found !== undefined && found !== false && found !== null) return found;
    if (performance.now() > until)
      throw new Error(`not within ${ms} ms: ${JSON.stringify(shown?.(), plain) ?? ''}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export const plain = (_key: string, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value);

/** Reads a link to its end and acknowledges everything. */
export class Reader {
  readonly items: Item[] = [];
  readonly states: LinkState[] = [];
  readonly #link: Link;

  constructor(link: Link, tags: readonly Tag[]) {
    this.#link = link;
    onTestFinished(() => link.close());
    void this.#readItems(tags);
    void this.#readStates();
  }

  get state(): LinkState {
    return this.states.at(-1) ?? { state: 'connecting', why: '', epoch: '' };
  }

  samples(of?: string): Sample[] {
    return this.items.filter(
      (one): one is Sample => one.kind === 'sample' && (of === undefined || one.tag === of),
    );
  }

  sample(of: string, like: (sample: Sample) => boolean, ms?: number): Promise<Sample> {
    return eventually(
      () => this.samples(of).findLast(like),
      ms,
      () => [this.state, this.samples(of).slice(-5)],
    );
  }

  until(state: LinkState['state'], ms?: number): Promise<LinkState> {
    return eventually(
      () => (this.state.state === state ? this.state : undefined),
      ms,
      () => this.states.slice(-5),
    );
  }

  async #readItems(tags: readonly Tag[]): Promise<void> {
    for await (const { items, ack } of this.#link.batches(tags)) {
      this.items.push(...items);
      await ack();
    }
  }

  async #readStates(): Promise<void> {
    for await (const state of this.#link.states()) this.states.push(state);
  }
}

export interface Seen {
  readonly connection: number;
  readonly packet: Packet;
}

/**
 * A broker that routes nothing: it writes down every packet and answers as it is told. With it a test sees what is on the
 * wire, and can say anything at any time.
 */
export class RecordingBroker {
  readonly seen: Seen[] = [];
  readonly port: number;
  readonly #server;
  readonly #sockets: Socket[] = [];
  #version: 4 | 5 = 5;
  /** What it answers to publications and connections; the reason codes of MQTT 5. */
  pubackReason = 0;
  connackReason = 0;
  subackReason = 1;
  /** Answers nothing any more, as a half-open connection does. */
  silent = false;
  receiveMaximum: number | undefined;
  sessionPresent = false;
  /** Topic of a message that it had kept, said right after its CONNACK. */
  keptTopic: string | undefined;

  static async start(): Promise<RecordingBroker> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const broker = new RecordingBroker(server);
    onTestFinished(() => broker.stop());
    return broker;
  }

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server;
    this.port = (server.address() as { port: number }).port;
    server.on('connection', (socket) => this.#take(socket));
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  stop(): void {
    this.#server.close();
    this.cut();
  }

  /** Resets every connection. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  say(topic: string, payload: Buffer | string, more: Partial<IPublishPacket> = {}): void {
    const packet = { cmd: 'publish', topic, payload, qos: 0, dup: false, retain: false, ...more } as const;
    this.#write(this.#sockets.at(-1), packet);
  }

  disconnect(reasonCode: number): void {
    this.#write(this.#sockets.at(-1), { cmd: 'disconnect', reasonCode });
    this.#sockets.at(-1)?.end();
  }

  get connects(): IConnectPacket[] {
    return this.seen.flatMap(({ packet }) => (packet.cmd === 'connect' ? [packet] : []));
  }

  published(topic?: string): IPublishPacket[] {
    return this.seen.flatMap(({ packet }) =>
      packet.cmd === 'publish' && (topic === undefined || packet.topic === topic) ? [packet] : [],
    );
  }

  /** Kinds and topics in order, for reading a flow. */
  flow(): string[] {
    return this.seen.map(({ packet }) => {
      if (packet.cmd === 'publish') return `publish ${packet.topic}`;
      if (packet.cmd === 'subscribe')
        return `subscribe ${packet.subscriptions.map((one) => one.topic).join(' ')}`;
      return packet.cmd;
    });
  }

  #write(socket: Socket | undefined, packet: Packet): void {
    if (socket && !socket.destroyed) socket.write(generate(packet, { protocolVersion: this.#version }));
  }

  #take(socket: Socket): void {
    this.#sockets.push(socket);
    const connection = this.#sockets.length;
    const reader = parser();
    socket.on('error', () => {});
    socket.on('data', (chunk) => reader.parse(chunk));
    reader.on('packet', (packet: Packet) => {
      this.seen.push({ connection, packet });
      if (!this.silent) this.#answer(socket, packet);
    });
  }

  #answer(socket: Socket, packet: Packet): void {
    if (packet.cmd === 'connect') {
      this.#version = packet.protocolVersion === 5 ? 5 : 4;
      const code = this.connackReason;
      const properties = this.receiveMaximum ? { properties: { receiveMaximum: this.receiveMaximum } } : {};
      const { sessionPresent } = this;
      this.#write(socket, {
        cmd: 'connack',
        returnCode: code,
        reasonCode: code,
        sessionPresent,
        ...properties,
      });
      if (this.keptTopic !== undefined) this.say(this.keptTopic, 'kept');
    } else if (packet.cmd === 'subscribe') {
      const granted = packet.subscriptions.map(() => this.subackReason);
      this.#write(socket, { cmd: 'suback', messageId: packet.messageId, granted } as unknown as Packet);
    } else if (packet.cmd === 'publish' && packet.qos === 1) {
      const { messageId } = packet;
      this.#write(socket, { cmd: 'puback', messageId, reasonCode: this.pubackReason } as Packet);
    } else if (packet.cmd === 'pingreq') {
      this.#write(socket, { cmd: 'pingresp' });
    }
  }
}

/** A way to a port that can be held up without being cut, as a dead switch between two machines does. */
export class Wire {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #frozen = false;

  static async start(to: number): Promise<Wire> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Wire(server, to);
  }

  private constructor(server: Server, to: number) {
    this.#server = server;
    this.port = (server.address() as { port: number }).port;
    server.on('connection', (near) => {
      if (this.#frozen) {
        this.#keep(near);
        return;
      }
      const far = connectSocket(to, '127.0.0.1');
      for (const [from, into] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#keep(from);
        from.on('data', (chunk) => {
          if (!this.#frozen) into.write(chunk);
        });
        from.on('close', () => into.destroy());
      }
    });
  }

  freeze(): void {
    this.#frozen = true;
  }

  /** Breaks every connection, and lets new ones through. */
  cut(): void {
    this.#frozen = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  stop(): void {
    this.#server.close();
    this.cut();
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
  }
}
