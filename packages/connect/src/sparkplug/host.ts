import type { Context } from '../contract/connector.js';
import type { BrokerConfig } from '../mqtt/broker-config.js';
import { type Message, MqttSession, type Published } from '../mqtt/session.js';
import { type EdgeEvents, EdgeView } from './edge-view.js';
import { decodePayload, encodePayload, type MetricOut, type PayloadIn } from './payload.js';
import { RebirthRequests } from './rebirth.js';
import { formatState, formatTopic, NAMESPACE, parseState, parseTopic, stateTopic } from './topics.js';

export interface HostOptions {
  readonly broker: BrokerConfig;
  readonly hostId: string;
  /** Groups whose edge nodes it listens to. */
  readonly groups: readonly string[];
  readonly reorderMs: number;
  readonly clockToleranceMs: number;
  readonly firstRebirthMs: number;
  readonly longestRebirthMs: number;
  readonly context: Pick<Context, 'signal' | 'nowMs' | 'steadyMs' | 'random' | 'secret' | 'log'>;
  readonly on: {
    /** Subscribed, and STATE says online. */
    readonly up: () => void;
    readonly down: (why: string) => void;
    /** What happens at one edge node; called once for each, when it is first seen or asked for. */
    readonly edge: (key: string) => Omit<EdgeEvents, 'needsBirth' | 'log'>;
  };
}

/** Edge nodes that are kept in mind; whoever floods a broker with names must not fill this memory. */
const MOST_EDGES = 2_000;
/** Edge nodes that wait for this host give birth by themselves when it comes. */
const GRACE_MS = 200;
const REBIRTH = 'Node Control/Rebirth';

/** A host application of Sparkplug B 3.0: tells that it is there, listens to births, data and deaths, asks for births. */
export class SparkplugHost {
  readonly #o: HostOptions;
  readonly #session: MqttSession;
  readonly #edges = new Map<string, EdgeView>();
  readonly #rebirths: RebirthRequests;
  readonly #state: string;
  /** Of the present CONNECT: Will and birth of STATE bear the same. */
  #connectMs = 0;
  #announced = false;

  constructor(options: HostOptions) {
    this.#o = options;
    const { broker, context, hostId, firstRebirthMs, longestRebirthMs } = options;
    this.#state = stateTopic(hostId);
    this.#rebirths = new RebirthRequests({
      ...{ firstMs: firstRebirthMs, longestMs: longestRebirthMs, steadyMs: context.steadyMs },
      send: (key, why) => this.#sendRebirth(key, why),
    });
    this.#session = new MqttSession({
      ...{ broker, context },
      attempt: () => this.#attempt(),
      onUp: () => this.#up(),
      onDown: (why) => this.#down(why),
      onMessage: (message) => this.#take(message),
    });
  }

  start(): void {
    this.#session.start();
  }

  get up(): boolean {
    return this.#announced;
  }

  get why(): string {
    return this.#session.why;
  }

  edges(): readonly string[] {
    return [...this.#edges.keys()];
  }

  edge(key: string): EdgeView | undefined {
    return this.#edges.get(key);
  }

  /** This edge node matters: where it has not been born before this host, it is asked to. */
  want(key: string): void {
    const view = this.#viewOf(key);
    if (view && !view.online && this.#announced) this.#rebirths.ask(key, 'not heard of yet', GRACE_MS);
  }

  /** Asks the broker for the own STATE once more: an answer proves the way there and back. */
  roundTripMs(): Promise<number | null> {
    return this.#announced ? this.#session.roundTripMs(this.#state) : Promise.resolve(null);
  }

  /** A command to a device (null: the edge node itself), once. */
  command(
    key: string,
    device: string | null,
    metric: MetricOut,
    how: { readonly qos: 0 | 1; readonly expirySeconds: number },
  ): Promise<Published> {
    const atMs = this.#o.context.nowMs();
    return this.#session.publish(
      this.#commandTopic(key, device),
      encodePayload({ atMs, metrics: [metric] }),
      how,
    );
  }

  /** Idempotent: STATE offline with the present time, then DISCONNECT. */
  async close(): Promise<void> {
    this.#rebirths.close();
    for (const view of this.#edges.values()) view.close();
    if (this.#announced) {
      this.#announced = false;
      await this.#tellState(false, Math.round(this.#o.context.nowMs()));
    }
    await this.#session.close();
  }

  #attempt() {
    const { broker, context, hostId } = this.#o;
    this.#connectMs = Math.round(context.nowMs());
    const payload = formatState({ online: false, atMs: this.#connectMs });
    return {
      clientId: broker.clientId ?? `host/${hostId}`,
      will: { topic: this.#state, payload, qos: 1 as const, retain: true },
      sessionExpirySeconds: 0,
    };
  }

  async #up(): Promise<void> {
    const { groups, on } = this.#o;
    await this.#session.subscribe([this.#state, ...groups.map((group) => `${NAMESPACE}/${group}/#`)]);
    const said = await this.#tellState(true, this.#connectMs);
    if (said.outcome !== 'acknowledged') throw new Error(`STATE was not taken: ${said.why}`);
    this.#announced = true;
    on.up();
    for (const key of this.#edges.keys()) this.want(key);
  }

  #down(why: string): void {
    this.#announced = false;
    this.#rebirths.close();
    for (const view of this.#edges.values()) view.cut(`no connection: ${why}`);
    this.#o.on.down(why);
  }

  #tellState(online: boolean, atMs: number): Promise<Published> {
    return this.#session.publish(this.#state, formatState({ online, atMs }), { qos: 1, retain: true });
  }

  #take(message: Message): void {
    if (message.topic === this.#state) {
      // The death of an earlier connection, told late: edge nodes that believe it would go.
      if (this.#announced && parseState(message.payload)?.online === false)
        void this.#tellState(true, this.#connectMs);
      return;
    }
    const topic = parseTopic(message.topic);
    if (!topic || topic.verb === 'NCMD' || topic.verb === 'DCMD') return;
    const key = `${topic.group}/${topic.edge}`;
    const view = this.#viewOf(key);
    if (!view) return;
    let payload: PayloadIn;
    try {
      payload = decodePayload(message.payload);
    } catch (error) {
      this.#o.context.log('sparkplug-bad-payload', { topic: message.topic, why: String(error) });
      this.#rebirths.ask(key, 'a payload could not be read');
      return;
    }
    if (topic.verb === 'NBIRTH') this.#rebirths.settled(key);
    view.take(topic, payload);
  }

  #viewOf(key: string): EdgeView | undefined {
    const found = this.#edges.get(key);
    if (found) return found;
    const { reorderMs, clockToleranceMs, context, on } = this.#o;
    if (this.#edges.size >= MOST_EDGES) {
      context.log('sparkplug-too-many-edges', { key, most: MOST_EDGES });
      return undefined;
    }
    const events: EdgeEvents = {
      ...on.edge(key),
      needsBirth: (why) => this.#rebirths.ask(key, why),
      log: (event, fields) => context.log(event, { key, ...fields }),
    };
    const view = new EdgeView({ reorderMs, clockToleranceMs, nowMs: context.nowMs, on: events });
    this.#edges.set(key, view);
    return view;
  }

  /** The type is said although the standard would rather leave it out: edge nodes are about that do not read a metric without. */
  #sendRebirth(key: string, why: string): void {
    this.#o.context.log('sparkplug-rebirth-asked', { key, why });
    const atMs = this.#o.context.nowMs();
    const metric = { name: REBIRTH, atMs, datatype: 'Boolean' as const, withType: true, value: true };
    this.#session.send(this.#commandTopic(key, null), encodePayload({ atMs, metrics: [metric] }));
  }

  #commandTopic(key: string, device: string | null): string {
    const [group = '', edge = ''] = key.split('/');
    return device === null
      ? formatTopic({ group, verb: 'NCMD', edge })
      : formatTopic({ group, verb: 'DCMD', edge, device });
  }
}
