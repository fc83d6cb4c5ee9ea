import {
  AttributeIds,
  CreateMonitoredItemsRequest,
  type CreateMonitoredItemsResponse,
  DataChangeFilter,
  DataChangeTrigger,
  type DataValue,
  DeadbandType,
  MonitoringMode,
  type NodeId,
  type StatusCode,
  StatusCodes,
  TimestampsToReturn,
} from 'node-opcua';
import type { Tag } from '../contract/tag.js';
import { sameValue } from '../contract/value.js';
import type { Feed, RawItem } from '../kit/feed.js';
import type { Resolved } from './addresses.js';
import type { OpcUaConfig } from './config.js';
import { type Parcel, Publishing } from './publishing.js';
import { readTags } from './read.js';
import { bad, overflowed, type Reading, readingOf, wordOf } from './samples.js';
import type { Session } from './session.js';

const CURRENT_TIME = 'i=2258';
/** Handle of the server's clock, which tells that values flow even where no tag changes. */
const CLOCK = 0;
const SILENT_TIMES = 3;
/** So many intervals a first notification may take. */
const FIRST_TIMES = 3;
const LOOK_MS = 10;

interface Watched {
  readonly tag: Tag;
  readonly nodeId: NodeId;
  /** Notifications of it so far. */
  notices: number;
  /** What a sweep has told: the next notification may be the same value once more. */
  swept: Reading | null;
  /** Set where the server does not know deadbands: the last value that was told. */
  told?: number;
  local?: true;
}

export interface SubscriptionOptions {
  readonly config: OpcUaConfig;
  readonly feed: Feed;
  readonly nowMs: () => number;
  readonly steadyMs: () => number;
}

/**
 * All tags of a link in one session: followed first, so that no change falls between a read and the first notification,
 * which is the value of that moment (OPC 10000-4, 5.13.1.2); then what has not come is read.
 */
export class Subscription {
  readonly #session: Session;
  readonly #o: SubscriptionOptions;
  readonly #watched = new Map<number, Watched>();
  #publishing: Publishing | null = null;
  #running: Promise<never> | null = null;
  #clockAt: number;
  #clockMs = 1_000;
  #hasClock = false;
  #sweeping = false;

  private constructor(session: Session, options: SubscriptionOptions) {
    this.#session = session;
    this.#o = options;
    this.#clockAt = options.steadyMs();
  }

  static async open(
    session: Session,
    tags: readonly Tag[],
    resolved: Resolved,
    options: SubscriptionOptions,
  ): Promise<Subscription> {
    const one = new Subscription(session, options);
    await one.#start(tags, resolved);
    return one;
  }

  /** Runs until the subscription ends. @throws with the reason */
  async run(): Promise<never> {
    if (!this.#running) throw new Error('the subscription was not started');
    return this.#running;
  }

  /** Why nothing can be believed to flow, or null. The server's clock changes always, so its silence is no stillness. */
  get silence(): string | null {
    const { steadyMs } = this.#o;
    const publishing = this.#publishing;
    if (!publishing) return null;
    const since = this.#hasClock ? steadyMs() - this.#clockAt : publishing.silentMs;
    const most = SILENT_TIMES * Math.max(this.#clockMs, publishing.intervalMs * (this.#hasClock ? 1 : 10));
    return since > most ? `no values for ${Math.round(since)} ms while the server answers` : null;
  }

  async #start(tags: readonly Tag[], resolved: Resolved): Promise<void> {
    const { config, feed, nowMs, steadyMs } = this.#o;
    const lost: Reading[] = [];
    tags.forEach((tag, n) => {
      const nodeId = resolved.get(tag.address) ?? 'not looked up';
      if (typeof nodeId === 'string') lost.push(bad(tag, nodeId, nowMs()));
      else this.#watched.set(n + 1, { tag, nodeId, notices: 0, swept: null });
    });
    await feed.push(lost);
    const fastest = Math.min(...tags.map(({ sampleMs }) => sampleMs), 60_000);
    const publishing = await Publishing.open(this.#session, {
      publishMs: Math.max(config.publishMs, fastest),
      deadlineMs: config.deadlineMs,
      steadyMs,
      take: (parcel) => this.#take(parcel),
      missed: (parcels) => this.#missed(parcels),
    });
    this.#publishing = publishing;
    // Parcels are fetched from now on: what gathers while the rest is followed would overflow its queues.
    this.#running = publishing.run();
    this.#running.catch(() => {});
    await this.#monitorClock(publishing);
    const handles = [...this.#watched.keys()];
    const { monitor } = this.#session.limits;
    for (let from = 0; from < handles.length; from += monitor)
      await this.#monitor(publishing, handles.slice(from, from + monitor));
    this.#clockAt = steadyMs();
    const isSilent = ({ notices }: Watched): boolean => notices === 0;
    const silent = (): boolean => [...this.#watched.values()].some(isSilent);
    // A value that is read while its first notification is on its way would be told twice, and the older one last.
    for (let leftMs = FIRST_TIMES * publishing.intervalMs; leftMs > 0 && silent(); leftMs -= LOOK_MS)
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    await this.#sweep(isSilent);
  }

  async #monitorClock({ id }: Publishing): Promise<void> {
    const parameters = { clientHandle: CLOCK, samplingInterval: 1_000, queueSize: 1, discardOldest: true };
    const item = { nodeId: CURRENT_TIME, attributeId: AttributeIds.Value };
    const [made] = await this.#create(id, [{ item, parameters }]);
    this.#hasClock = made?.statusCode.equals(StatusCodes.Good) ?? false;
    if (made && this.#hasClock) this.#clockMs = Math.max(1_000, made.revisedSamplingInterval);
  }

  async #monitor(publishing: Publishing, handles: readonly number[], plain = false): Promise<void> {
    const { config, feed, nowMs } = this.#o;
    const some = handles.flatMap((handle) => {
      const watched = this.#watched.get(handle);
      return watched ? [{ handle, watched }] : [];
    });
    const made = await this.#create(
      publishing.id,
      some.map(({ handle, watched: { tag, nodeId } }) => ({
        item: { nodeId, attributeId: AttributeIds.Value },
        parameters: {
          clientHandle: handle,
          samplingInterval: config.sampling === 'every-change' ? 0 : tag.sampleMs,
          // More than twice what gathers between two parcels: a parcel may be late.
          queueSize: Math.max(10, 2 * Math.ceil(publishing.intervalMs / tag.sampleMs)),
          discardOldest: true,
          ...(plain ? {} : filterOf(tag)),
        },
      })),
    );
    const again: number[] = [];
    const refused: Reading[] = [];
    some.forEach(({ handle, watched }, n) => {
      const status = made[n]?.statusCode;
      if (status?.equals(StatusCodes.Good)) return;
      if (!plain && isAboutFilter(status)) {
        watched.local = true;
        again.push(handle);
        return;
      }
      this.#watched.delete(handle);
      const word = status ? wordOf(status) : 'the server did not answer for it';
      refused.push(bad(watched.tag, word, nowMs()));
    });
    await feed.push(refused);
    if (again.length > 0) await this.#monitor(publishing, again, true);
  }

  async #create(
    subscriptionId: number,
    items: readonly { item: object; parameters: object }[],
  ): Promise<NonNullable<CreateMonitoredItemsResponse['results']>> {
    const request = new CreateMonitoredItemsRequest({
      subscriptionId,
      timestampsToReturn: TimestampsToReturn.Both,
      itemsToCreate: items.map(({ item, parameters }) => ({
        itemToMonitor: item,
        monitoringMode: MonitoringMode.Reporting,
        requestedParameters: parameters,
      })),
    });
    const answer = await this.#session.call<CreateMonitoredItemsResponse>(request, this.#o.config.deadlineMs);
    return answer.results ?? [];
  }

  #take(parcel: NonNullable<Parcel>): Promise<void> {
    const items: RawItem[] = [];
    for (const one of parcel) {
      if (one.clientHandle === CLOCK) {
        this.#clockAt = this.#o.steadyMs();
        continue;
      }
      const watched = this.#watched.get(one.clientHandle);
      if (!watched) continue;
      if (overflowed(one.value.statusCode))
        items.push({
          kind: 'gap',
          tag: watched.tag.tag,
          missing: null,
          why: 'its queue at the server ran over',
        });
      watched.notices += 1;
      const reading = this.#news(watched, one.value);
      if (reading) items.push(reading);
    }
    return this.#o.feed.push(items);
  }

  #news(watched: Watched, told: DataValue): Reading | null {
    const { tag, swept } = watched;
    const reading = readingOf(tag, told, this.#o.nowMs());
    watched.swept = null;
    if (swept && isSame(swept, reading)) return null;
    if (watched.local && typeof reading.value === 'number' && reading.quality === 'good') {
      if (watched.told !== undefined && Math.abs(reading.value - watched.told) < tag.deadband) return null;
      watched.told = reading.value;
    }
    return reading;
  }

  /** Some parcels are lost. Whatever they held, the present values are read; one sweep at a time. */
  async #missed(parcels: number): Promise<void> {
    const { feed } = this.#o;
    const missing = null;
    const why = parcels > 0 ? `${parcels} parcels of values are missing` : 'parcels came out of order';
    await feed.push([{ kind: 'gap', tag: null, missing, why }]);
    if (this.#sweeping) return;
    this.#sweeping = true;
    try {
      await this.#sweep(() => true);
    } finally {
      this.#sweeping = false;
    }
  }

  /** Reads tags; one of which a notification came meanwhile is told by that, which is no older. */
  async #sweep(which: (watched: Watched) => boolean): Promise<void> {
    const { feed, config, nowMs } = this.#o;
    const all = [...this.#watched.values()].filter(which);
    if (all.length === 0) return;
    const before = all.map(({ notices }) => notices);
    const resolved = new Map(all.map(({ tag, nodeId }) => [tag.address, nodeId]));
    const tags = all.map(({ tag }) => tag);
    const readings = await readTags(this.#session, tags, resolved, { ...config, nowMs });
    const news = all.flatMap((watched, n) => {
      const reading = readings[n];
      if (reading === undefined || watched.notices !== before[n]) return [];
      watched.swept = reading;
      return [reading];
    });
    await feed.push(news);
  }
}

function filterOf({ type, deadband, scale }: Tag): { filter?: DataChangeFilter } {
  if (deadband === 0 || ['bool', 'string', 'datetime', 'bytes'].includes(type)) return {};
  return {
    filter: new DataChangeFilter({
      trigger: DataChangeTrigger.StatusValue,
      deadbandType: DeadbandType.Absolute,
      deadbandValue: deadband / Math.abs(scale),
    }),
  };
}

function isAboutFilter(status: StatusCode | undefined): boolean {
  return [
    StatusCodes.BadMonitoredItemFilterUnsupported,
    StatusCodes.BadMonitoredItemFilterInvalid,
    StatusCodes.BadFilterNotAllowed,
    StatusCodes.BadDeadbandFilterInvalid,
  ].some((one) => status?.equals(one));
}

function isSame(a: Reading, b: Reading): boolean {
  return (
    a.atMs === b.atMs &&
    a.timeFrom === b.timeFrom &&
    a.quality === b.quality &&
    a.status === b.status &&
    sameValue(a.value, b.value)
  );
}
