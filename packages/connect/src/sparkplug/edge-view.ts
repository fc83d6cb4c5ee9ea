import type { Datatype } from './datatypes.js';
import type { MetricIn, PayloadIn } from './payload.js';
import { clockOffMs, type Reading, readingOf } from './reading.js';
import type { Topic } from './topics.js';

/** A metric as its birth declared it, with what was last said of it. */
export interface KnownMetric {
  readonly name: string;
  readonly datatype: Datatype | undefined;
  readonly alias: bigint | undefined;
  /** Undefined while its edge node or device is dead: what was known of it counts for nothing. */
  last: Reading | undefined;
}

/** What happens at an edge node, in order. `device` null is the node itself. */
export interface EdgeEvents {
  /** A whole new birth: everything known before is void. */
  readonly birth: () => void;
  /** `again`: it had been born since the edge node's birth. */
  readonly deviceBirth: (device: string, again: boolean) => void;
  /** Its metrics are stale from then on; for null those of all its devices too. */
  readonly death: (device: string | null, atMs: number, why: string) => void;
  readonly reading: (device: string | null, metric: KnownMetric, reading: Reading) => void;
  /** Messages were lost; null: nobody knows how many. */
  readonly lost: (messages: number | null, why: string) => void;
  /** Something does not fit what was said at birth: a new one is needed. */
  readonly needsBirth: (why: string) => void;
  readonly log: (event: string, fields: Readonly<Record<string, unknown>>) => void;
}

export interface EdgeViewOptions {
  /** A message that came too early waits so long for the ones before it. */
  readonly reorderMs: number;
  readonly clockToleranceMs: number;
  readonly nowMs: () => number;
  readonly on: EdgeEvents;
}

/** An edge node whose death was told under another number has so long for the birth that shows that it lives. */
const DOUBT_MS = 2_000;

type Party = { readonly metrics: Map<string, KnownMetric>; alive: boolean };
type Early = { readonly topic: Topic; readonly payload: PayloadIn };

/** One edge node as a host application sees it: sequence, births, aliases, types, deaths (sections 5.5 to 5.13). */
export class EdgeView {
  readonly #o: EdgeViewOptions;
  readonly #parties = new Map<string | null, Party>();
  readonly #aliases = new Map<bigint, { readonly device: string | null; readonly metric: KnownMetric }>();
  /** By their numbers. */
  readonly #early = new Map<number, Early>();
  #online = false;
  #bdSeq: bigint | undefined;
  #next = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #doubt: ReturnType<typeof setTimeout> | undefined;
  #toldClock = false;
  /** Messages that came without a birth before them. */
  #unborn = 0;

  constructor(options: EdgeViewOptions) {
    this.#o = options;
  }

  get online(): boolean {
    return this.#online;
  }

  isAlive(device: string | null): boolean {
    return this.#online && (this.#parties.get(device)?.alive ?? false);
  }

  find(device: string | null, name: string): KnownMetric | undefined {
    return this.#parties.get(device)?.metrics.get(name);
  }

  devices(): readonly string[] {
    return [...this.#parties.keys()].filter((one) => one !== null);
  }

  metricsOf(device: string | null): readonly KnownMetric[] {
    return [...(this.#parties.get(device)?.metrics.values() ?? [])];
  }

  take(topic: Topic, payload: PayloadIn): void {
    if (topic.verb === 'NBIRTH') this.#birth(payload);
    else if (topic.verb === 'NDEATH') this.#death(payload);
    else if (topic.verb !== 'NCMD' && topic.verb !== 'DCMD') this.#inOrder({ topic, payload });
  }

  /** The host's own connection went: nobody knows what happens at the edge node from now on. */
  cut(why: string): void {
    this.#offline(why);
    this.#bdSeq = undefined;
  }

  close(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#doubt);
  }

  #birth(payload: PayloadIn): void {
    this.#settle();
    this.#believe();
    this.#parties.clear();
    this.#aliases.clear();
    this.#toldClock = false;
    const bdSeq = bdSeqOf(payload);
    if (bdSeq === undefined) this.#o.on.log('sparkplug-birth-without-bdseq', {});
    if (!isSequence(payload.seq)) this.#o.on.log('sparkplug-birth-without-seq', {});
    this.#bdSeq = bdSeq;
    this.#next = ((isSequence(payload.seq) ? payload.seq : 0) + 1) % 256;
    this.#online = true;
    this.#tellClock(payload);
    this.#declare(null, payload);
    this.#o.on.birth();
    if (this.#unborn > 0) this.#o.on.lost(this.#unborn, 'came before the birth');
    this.#unborn = 0;
    this.#report(null, payload);
  }

  #death(payload: PayloadIn): void {
    const bdSeq = bdSeqOf(payload);
    if (!this.#online) return;
    // The death of an earlier connection, told late by the broker, is not the death of this one. But an edge node may be
    // wrong about its numbers: it is asked to show that it lives.
    if (this.#bdSeq !== undefined && bdSeq !== this.#bdSeq) {
      this.#o.on.log('sparkplug-other-death', { bdSeq: String(bdSeq), present: String(this.#bdSeq) });
      this.#doubt ??= setTimeout(
        () => this.#offline('NDEATH of another bdSeq, and no birth since'),
        DOUBT_MS,
      );
      this.#o.on.needsBirth('a death of another bdSeq');
      return;
    }
    this.#offline('NDEATH');
  }

  #believe(): void {
    clearTimeout(this.#doubt);
    this.#doubt = undefined;
  }

  #offline(why: string): void {
    this.#settle();
    this.#believe();
    if (!this.#online) return;
    this.#online = false;
    this.#forget(null, this.#o.nowMs(), why);
  }

  #inOrder(message: Early): void {
    if (!this.#online) {
      this.#unborn += 1;
      this.#o.on.needsBirth(`${message.topic.verb} without a birth`);
      return;
    }
    const { seq } = message.payload;
    if (!isSequence(seq)) {
      this.#o.on.needsBirth(`${message.topic.verb} without a sequence number`);
      return;
    }
    if (seq !== this.#next) {
      this.#early.set(seq, message);
      this.#timer ??= setTimeout(() => this.#giveUp(), this.#o.reorderMs);
      return;
    }
    for (let now: Early | undefined = message; now && this.#online; now = this.#early.get(this.#next)) {
      this.#early.delete(this.#next);
      this.#next = (this.#next + 1) % 256;
      this.#apply(now);
    }
    if (this.#early.size === 0) this.#settle();
  }

  /**
   * What is missing did not come. It may have been a death or a birth, so the messages after it cannot be trusted either:
   * all are counted as lost, and everything is stale until the next birth.
   */
  #giveUp(): void {
    const first = Math.min(...[...this.#early.keys()].map((seq) => (seq - this.#next + 256) % 256));
    const aside = this.#early.size;
    const why = `${first} messages from number ${this.#next} did not come, ${aside} after them were set aside`;
    this.#settle();
    this.#online = false;
    this.#o.on.lost(first + aside, why);
    this.#forget(null, this.#o.nowMs(), `messages lost: ${why}`);
    this.#o.on.needsBirth(why);
  }

  #settle(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#early.clear();
  }

  #apply({ topic, payload }: Early): void {
    const device = topic.device ?? null;
    this.#tellClock(payload);
    if (topic.verb === 'DBIRTH') {
      const again = this.#parties.has(device);
      this.#declare(device, payload);
      if (device !== null) this.#o.on.deviceBirth(device, again);
      this.#report(device, payload);
    } else if (topic.verb === 'DDEATH') {
      const timing = { nowMs: this.#o.nowMs(), toleranceMs: this.#o.clockToleranceMs };
      const believed = clockOffMs(payload, timing) === undefined ? payload.atMs : undefined;
      this.#forget(device, believed ?? timing.nowMs, 'DDEATH');
    } else if (!this.#parties.get(device)?.alive) {
      this.#o.on.needsBirth(`${topic.verb} of ${device} without its birth`);
      this.#o.on.lost(1, `${topic.verb} of ${device} without its birth`);
    } else {
      this.#report(device, payload);
    }
  }

  /** Names, types and aliases of a birth. */
  #declare(device: string | null, payload: PayloadIn): void {
    for (const { alias } of this.#parties.get(device)?.metrics.values() ?? [])
      if (alias !== undefined) this.#aliases.delete(alias);
    const metrics = new Map<string, KnownMetric>();
    for (const { name, datatype, alias } of payload.metrics) {
      if (name === undefined) continue;
      const metric: KnownMetric = { name, datatype, alias, last: undefined };
      metrics.set(name, metric);
      if (alias === undefined) continue;
      // Two metrics of one alias: no value could be told apart.
      if (this.#aliases.has(alias)) this.#o.on.log('sparkplug-alias-twice', { alias: String(alias), name });
      this.#aliases.set(alias, { device, metric });
    }
    this.#parties.set(device, { metrics, alive: true });
  }

  #report(device: string | null, payload: PayloadIn): void {
    const timing = { nowMs: this.#o.nowMs(), toleranceMs: this.#o.clockToleranceMs };
    for (const metric of payload.metrics) {
      const known = this.#knownOf(device, metric);
      if (!known) {
        const what = metric.name === undefined ? `alias ${metric.alias}` : `metric ${metric.name}`;
        this.#o.on.lost(1, `${what} was in no birth`);
        this.#o.on.needsBirth(`${what} was in no birth`);
        continue;
      }
      const reading = readingOf(metric, known.datatype, payload, timing);
      if (!reading.historical) known.last = reading;
      this.#o.on.reading(device, known, reading);
    }
  }

  #knownOf(device: string | null, { name, alias }: MetricIn): KnownMetric | undefined {
    if (name !== undefined) return this.find(device, name);
    const at = alias === undefined ? undefined : this.#aliases.get(alias);
    return at?.device === device ? at.metric : undefined;
  }

  #forget(device: string | null, atMs: number, why: string): void {
    for (const [name, party] of this.#parties) {
      if (device !== null && name !== device) continue;
      party.alive = false;
      for (const metric of party.metrics.values()) metric.last = undefined;
    }
    this.#o.on.death(device, atMs, why);
  }

  #tellClock(payload: PayloadIn): void {
    const timing = { nowMs: this.#o.nowMs(), toleranceMs: this.#o.clockToleranceMs };
    const offMs = clockOffMs(payload, timing);
    if (offMs === undefined || this.#toldClock) return;
    this.#toldClock = true;
    this.#o.on.log('sparkplug-clock-off', { offMs: Math.round(offMs) });
  }
}

function isSequence(seq: number | undefined): seq is number {
  return seq !== undefined && Number.isInteger(seq) && seq >= 0 && seq <= 255;
}

function bdSeqOf(payload: PayloadIn): bigint | undefined {
  const wire = payload.metrics.find(({ name }) => name === 'bdSeq')?.wire;
  return wire?.field === 'long' || wire?.field === 'int' ? BigInt(wire.value) : undefined;
}
