import type { Context } from '../contract/connector.js';
import type { BrokerConfig } from '../mqtt/broker-config.js';
import { type Message, MqttSession } from '../mqtt/session.js';
import { BdSeq } from './bd-seq.js';
import { type MetricDefinition, MetricTable, type Report } from './edge-metrics.js';
import type { Outbox } from './outbox.js';
import { decodePayload, encodePayload, type MetricOut, metricValue, type PayloadIn } from './payload.js';
import { formatTopic, isSparkplugId, parseState, parseTopic, stateTopic, type Verb } from './topics.js';
import type { MetricValue } from './values.js';

export interface Device {
  readonly id: string;
  readonly metrics: readonly MetricDefinition[];
}

/** A write that somebody asked of a metric that is declared writable, of the metric's own type. */
export interface EdgeCommand {
  /** Null: of the edge node itself. */
  readonly device: string | null;
  readonly name: string;
  readonly value: MetricValue;
}

export interface EdgeOptions {
  readonly broker: BrokerConfig;
  readonly group: string;
  readonly edge: string;
  /** Metrics of the edge node itself, beside those that the standard wants. */
  readonly metrics?: readonly MetricDefinition[];
  readonly devices: readonly Device[];
  /** Births and data wait until this host application says that it is online. */
  readonly primaryHost?: string;
  /** Values that cannot be sent go here and follow after the births as historical ones; absent: only the last counts. */
  readonly outbox?: Outbox;
  /** Returns the value that the metric holds now, which is reported at once; undefined: not done, nothing is said. */
  readonly onCommand?: (command: EdgeCommand) => MetricValue | undefined | Promise<MetricValue | undefined>;
  readonly context: Pick<Context, 'signal' | 'nowMs' | 'steadyMs' | 'random' | 'secret' | 'folder' | 'log'>;
}

const REBIRTH = 'Node Control/Rebirth';
/** Historical values in one message. */
const FLUSH = 200;

/** An edge node of Sparkplug B 3.0 with its devices: one session, births before data, deaths before leaving. */
export class SparkplugEdge {
  readonly #o: EdgeOptions;
  readonly #session: MqttSession;
  readonly #bdSeq: BdSeq;
  readonly #node: MetricTable;
  readonly #devices = new Map<string, MetricTable>();
  readonly #alive: Set<string>;
  /** Latest STATE of the primary host that said it is online, by broker: each has a time of its own. */
  readonly #hostAtMs = new Map<string, number>();
  #url = '';
  #bd = 0;
  #seq = 0;
  #born = false;
  #hostOnline = false;
  #closing = false;

  /** @throws RangeError where an id, a metric or a value cannot be one of Sparkplug. */
  constructor(options: EdgeOptions) {
    this.#o = options;
    const { group, edge, devices, context } = options;
    for (const id of [group, edge, ...devices.map((one) => one.id)])
      if (!isSparkplugId(id)) throw new RangeError(`«${id}» cannot be an id: no / + # in it, and not empty`);
    this.#bdSeq = new BdSeq(context.folder);
    let alias = 0n;
    const nextAlias = () => {
      alias += 1n;
      return alias;
    };
    const nowMs = context.nowMs();
    this.#node = new MetricTable(options.metrics ?? [], nextAlias, nowMs);
    for (const { id, metrics } of devices) {
      if (this.#devices.has(id)) throw new RangeError(`device «${id}» is there twice`);
      this.#devices.set(id, new MetricTable(metrics, nextAlias, nowMs));
    }
    this.#alive = new Set(this.#devices.keys());
    this.#session = new MqttSession({
      ...{ broker: options.broker, context },
      attempt: () => this.#attempt(),
      onUp: (url) => this.#up(url),
      onDown: () => {
        this.#born = false;
        this.#hostOnline = false;
      },
      onMessage: (message) => this.#take(message),
    });
  }

  start(): void {
    this.#session.start();
  }

  /** Whether it is connected and its births are out. */
  get born(): boolean {
    return this.#born;
  }

  /**
   * New values of a device's metrics (null: the node's own). `sent`, or `kept` for later where it is not connected.
   * @throws RangeError on an unknown device or metric, or a value that is not of its type.
   */
  publish(device: string | null, reports: readonly Report[]): 'sent' | 'kept' {
    const table = this.#table(device);
    const nowMs = this.#o.context.nowMs();
    for (const report of reports) table.set(report, nowMs);
    const mayGo = this.#born && !this.#closing && (device === null || this.#alive.has(device));
    if (mayGo && reports.length > 0) {
      const metrics = [...reports]
        .sort((a, b) => (a.atMs ?? nowMs) - (b.atMs ?? nowMs))
        .map(({ name, value, atMs = nowMs }) => ({ ...table.data(name), value, atMs }));
      if (this.#say(device === null ? 'NDATA' : 'DDATA', device, metrics)) return 'sent';
    }
    const kept = reports.map(({ name, value, atMs = nowMs }) => ({ device, name, value, atMs }));
    this.#o.outbox?.append(kept);
    return 'kept';
  }

  /** A device went away (DDEATH) or came back (DBIRTH with its present values). */
  setDevice(id: string, alive: boolean): void {
    this.#table(id);
    if (this.#alive.has(id) === alive) return;
    if (alive) {
      this.#alive.add(id);
      if (this.#born) this.#birthOf(id);
    } else {
      this.#alive.delete(id);
      if (this.#born) this.#say('DDEATH', id, []);
    }
  }

  /** Idempotent: NDEATH, then DISCONNECT. */
  async close(): Promise<void> {
    if (!this.#closing) {
      this.#closing = true;
      await this.#die();
    }
    await this.#session.close({ withWill: true });
  }

  /** Next CONNECT: the next number of births and deaths, and the NDEATH with it as Will. */
  #attempt() {
    this.#bd = this.#bdSeq.take();
    const { group, edge, broker } = this.#o;
    return {
      clientId: broker.clientId ?? `${group}/${edge}`,
      will: { topic: this.#topic('NDEATH'), payload: this.#death(), qos: 1 as const, retain: false },
      sessionExpirySeconds: 0,
    };
  }

  async #up(url: string): Promise<void> {
    this.#url = url;
    const { group, edge, primaryHost } = this.#o;
    const commands = [formatTopic({ group, verb: 'NCMD', edge })];
    if (this.#devices.size > 0) commands.push(`${formatTopic({ group, verb: 'DCMD', edge })}/+`);
    await this.#session.subscribe(commands);
    if (primaryHost === undefined) this.#birth();
    else await this.#session.subscribe([stateTopic(primaryHost)]);
  }

  #take(message: Message): void {
    const { primaryHost } = this.#o;
    if (primaryHost !== undefined && message.topic === stateTopic(primaryHost)) {
      this.#hostSays(message);
      return;
    }
    const topic = parseTopic(message.topic);
    if (topic?.group !== this.#o.group || topic.edge !== this.#o.edge) return;
    if (topic.verb !== 'NCMD' && topic.verb !== 'DCMD') return;
    let payload: PayloadIn;
    try {
      payload = decodePayload(message.payload);
    } catch (error) {
      this.#o.context.log('sparkplug-bad-command', { topic: message.topic, why: String(error) });
      return;
    }
    if (topic.verb === 'NCMD' && payload.metrics.some(isRebirth)) {
      if (this.#born) this.#birth();
      return;
    }
    void this.#obey(topic.device ?? null, payload);
  }

  async #obey(device: string | null, payload: PayloadIn): Promise<void> {
    const { context, onCommand } = this.#o;
    const table = device === null ? this.#node : this.#devices.get(device);
    for (const metric of payload.metrics) {
      const definition = table?.find(metric);
      const about = { device, name: definition?.name ?? metric.name ?? String(metric.alias) };
      if (!definition?.writable || !onCommand) {
        context.log('sparkplug-command-refused', { ...about, why: 'not writable' });
        continue;
      }
      try {
        const value = metricValue(metric, definition.datatype);
        const held = await onCommand({ device, name: definition.name, value });
        if (held !== undefined) this.publish(device, [{ name: definition.name, value: held }]);
      } catch (error) {
        context.log('sparkplug-command-refused', { ...about, why: String(error) });
      }
    }
  }

  /** STATE of the primary host: an older one than the last that said it is online counts for nothing. */
  #hostSays(message: Message): void {
    const state = parseState(message.payload);
    if (!state) {
      this.#o.context.log('sparkplug-bad-state', { topic: message.topic });
      return;
    }
    const before = this.#hostAtMs.get(this.#url);
    if (before !== undefined && state.atMs < before) return;
    if (state.online) {
      this.#hostAtMs.set(this.#url, state.atMs);
      this.#hostOnline = true;
      if (!this.#born) this.#birth();
      return;
    }
    this.#hostOnline = false;
    const several = this.#o.broker.urls.length > 1;
    // Where there is no other broker and nothing was said yet, it waits here for the host to come.
    if (!this.#born && !several) return;
    void this.#die().then(() =>
      this.#session.drop('the primary host is offline', { withWill: true, nextBroker: several }),
    );
  }

  /** NBIRTH, DBIRTHs, then what was kept: in one go, so that no value can come between. */
  #birth(): void {
    if (this.#closing || (this.#o.primaryHost !== undefined && !this.#hostOnline)) return;
    const atMs = this.#o.context.nowMs();
    this.#seq = 0;
    this.#born = this.#say('NBIRTH', null, [
      { name: 'bdSeq', atMs, datatype: 'Int64', withType: true, value: BigInt(this.#bd) },
      { name: REBIRTH, atMs, datatype: 'Boolean', withType: true, value: false },
      ...this.#node.birth(),
    ]);
    for (const id of this.#alive) if (this.#born) this.#birthOf(id);
    if (this.#born) this.#flush();
  }

  #birthOf(device: string): void {
    this.#say('DBIRTH', device, this.#table(device).birth());
  }

  #flush(): void {
    const { outbox, context } = this.#o;
    for (let kept = outbox?.pending(FLUSH) ?? []; kept.length > 0; kept = outbox?.pending(FLUSH) ?? []) {
      // One message is of one device: the run of values at the front that are.
      const device = kept[0]?.device ?? null;
      const end = kept.findIndex((one) => one.device !== device);
      const run = end < 0 ? kept : kept.slice(0, end);
      const table = device === null ? this.#node : this.#devices.get(device);
      const known = run.filter(({ name }) => table?.has(name));
      if (known.length < run.length)
        context.log('sparkplug-kept-unknown', { device, count: run.length - known.length });
      const metrics = table ? known.map((one) => table.data(one.name, one)) : [];
      const mayGo = device === null || this.#alive.has(device);
      if (mayGo && metrics.length > 0 && !this.#say(device === null ? 'NDATA' : 'DDATA', device, metrics))
        return;
      if (!mayGo) context.log('sparkplug-kept-dropped', { device, count: run.length });
      outbox?.acknowledge(run.length);
    }
  }

  async #die(): Promise<void> {
    if (!this.#born) return;
    this.#born = false;
    await this.#session.publish(this.#topic('NDEATH'), this.#death(), { qos: 1 });
  }

  #death(): Buffer {
    const { context } = this.#o;
    const value = BigInt(this.#bd);
    return encodePayload({
      atMs: context.nowMs(),
      metrics: [{ name: 'bdSeq', atMs: context.nowMs(), datatype: 'Int64', withType: true, value }],
    });
  }

  /** One message with the next number; false where the connection is gone. */
  #say(verb: Verb, device: string | null, metrics: readonly MetricOut[]): boolean {
    const atMs = this.#o.context.nowMs();
    const sent = this.#session.send(
      this.#topic(verb, device ?? undefined),
      encodePayload({ atMs, seq: this.#seq, metrics }),
    );
    if (sent) this.#seq = (this.#seq + 1) % 256;
    return sent;
  }

  #topic(verb: Verb, device?: string): string {
    const { group, edge } = this.#o;
    return formatTopic({ group, verb, edge, ...(device === undefined ? {} : { device }) });
  }

  #table(device: string | null): MetricTable {
    const table = device === null ? this.#node : this.#devices.get(device);
    if (!table) throw new RangeError(`no device «${device}» was declared`);
    return table;
  }
}

function isRebirth(metric: PayloadIn['metrics'][number]): boolean {
  return metric.name === REBIRTH && metric.wire?.field === 'boolean' && metric.wire.value;
}
