import { z } from 'zod';
import type { Receipt } from '../contract/command.js';
import {
  CONTRACT_VERSION,
  type Connector,
  type Context,
  type Link,
  type NodeInfo,
} from '../contract/connector.js';
import type { Sample } from '../contract/item.js';
import type { Tag } from '../contract/tag.js';
import { sameValue } from '../contract/value.js';
import { Changes } from '../kit/changes.js';
import { Feed } from '../kit/feed.js';
import { sampleType } from '../kit/scaling.js';
import { States } from '../kit/states.js';
import { fromRaw, outside } from '../mqtt/as-type.js';
import { brokerSchema } from '../mqtt/broker-config.js';
import { isTold, type RawSample } from '../mqtt/json-reading.js';
import { checkWrite, expirySecondsOf } from '../mqtt/write-checks.js';
import { browseEdges } from './browse.js';
import { commandMetric } from './command-metric.js';
import type { KnownMetric } from './edge-view.js';
import { SparkplugHost } from './host.js';
import { parseMetricAddress } from './metric-address.js';
import type { Reading } from './reading.js';
import { isSparkplugId } from './topics.js';

const id = z.string().refine(isSparkplugId, 'write an id without / + #');
const ms = (least: number, most: number, usual: number) =>
  z.number().int().min(least).max(most).default(usual);

const config = z.strictObject({
  broker: brokerSchema,
  hostId: id.meta({ description: 'Unique among all host applications; edge nodes may wait for it.' }),
  groups: z.array(id).min(1).meta({ description: 'Groups whose edge nodes are listened to.' }),
  reorderMs: ms(0, 60_000, 2_000).meta({
    description:
      'A message that came too early waits so long for the ones before it; then a birth is asked for.',
  }),
  clockToleranceMs: ms(100, 86_400_000, 60_000).meta({
    description:
      'The times of an edge node whose clock differs by more are replaced by those of this machine.',
  }),
  firstRebirthMs: ms(50, 600_000, 5_000).meta({
    description: 'Pause between requests for a birth; it doubles while none comes.',
  }),
  longestRebirthMs: ms(50, 3_600_000, 60_000),
  confirmMs: ms(10, 60_000, 2_000).meta({
    description: 'The equipment must report a written value within this time.',
  }),
  commandQos: z
    .union([z.literal(0), z.literal(1)])
    .default(1)
    .meta({
      description:
        'The standard says 0. With 1 the broker answers, so that a command that nobody was there for is refused at once.',
    }),
});

type Config = z.output<typeof config>;

/**
 * A host application of Sparkplug B 3.0. A tag's address is `group/edge/device/metric`; a metric of the edge node itself
 * has an empty device. Each birth of an edge node is a new epoch. A write is a DCMD (NCMD) and is `done` when the metric
 * is next reported with the value.
 */
export const sparkplugHost: Connector<typeof config> = {
  manifest: {
    ...{ contract: CONTRACT_VERSION, protocol: 'sparkplug', config, whenFull: 'gap' },
    can: new Set(['read', 'subscribe', 'write', 'browse', 'history']),
  },
  open: async (settings, context) => {
    const link = new SparkplugLink(settings, context);
    link.start();
    return link;
  },
};

type Watched = {
  readonly tag: Tag;
  readonly edge: string;
  readonly device: string | null;
  readonly metric: string;
};
type Look = (edge: string, device: string | null, metric: KnownMetric, reading: Reading) => void;

class SparkplugLink implements Link {
  readonly #config: Config;
  readonly #context: Context;
  readonly #states = new States();
  readonly #feed: Feed;
  readonly #host: SparkplugHost;
  #changes = new Changes();
  readonly #watched: Watched[] = [];
  /** The same by edge, device and metric. */
  readonly #byMetric = new Map<string, Watched[]>();
  readonly #looking = new Set<Look>();
  #misaddressed: readonly Tag[] = [];
  #epochs = 0;
  #silent: ReturnType<typeof setTimeout> | undefined;

  constructor(settings: Config, context: Context) {
    this.#config = settings;
    this.#context = context;
    this.#feed = new Feed({ nowMs: context.nowMs, whenFull: 'gap' });
    this.#host = new SparkplugHost({
      ...settings,
      context,
      on: {
        up: () => this.#up(),
        down: (why) => {
          clearTimeout(this.#silent);
          this.#states.set('down', why);
        },
        edge: (key) => ({
          birth: () => this.#newEpoch(key),
          deviceBirth: (device, again) => this.#deviceBirth(key, device, again),
          death: (device, atMs, why) => this.#death(key, device, atMs, why),
          reading: (device, metric, reading) => this.#reading(key, device, metric, reading),
          lost: (messages, why) => this.#lost(key, messages, why),
        }),
      },
    });
    context.signal.addEventListener('abort', () => void this.close(), { once: true });
  }

  start(): void {
    this.#host.start();
  }

  states() {
    return this.#states.changes();
  }

  async *batches(tags: readonly Tag[]) {
    const bad: Tag[] = [];
    for (const tag of tags) {
      const address = parseMetricAddress(tag.address);
      if (!address) {
        bad.push(tag);
        continue;
      }
      const one = { tag, ...address };
      const key = keyOf(one.edge, one.device, one.metric);
      this.#watched.push(one);
      this.#byMetric.set(key, [...(this.#byMetric.get(key) ?? []), one]);
    }
    this.#misaddressed = bad;
    if (this.#host.up && this.#feed.epoch !== '') this.#sweep(this.#watched);
    for (const edge of new Set(this.#watched.map((one) => one.edge))) this.#host.want(edge);
    if (this.#feed.epoch !== '') this.#tellState();
    yield* this.#feed.batches();
  }

  /**
   * The last reported values, with their own times: an edge node reports whatever changes, so under a living birth the last
   * value is the present one. Asking it anew would be a new birth, and void every command under way.
   */
  async read(tags: readonly Tag[]): Promise<readonly Sample[]> {
    for (const tag of tags) {
      const address = parseMetricAddress(tag.address);
      if (address) this.#host.want(address.edge);
    }
    return tags.map((tag, i) => {
      const address = parseMetricAddress(tag.address);
      const raw = address ? this.#present({ tag, ...address }) : this.#bad(tag, WRITE_ADDRESS);
      return this.#numbered(raw, i);
    });
  }

  async probe() {
    const tookMs = await this.#host.roundTripMs();
    if (tookMs === null) return { ok: false, tookMs, why: `the broker does not answer: ${this.#host.why}` };
    const gone = this.#goneEdges();
    if (gone.length > 0)
      return { ok: false, tookMs, why: `the broker answered, but ${gone.join(', ')} is not there` };
    return { ok: true, tookMs, why: 'the broker answered, and no death of an edge node is known' };
  }

  async write(armed: unknown, tag: Tag): Promise<Receipt> {
    const allowed = checkWrite(armed, tag, this.#states.now, this.#context);
    if ('outcome' in allowed) return allowed;
    const { id: command, raw, remainingMs } = allowed;
    const refused = (why: string): Receipt => ({ id: command, outcome: 'refused', why });
    const address = parseMetricAddress(tag.address);
    if (!address) return refused(WRITE_ADDRESS);
    const view = this.#host.edge(address.edge);
    const known = view?.find(address.device, address.metric);
    if (!view?.isAlive(address.device))
      return refused(`${address.edge}/${address.device ?? ''} is not there`);
    if (!known?.datatype) return refused('the metric was in no birth');
    const metric = commandMetric(known, known.datatype, raw, this.#context.nowMs());
    if (!metric) return refused(`not a value of ${known.datatype}`);
    const { confirmMs, commandQos } = this.#config;
    const { epoch } = this.#states.now;
    const held = fromRaw(metric.value, tag);
    const confirmed = this.#confirmation(
      address,
      epoch,
      (sample) => held !== undefined && sample.quality !== 'bad' && sameValue(sample.value, held),
      tag,
    );
    const sent = await this.#host.command(address.edge, address.device, metric, {
      ...{ qos: commandQos, expirySeconds: expirySecondsOf(remainingMs()) },
    });
    if (sent.outcome === 'refused') return { ...refused(`not delivered: ${sent.why}`), status: sent.why };
    const readBack = await confirmed;
    if (readBack)
      return { id: command, outcome: 'done', why: 'reported with the value', readBack, status: sent.why };
    const why =
      this.#states.now.epoch === epoch && this.#host.up
        ? `not reported with the value within ${confirmMs} ms`
        : 'the connection or the birth changed before it was reported';
    return { id: command, outcome: 'unknown', why, status: sent.why };
  }

  browse(from: string, limit: number): AsyncIterable<NodeInfo> {
    return browseEdges(this.#host, from, limit);
  }

  async close(): Promise<void> {
    clearTimeout(this.#silent);
    this.#feed.close();
    await this.#host.close();
    this.#states.set('down', 'closed');
    this.#states.close();
  }

  /** The first birth begins the epoch; where none comes soon, all that is missing is told under one of its own. */
  #up(): void {
    this.#states.set('connecting', 'waiting for births');
    const before = this.#epochs;
    clearTimeout(this.#silent);
    this.#silent = setTimeout(() => {
      if (this.#epochs === before) {
        this.#begin('session');
        this.#sweep(this.#watched);
      }
      this.#tellState();
    }, SILENT_MS);
  }

  /**
   * A birth voids what was known; tags of other edge nodes are told once more under the new epoch. Devices of this one are
   * born right after it; those that are not are told a little later.
   */
  #newEpoch(edge: string): void {
    this.#begin(edge);
    this.#sweep(
      this.#watched.filter((one) => one.edge !== edge || (one.device === null && !this.#comes(one))),
    );
    const born = this.#epochs;
    clearTimeout(this.#silent);
    this.#silent = setTimeout(() => {
      const view = this.#host.edge(edge);
      if (this.#epochs === born)
        this.#sweep(this.#watched.filter((one) => one.edge === edge && !view?.isAlive(one.device)));
      this.#tellState();
    }, SILENT_MS);
    const whole = this.#watched.every((one) => one.edge !== edge || one.device === null);
    if (whole) this.#tellState();
  }

  #deviceBirth(edge: string, device: string, again: boolean): void {
    if (again) this.#begin(`${edge}/${device}`);
    this.#sweep(
      this.#watched.filter((one) => {
        const same = one.edge === edge && one.device === device;
        return same ? !this.#comes(one) : again;
      }),
    );
    this.#tellState();
  }

  #begin(of: string): void {
    this.#epochs += 1;
    const epoch = `${this.#config.hostId}/${Math.round(this.#context.nowMs())}/${this.#epochs}/${of}`;
    this.#feed.begin(epoch);
    this.#changes = new Changes();
    this.#states.set(this.#states.now.state, this.#states.now.why, epoch);
    void this.#feed.push(this.#misaddressed.map((tag) => this.#bad(tag, WRITE_ADDRESS)));
  }

  /** Its value follows in the birth that is being read. */
  #comes({ edge, device, metric }: Watched): boolean {
    return this.#host.edge(edge)?.find(device, metric) !== undefined;
  }

  #sweep(watched: readonly Watched[]): void {
    void this.#feed.push(watched.map((one) => this.#present(one)));
  }

  #present({ tag, edge, device, metric }: Watched): RawSample {
    const view = this.#host.edge(edge);
    if (!this.#host.up) return this.#bad(tag, `no connection: ${this.#host.why}`);
    if (!view?.isAlive(device)) return this.#bad(tag, 'STALE: not born, or dead');
    const known = view.find(device, metric);
    if (!known?.last) return this.#bad(tag, 'no such metric in its birth');
    return this.#sampleOf(tag, known.last);
  }

  #death(edge: string, device: string | null, atMs: number, why: string): void {
    const stale = this.#watched.filter(
      (one) => one.edge === edge && (device === null || one.device === device),
    );
    void this.#feed.push(stale.map(({ tag }) => ({ ...this.#bad(tag, `STALE: ${why}`), atMs })));
    this.#tellState();
  }

  #reading(edge: string, device: string | null, metric: KnownMetric, reading: Reading): void {
    const watched = this.#byMetric.get(keyOf(edge, device, metric.name)) ?? [];
    const samples = watched.map(({ tag }) => [tag, this.#sampleOf(tag, reading)] as const);
    void this.#feed.push(samples.flatMap(([tag, one]) => (isTold(tag, one, this.#changes) ? [one] : [])));
    for (const look of this.#looking) look(edge, device, metric, reading);
  }

  #lost(edge: string, messages: number | null, why: string): void {
    if (!this.#watched.some((one) => one.edge === edge)) return;
    // How many values were in the lost messages, nobody can say.
    const said = messages === null ? '' : `${messages} messages: `;
    void this.#feed.push([{ kind: 'gap', tag: null, missing: null, why: `${edge}: ${said}${why}` }]);
  }

  #sampleOf(tag: Tag, reading: Reading): RawSample {
    const { atMs, timeFrom, historical, quality, status } = reading;
    const about = {
      ...{ kind: 'sample' as const, tag: tag.tag, type: sampleType(tag), atMs, timeFrom },
      ...(historical ? { historical: true as const } : {}),
    };
    const value = reading.value === null ? null : fromRaw(reading.value, tag);
    if (value === undefined)
      return { ...about, value: null, quality: 'bad', status: `not a value of type ${tag.type}` };
    if (quality === 'good' && outside(value, tag))
      return { ...about, value, quality: 'uncertain', status: 'outside its range' };
    return { ...about, value, quality, ...(status === undefined ? {} : { status }) };
  }

  #bad(tag: Tag, status: string): RawSample {
    const atMs = this.#context.nowMs();
    return {
      ...{ kind: 'sample', tag: tag.tag, type: sampleType(tag), value: null, quality: 'bad' },
      ...{ status, atMs, timeFrom: 'edge' },
    };
  }

  #numbered(raw: RawSample, sequence: number): Sample {
    return { ...raw, receivedMs: this.#context.nowMs(), epoch: this.#states.now.epoch, sequence };
  }

  #goneEdges(): string[] {
    const wanted = new Set(this.#watched.map((one) => one.edge));
    return [...wanted].filter((edge) => !this.#host.edge(edge)?.online);
  }

  #tellState(): void {
    if (!this.#host.up) return;
    const parties = new Map(this.#watched.map((one) => [`${one.edge}/${one.device ?? ''}`, one]));
    const gone = [...parties].filter(([, one]) => !this.#host.edge(one.edge)?.isAlive(one.device));
    if (gone.length === 0) this.#states.set('up', 'all that tags are of is there');
    else {
      const why = `not there: ${gone
        .map(([name]) => name)
        .join(', ')
        .slice(0, 200)}`;
      this.#states.set(gone.length === parties.size ? 'down' : 'degraded', why);
    }
  }

  /** The next report of a metric that is accepted, before the time is up or the epoch changes. */
  #confirmation(
    address: Omit<Watched, 'tag'>,
    epoch: string,
    accept: (sample: RawSample) => boolean,
    tag: Tag,
  ): Promise<Sample | undefined> {
    return new Promise((resolve) => {
      const over = (found?: Sample) => {
        clearTimeout(timer);
        this.#looking.delete(look);
        resolve(found);
      };
      const look: Look = (edge, device, metric, reading) => {
        if (edge !== address.edge || device !== address.device || metric.name !== address.metric) return;
        if (this.#states.now.epoch !== epoch) return over();
        if (reading.historical) return;
        const sample = this.#sampleOf(tag, reading);
        if (accept(sample)) over(this.#numbered(sample, 0));
      };
      const timer = setTimeout(over, this.#config.confirmMs);
      this.#looking.add(look);
    });
  }
}

/** So long after the connection the births of edge nodes that are there have come, asked for where need be. */
const SILENT_MS = 1_500;
const WRITE_ADDRESS = 'address: write group/edge/device/metric';

function keyOf(edge: string, device: string | null, metric: string): string {
  return `${edge}/${device ?? ''}/${metric}`;
}
