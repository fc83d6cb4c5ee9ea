import type { IClientOptions, IPublishPacket, MqttClient } from 'mqtt';
import type { Context } from '../contract/connector.js';
import { Backoff } from '../kit/backoff.js';
import { type BrokerConfig, secretsOf } from './broker-config.js';
import { reason } from './reasons.js';

export interface Will {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1;
  readonly retain: boolean;
}

/** What one CONNECT says; asked for anew before each, since a Will of Sparkplug is another every time. */
export interface Attempt {
  readonly clientId: string;
  readonly will?: Will;
  /** 0: nothing is kept at the broker between connections. */
  readonly sessionExpirySeconds: number;
}

export interface Message {
  readonly topic: string;
  readonly payload: Buffer;
  readonly retained: boolean;
  readonly qos: number;
  /** Came from a session that the broker had kept, before this connection subscribed. */
  readonly kept: boolean;
}

export interface PublishOptions {
  readonly qos: 0 | 1;
  readonly retain?: boolean;
  /** MQTT 5: the broker throws it away when it could not deliver it for so long. */
  readonly expirySeconds?: number;
  /** For news: that nobody has subscribed is no refusal. */
  readonly unheard?: 'fine';
}

/**
 * `sent`: QoS 0, handed to the socket. `acknowledged`: the broker has it. `refused`: certainly nobody got it (offline,
 * or the broker's reason). `unknown`: the connection was lost, or the broker did not answer in time.
 */
export interface Published {
  readonly outcome: 'sent' | 'acknowledged' | 'refused' | 'unknown';
  readonly why: string;
}

export interface SessionOptions {
  readonly broker: BrokerConfig;
  readonly context: Pick<Context, 'signal' | 'nowMs' | 'steadyMs' | 'random' | 'secret' | 'log'>;
  /** Called before each CONNECT with the broker's URL. */
  readonly attempt: (url: string) => Attempt | Promise<Attempt>;
  /** The connection stands: subscribe and announce here. What it throws ends the connection. */
  readonly onUp: (url: string) => Promise<void>;
  readonly onDown: (why: string) => void;
  readonly onMessage: (message: Message) => void;
}

/** A connection that stood for so long was a success: the next pause is short again. Shorter ones are two clients of one name. */
const STOOD_MS = 5_000;

/** PUBACK: the broker took it, but nobody has subscribed. The library counts it as success and keeps it for itself. */
const NOBODY = 16;

type Reply = { readonly error?: Error | null; readonly code?: number };

/**
 * One MQTT session that reconnects by itself: a new client with new options for every attempt, and nothing kept in memory
 * between them. A publication while offline is refused, never queued.
 */
export class MqttSession {
  readonly #o: SessionOptions;
  readonly #end = new AbortController();
  #client: MqttClient | null = null;
  #up = false;
  #subscribed = false;
  #inFlight = 0;
  /** Ids of publications that nobody has subscribed to. */
  readonly #unheard = new Set<number>();
  #serverMaximum = 65_535;
  #which = 0;
  #lost = new AbortController();
  #running: Promise<void> | null = null;
  #why = 'not tried yet';

  constructor(options: SessionOptions) {
    this.#o = options;
  }

  get up(): boolean {
    return this.#up;
  }

  /** Of the last end of a connection. */
  get why(): string {
    return this.#why;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** QoS 0, at once and in the order of the calls; false while offline. */
  send(topic: string, payload: Buffer): boolean {
    if (!this.#up || !this.#client?.connected) return false;
    this.#client.publish(topic, payload, { qos: 0, retain: false });
    return true;
  }

  /** Never rejects, never sends twice. */
  async publish(topic: string, payload: Buffer, options: PublishOptions): Promise<Published> {
    const client = this.#client;
    if (!this.#up || !client?.connected) return { outcome: 'refused', why: `offline: ${this.#why}` };
    if (options.qos === 1 && this.#inFlight >= this.#serverMaximum)
      return { outcome: 'refused', why: 'the broker has not acknowledged what was sent before' };
    const properties =
      this.#o.broker.version === 5 && options.expirySeconds !== undefined
        ? { properties: { messageExpiryInterval: options.expirySeconds } }
        : {};
    const packet = { qos: options.qos, retain: options.retain ?? false, ...properties };
    this.#inFlight += options.qos;
    const reply = await this.#reply((done) => {
      let id = 0;
      client.publish(topic, payload, packet, (error) => {
        const unheard = this.#unheard.delete(id) ? { code: NOBODY } : {};
        done({ error: error ?? null, ...codeOf(error), ...unheard });
      });
      id = client.getLastMessageId();
    });
    this.#inFlight -= options.qos;
    if (reply === null) return { outcome: 'unknown', why: 'no answer of the broker' };
    if ((reply.code === NOBODY && options.unheard !== 'fine') || (reply.code ?? 0) >= 128)
      return { outcome: 'refused', why: reason(reply.code ?? 128) };
    if (reply.error) return { outcome: 'unknown', why: reply.error.message };
    return options.qos === 0
      ? { outcome: 'sent', why: 'handed to the connection' }
      : { outcome: 'acknowledged', why: 'the broker has it' };
  }

  /**
   * All filters in one SUBSCRIBE. A grant proves little: a broker may grant what it then filters.
   * @throws Error when the connection goes, the broker is silent, or refuses one of them.
   */
  async subscribe(filters: readonly string[], how: { readonly noLocal?: boolean } = {}): Promise<void> {
    const client = this.#client;
    if (!client?.connected) throw new Error(`offline: ${this.#why}`);
    const local = this.#o.broker.version === 5 && how.noLocal ? { nl: true } : {};
    const request = Object.fromEntries(filters.map((filter) => [filter, { qos: 1 as const, ...local }]));
    let refused: string[] = [];
    const reply = await this.#reply((done) =>
      client.subscribe(request, (error, granted) => {
        refused = (granted ?? []).filter(({ qos }) => qos >= 128).map(({ topic }) => topic);
        done({ error: error ?? null, ...codeOf(error) });
      }),
    );
    if (reply === null) throw new Error('the broker did not answer a subscription');
    if (refused.length > 0) throw new Error(`the broker refused the subscription to ${refused.join(', ')}`);
    if (reply.error) throw new Error(`subscription: ${textOf(reply.error, this.#o.broker.version)}`);
    this.#subscribed = true;
  }

  /** A round trip to the broker: a SUBSCRIBE to a topic that is subscribed anyway. Null where it failed. */
  async roundTripMs(filter: string): Promise<number | null> {
    const { steadyMs } = this.#o.context;
    const from = steadyMs();
    return this.subscribe([filter]).then(
      () => steadyMs() - from,
      () => null,
    );
  }

  /** Ends the present connection; the next attempt follows after a pause, at the next broker where there are several. */
  drop(why: string, how: { readonly withWill?: boolean; readonly nextBroker?: boolean } = {}): void {
    if (how.nextBroker) this.#which += 1;
    this.#why = why;
    const client = this.#client;
    if (client) void endOf(client, this.#o.broker.version, how.withWill ?? false);
  }

  /** Idempotent. What must be said before goes through `publish` first; `withWill` lets the broker publish the Will too. */
  async close(how: { readonly withWill?: boolean } = {}): Promise<void> {
    const client = this.#client;
    if (!this.#end.signal.aborted) {
      this.#why = 'closed';
      // Before the signal, whose listeners would disconnect without the Will.
      const ending = client && endOf(client, this.#o.broker.version, how.withWill ?? false);
      this.#end.abort();
      await ending;
    }
    await this.#running;
  }

  async #run(): Promise<void> {
    const { broker, context } = this.#o;
    const signal = AbortSignal.any([this.#end.signal, context.signal]);
    const backoff = new Backoff({
      ...{ firstMs: broker.firstPauseMs, longestMs: broker.longestPauseMs, random: context.random },
    });
    while (!signal.aborted) {
      const url = broker.urls[this.#which % broker.urls.length] as string;
      const before = this.#which;
      const stoodMs = await this.#connection(url, signal);
      if (stoodMs >= STOOD_MS) backoff.reset();
      if (stoodMs === 0 && this.#which === before) this.#which += 1;
      if (!signal.aborted) await backoff.pause(signal);
    }
  }

  /** One connection, from its CONNECT to its end. Returns how long it stood, in ms; 0 where it never did. */
  async #connection(url: string, signal: AbortSignal): Promise<number> {
    const { context, onDown } = this.#o;
    let upAt = 0;
    this.#lost = new AbortController();
    this.#subscribed = false;
    this.#inFlight = 0;
    this.#unheard.clear();
    this.#why = `connecting to ${url}`;
    try {
      const client = await this.#newClient(url);
      this.#client = client;
      await new Promise<void>((resolve) => {
        const stop = () => void endOf(client, this.#o.broker.version, false);
        signal.addEventListener('abort', stop, { once: true });
        client.on('error', (error) => {
          this.#why = textOf(error, this.#o.broker.version);
          context.log('mqtt-error', { url, why: this.#why });
        });
        client.on('disconnect', (packet) => {
          this.#why = reason(packet.reasonCode ?? 0);
        });
        client.on('packetreceive', (packet) => {
          if (packet.cmd === 'puback' && packet.reasonCode === NOBODY)
            this.#unheard.add(packet.messageId ?? 0);
        });
        client.on('message', (topic, payload, packet) => this.#take(topic, payload, packet));
        client.on('connect', (packet) => {
          upAt = context.steadyMs();
          this.#up = true;
          this.#why = 'the connection was lost';
          this.#serverMaximum = packet.properties?.receiveMaximum ?? 65_535;
          this.#o.onUp(url).catch((error: unknown) => {
            this.drop(error instanceof Error ? error.message : String(error));
          });
        });
        client.on('close', () => {
          signal.removeEventListener('abort', stop);
          client.end(true);
          resolve();
        });
        if (signal.aborted) stop();
      });
    } catch (error) {
      this.#why = error instanceof Error ? error.message : String(error);
      context.log('mqtt-error', { url, why: this.#why });
    }
    this.#client = null;
    this.#lost.abort();
    this.#up = false;
    onDown(this.#why);
    return upAt === 0 ? 0 : Math.max(1, context.steadyMs() - upAt);
  }

  async #newClient(url: string): Promise<MqttClient> {
    const { broker, context } = this.#o;
    const attempt = await this.#o.attempt(url);
    const secrets = await secretsOf(broker, context.secret);
    const keeps = attempt.sessionExpirySeconds > 0;
    const five: IClientOptions = {
      properties: {
        sessionExpiryInterval: attempt.sessionExpirySeconds,
        receiveMaximum: broker.receiveMaximum,
        maximumPacketSize: broker.largestMessageBytes,
      },
    };
    const options: IClientOptions = {
      ...secrets,
      ...(broker.version === 5 ? five : {}),
      ...(attempt.will ? { will: attempt.will } : {}),
      clientId: attempt.clientId,
      clean: !keeps,
      protocolVersion: broker.version,
      keepalive: broker.keepAliveSeconds,
      connectTimeout: broker.connectMs,
      reconnectPeriod: 0,
      queueQoSZero: false,
      resubscribe: false,
      reschedulePings: false,
      rejectUnauthorized: true,
    };
    const { connect } = await import('mqtt');
    return connect(url, options);
  }

  #take(topic: string, payload: Buffer, packet: IPublishPacket): void {
    const { qos, retain } = packet;
    if (payload.length > this.#o.broker.largestMessageBytes) {
      this.#o.context.log('mqtt-too-large', { topic, bytes: payload.length });
      return;
    }
    this.#o.onMessage({ topic, payload, retained: retain, qos, kept: !this.#subscribed && !retain });
  }

  /** The answer to one packet; null when the connection went or the time was up. */
  #reply(ask: (done: (reply: Reply) => void) => void): Promise<Reply | null> {
    const lost = this.#lost.signal;
    return new Promise((resolve) => {
      const over = (reply: Reply | null) => {
        clearTimeout(timer);
        lost.removeEventListener('abort', gone);
        resolve(reply);
      };
      const gone = () => over(null);
      const timer = setTimeout(gone, this.#o.broker.replyMs);
      lost.addEventListener('abort', gone, { once: true });
      if (lost.aborted) gone();
      else ask(over);
    });
  }
}

/** DISCONNECT, then the socket; never longer than a second. */
async function endOf(client: MqttClient, version: 4 | 5, withWill: boolean): Promise<void> {
  if (!client.connected) {
    client.end(true);
    return;
  }
  await new Promise<void>((resolve) => {
    const over = () => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(() => {
      client.end(true);
      client.stream.destroy();
      resolve();
    }, 1_000);
    // Where the connection goes meanwhile, the library waits for acknowledgements that cannot come any more.
    client.once('close', over);
    client.end(false, version === 5 && withWill ? { reasonCode: 4 } : {}, over);
  });
}

function codeOf(one: unknown): { code?: number } {
  if (typeof one !== 'object' || one === null) return {};
  const { code, reasonCode } = one as { code?: unknown; reasonCode?: unknown };
  const found = typeof reasonCode === 'number' ? reasonCode : code;
  return typeof found === 'number' ? { code: found } : {};
}

function textOf(error: Error, version: 4 | 5): string {
  const { code } = codeOf(error);
  return code === undefined ? error.message : reason(code, version);
}
