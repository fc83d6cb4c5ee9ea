import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Receipt } from '../contract/command.js';
import {
  CONTRACT_VERSION,
  type Connector,
  type Context,
  type Link,
  type Telling,
} from '../contract/connector.js';
import type { Sample } from '../contract/item.js';
import type { Tag } from '../contract/tag.js';
import { type Scalar, sameValue } from '../contract/value.js';
import { Changes } from '../kit/changes.js';
import { Feed } from '../kit/feed.js';
import { sampleType } from '../kit/scaling.js';
import { States } from '../kit/states.js';
import { escapeWord } from '../names/words.js';
import { fromRaw } from './as-type.js';
import { brokerSchema } from './broker-config.js';
import { documentWith, isPointer, isTopic, type JsonAddress, parseJsonAddress } from './json-address.js';
import { isTold, parseDocument, type RawSample, sampleOf, toJson } from './json-reading.js';
import { type Message, MqttSession } from './session.js';
import { checkWrite, expirySecondsOf } from './write-checks.js';

const pointer = z.string().refine(isPointer, 'write a JSON pointer: /a/b, or nothing for the whole document');

const config = z.strictObject({
  broker: brokerSchema,
  qualityPointer: pointer.optional().meta({
    description: 'Where a document says its quality: good / uncertain / bad, true / false, 192 / 64 / 0.',
  }),
  timePointer: pointer
    .optional()
    .meta({ description: 'Where it says its time: ms since 1970, or ISO 8601 with a zone.' }),
  sessionExpirySeconds: z
    .number()
    .int()
    .min(0)
    .max(604_800)
    .default(0)
    .meta({ description: 'The broker keeps messages of QoS 1 for so long while this end is away.' }),
  commands: z
    .array(
      z.strictObject({
        address: z.string().refine((one) => parseJsonAddress(one) !== undefined, 'write topic#/pointer'),
        topic: z.string().refine(isTopic, 'write a topic without wildcards'),
        pointer: pointer.default('/value'),
      }),
    )
    .default([])
    .meta({
      description: 'Where a write to the tag of this address is published. Its own topic confirms it.',
    }),
  root: z
    .string()
    .min(1)
    .max(200)
    .default('selvedge')
    .meta({ description: 'First level of the topics on which this site tells others.' }),
  confirmMs: z.number().int().min(10).max(60_000).default(2_000).meta({
    description: 'The equipment must show a written value on the topic of the tag within this time.',
  }),
});

type Config = z.output<typeof config>;

/**
 * Plain JSON over MQTT. A tag's address is `topic#/json/pointer`; many tags may share a topic. A write is published to the
 * command topic of the tag and is `done` only when the tag's own topic shows the value afterwards: that the broker
 * acknowledged it says nothing about the equipment. A tag without a command topic of its own cannot be written.
 */
export const mqttJson: Connector<typeof config> = {
  manifest: {
    ...{ contract: CONTRACT_VERSION, protocol: 'mqtt-json', config, whenFull: 'gap' },
    can: new Set(['read', 'subscribe', 'write', 'publish']),
  },
  open: async (settings, context) => {
    for (const { address, topic } of settings.commands) {
      if (parseJsonAddress(address)?.topic === topic)
        throw new RangeError(`commands: ${topic} cannot confirm itself: give the command a topic of its own`);
    }
    if (settings.sessionExpirySeconds > 0 && settings.broker.clientId === undefined)
      throw new RangeError('broker.clientId: a session that the broker keeps needs a name that stays');
    const link = new JsonLink(settings, context);
    link.start();
    return link;
  },
};

type Watched = { readonly tag: Tag; readonly pointer: string };

class JsonLink implements Link {
  readonly #config: Config;
  readonly #context: Context;
  readonly #states = new States();
  readonly #feed: Feed;
  readonly #session: MqttSession;
  #changes = new Changes();
  readonly #name: string;
  /** Tags of `batches`, by topic. */
  readonly #watched = new Map<string, Watched[]>();
  readonly #subscribed = new Set<string>();
  /** Last document of every topic that was asked for, of this connection alone. */
  readonly #documents = new Map<string, { readonly message: Message; readonly atMs: number }>();
  readonly #waiting = new Set<(message: Message) => void>();
  #misaddressed: readonly Tag[] = [];
  #connections = 0;
  #silent: ReturnType<typeof setTimeout> | undefined;

  constructor(settings: Config, context: Context) {
    this.#config = settings;
    this.#context = context;
    this.#feed = new Feed({ nowMs: context.nowMs, whenFull: 'gap' });
    this.#name = settings.broker.clientId ?? `selvedge-${randomBytes(6).toString('hex')}`;
    this.#session = new MqttSession({
      ...{ broker: settings.broker, context },
      attempt: () => ({ clientId: this.#name, sessionExpirySeconds: settings.sessionExpirySeconds }),
      onUp: () => this.#up(),
      onDown: (why) => this.#down(why),
      onMessage: (message) => this.#take(message),
    });
    context.signal.addEventListener('abort', () => void this.close(), { once: true });
  }

  start(): void {
    this.#session.start();
  }

  states() {
    return this.#states.changes();
  }

  async *batches(tags: readonly Tag[]) {
    const bad: Tag[] = [];
    for (const tag of tags) {
      const address = parseJsonAddress(tag.address);
      if (!address) {
        bad.push(tag);
        continue;
      }
      const of = this.#watched.get(address.topic) ?? [];
      this.#watched.set(address.topic, [...of, { tag, pointer: address.pointer }]);
    }
    this.#misaddressed = bad;
    if (this.#session.up) {
      this.#tellMisaddressed();
      for (const { message } of this.#documents.values()) this.#tell(message);
      await this.#ask([...this.#watched.keys()]);
    }
    yield* this.#feed.batches();
  }

  /** The last document of each topic: there is no way to ask a publisher. Waits for a first one of new topics. */
  async read(tags: readonly Tag[]): Promise<readonly Sample[]> {
    const addresses = tags.map((tag) => parseJsonAddress(tag.address));
    const topics = new Set(addresses.flatMap((one) => (one ? [one.topic] : [])));
    const missing = [...topics].filter((topic) => !this.#documents.has(topic));
    if (missing.length > 0 && this.#session.up && (await this.#ask(missing))) {
      const left = new Set(missing.filter((topic) => !this.#documents.has(topic)));
      await this.#until(
        this.#config.broker.replyMs / 5,
        (message) => {
          left.delete(message.topic);
          return left.size === 0 ? true : undefined;
        },
        left.size === 0,
      );
    }
    return tags.map((tag, i) => this.#reading(tag, addresses[i], i));
  }

  async probe() {
    const tookMs = this.#session.up ? await this.#session.roundTripMs(`selvedge/probe/${this.#name}`) : null;
    if (tookMs === null)
      return { ok: false, tookMs, why: `the broker does not answer: ${this.#session.why}` };
    return { ok: true, tookMs, why: 'the broker answered; a publisher cannot be asked' };
  }

  async write(armed: unknown, tag: Tag): Promise<Receipt> {
    const allowed = checkWrite(armed, tag, this.#states.now, this.#context);
    if ('outcome' in allowed) return allowed;
    const { id, raw, remainingMs } = allowed;
    const refused = (why: string): Receipt => ({ id, outcome: 'refused', why });
    const command = this.#config.commands.find(({ address }) => address === tag.address);
    const address = parseJsonAddress(tag.address);
    if (!command || !address) return refused('no command topic for this tag, so nothing could confirm it');
    if (!(await this.#ask([address.topic])))
      return refused('its topic, which would confirm it, is not to be had');
    if (!(remainingMs() > 0)) return refused('too late: notAfterMs has passed');
    const body = documentWith(command.pointer, toJson(raw, tag));
    const held = fromRaw(raw, tag);
    const { epoch } = this.#states.now;
    const { confirmMs } = this.#config;
    const confirmed = this.#until<Sample>(confirmMs, (message) => {
      // Under another connection it may be the old document, told once more.
      if (this.#states.now.epoch !== epoch) return undefined;
      if (message.topic !== address.topic || message.retained || message.kept) return undefined;
      const sample = this.#sampleOf(message, tag, address.pointer, this.#context.nowMs());
      return sample.quality !== 'bad' && held !== undefined && sameValue(sample.value, held)
        ? this.#numbered(sample, 0)
        : undefined;
    });
    const sent = await this.#session.publish(command.topic, Buffer.from(JSON.stringify(body)), {
      qos: 1,
      expirySeconds: expirySecondsOf(remainingMs()),
    });
    if (sent.outcome === 'refused') return { ...refused(`not delivered: ${sent.why}`), status: sent.why };
    const readBack = await confirmed;
    if (readBack)
      return { id, outcome: 'done', why: 'its topic shows the value', readBack, status: sent.why };
    const why =
      this.#states.now.epoch === epoch && this.#session.up
        ? `its topic did not show the value within ${confirmMs} ms`
        : 'the connection was lost before its topic showed the value';
    return { id, outcome: 'unknown', why, status: sent.why };
  }

  /** QoS 1, one after the other: a broker that took a later one has the earlier ones. */
  async publish(tellings: readonly Telling[]): Promise<void> {
    const levels = (path: readonly string[]): string[] => path.map((word) => escapeWord(word));
    await Promise.all(
      tellings.map(async ({ path, body, historical }) => {
        const topic = [escapeWord(this.#config.root), 'v1', ...levels(path)].join('/');
        const document = historical ? { ...body, historical } : body;
        const sent = await this.#session.publish(topic, Buffer.from(JSON.stringify(document)), {
          ...{ qos: 1, unheard: 'fine' },
        });
        if (sent.outcome !== 'acknowledged') throw new Error(`${topic}: ${sent.why}`);
      }),
    );
  }

  async close(): Promise<void> {
    this.#feed.close();
    await this.#session.close();
    this.#states.set('down', 'closed');
    this.#states.close();
  }

  async #up(): Promise<void> {
    this.#connections += 1;
    const epoch = `${this.#name}/${this.#connections}/${Math.round(this.#context.nowMs())}`;
    this.#subscribed.clear();
    this.#feed.begin(epoch);
    this.#changes = new Changes();
    this.#states.set('connecting', 'subscribing', epoch);
    this.#tellMisaddressed();
    const topics = [...this.#watched.keys()];
    if (topics.length > 0 && !(await this.#ask(topics))) throw new Error('a subscription failed');
    this.#states.set('up', 'subscribed');
    this.#silent = setTimeout(() => this.#tellSilent(epoch), this.#config.broker.replyMs / 5);
  }

  /** Tags whose topics hold nothing: whoever waits for the whole must not wait for them. */
  #tellSilent(epoch: string): void {
    if (this.#states.now.epoch !== epoch) return;
    const silent = [...this.#watched].filter(([topic]) => !this.#documents.has(topic));
    const of = silent.flatMap(([, watched]) => watched);
    void this.#feed.push(of.map(({ tag }) => this.#bad(tag, 'nothing was published yet')));
  }

  #down(why: string): void {
    clearTimeout(this.#silent);
    this.#documents.clear();
    const bad = [...this.#watched.values()].flat().map(({ tag }) => this.#bad(tag, `no connection: ${why}`));
    if (this.#states.now.state === 'up') void this.#feed.push(bad);
    this.#states.set('down', why);
  }

  /** Subscribes to what is not yet subscribed; false where the broker does not let it. */
  async #ask(topics: readonly string[]): Promise<boolean> {
    const fresh = topics.filter((topic) => !this.#subscribed.has(topic));
    for (let from = 0; from < fresh.length; from += 500) {
      const some = fresh.slice(from, from + 500);
      for (const topic of some) this.#subscribed.add(topic);
      const granted = await this.#session.subscribe(some).then(
        () => true,
        (error: unknown) => {
          for (const topic of some) this.#subscribed.delete(topic);
          this.#context.log('mqtt-subscription', { why: String(error) });
          return false;
        },
      );
      if (!granted) return false;
    }
    return true;
  }

  #take(message: Message): void {
    if (!this.#watched.has(message.topic) && !this.#subscribed.has(message.topic)) return;
    this.#documents.set(message.topic, { message, atMs: this.#context.nowMs() });
    this.#tell(message);
    for (const look of this.#waiting) look(message);
  }

  #tell(message: Message): void {
    const nowMs = this.#context.nowMs();
    const of = this.#watched.get(message.topic) ?? [];
    const samples = of.map(({ tag, pointer: at }) => [tag, this.#sampleOf(message, tag, at, nowMs)] as const);
    void this.#feed.push(samples.flatMap(([tag, one]) => (isTold(tag, one, this.#changes) ? [one] : [])));
  }

  #tellMisaddressed(): void {
    void this.#feed.push(this.#misaddressed.map((tag) => this.#bad(tag, 'address: write topic#/pointer')));
  }

  #sampleOf(message: Message, tag: Tag, at: string, nowMs: number): RawSample {
    const { document, why } = parseDocument(message.payload);
    if (why !== undefined) return this.#bad(tag, `not JSON: ${why}`);
    const sample = sampleOf(tag, at, document, { ...this.#config, nowMs });
    return message.kept ? { ...sample, historical: true } : sample;
  }

  #bad(tag: Tag, status: string): RawSample {
    const atMs = this.#context.nowMs();
    return {
      ...{ kind: 'sample', tag: tag.tag, type: sampleType(tag), value: null, quality: 'bad' },
      ...{ status, atMs, timeFrom: 'edge' },
    };
  }

  #reading(tag: Tag, address: JsonAddress | undefined, sequence: number): Sample {
    const last = address && this.#documents.get(address.topic);
    if (!address) return this.#numbered(this.#bad(tag, 'address: write topic#/pointer'), sequence);
    if (!this.#session.up)
      return this.#numbered(this.#bad(tag, `no connection: ${this.#session.why}`), sequence);
    if (!last) return this.#numbered(this.#bad(tag, 'nothing was published yet'), sequence);
    return this.#numbered(this.#sampleOf(last.message, tag, address.pointer, last.atMs), sequence);
  }

  #numbered(raw: RawSample, sequence: number): Sample {
    return { ...raw, receivedMs: this.#context.nowMs(), epoch: this.#states.now.epoch, sequence };
  }

  /** The first thing that `look` finds in a message; undefined when the time is up. */
  #until<T extends Sample | Scalar>(
    ms: number,
    look: (message: Message) => T | undefined,
    already = false,
  ): Promise<T | undefined> {
    if (already) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const over = (found: T | undefined) => {
        clearTimeout(timer);
        this.#waiting.delete(each);
        resolve(found);
      };
      const each = (message: Message) => {
        const found = look(message);
        if (found !== undefined) over(found);
      };
      const timer = setTimeout(() => over(undefined), ms);
      this.#waiting.add(each);
    });
  }
}
