import { setMaxListeners } from 'node:events';
import type { NodeId } from 'node-opcua';
import type { Armed } from '../contract/armed.js';
import type { Receipt } from '../contract/command.js';
import type { Context, Link, LinkState, NodeInfo, Probe } from '../contract/connector.js';
import type { Batch, Sample } from '../contract/item.js';
import type { Tag } from '../contract/tag.js';
import { Backoff } from '../kit/backoff.js';
import { Feed } from '../kit/feed.js';
import { States } from '../kit/states.js';
import { resolveAddresses } from './addresses.js';
import { browseBelow } from './browse.js';
import type { OpcUaConfig } from './config.js';
import { openPki, type Pki } from './pki.js';
import { readTags } from './read.js';
import { bad } from './samples.js';
import { openSession, type Session } from './session.js';
import { Subscription } from './subscription.js';
import { within } from './within.js';
import { writeTag } from './write.js';

const STATUS = [{ nodeId: 'i=2258' }, { nodeId: 'i=2259' }];
const CLOSE_MS = 5_000;

/** One client of one server, for as long as it is open: every fault ends its session, and a new one is made. */
export class OpcUaLink implements Link {
  readonly #config: OpcUaConfig;
  readonly #context: Context;
  readonly #pki: Pki;
  readonly #ended = new AbortController();
  readonly #states = new States();
  readonly #feed: Feed;
  #session: Session | null = null;
  #resolved = new Map<string, NodeId | string>();
  #tags: readonly Tag[] | null = null;
  #wake: () => void = () => {};
  #running: Promise<void> = Promise.resolve();

  private constructor(config: OpcUaConfig, context: Context, pki: Pki) {
    this.#config = config;
    this.#pki = pki;
    const signal = AbortSignal.any([context.signal, this.#ended.signal]);
    // As many requests as callers like may wait at the same time.
    setMaxListeners(0, signal);
    this.#context = { ...context, signal };
    this.#feed = new Feed({ nowMs: context.nowMs, whenFull: 'gap' });
  }

  static async open(config: OpcUaConfig, context: Context): Promise<OpcUaLink> {
    const link = new OpcUaLink(config, context, await openPki(context.folder, config.application));
    link.#running = link.#run();
    context.signal.addEventListener('abort', () => void link.close(), { once: true });
    if (context.signal.aborted) await link.close();
    return link;
  }

  states(): AsyncIterable<LinkState> {
    return this.#states.changes();
  }

  batches(tags: readonly Tag[]): AsyncIterable<Batch> {
    this.#tags = tags;
    this.#wake();
    return this.#feed.batches();
  }

  async read(tags: readonly Tag[]): Promise<readonly Sample[]> {
    const { nowMs } = this.#context;
    const session = this.#session;
    const readings = await this.#readNow(session, tags).catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      return tags.map((tag) => bad(tag, why, nowMs()));
    });
    const receivedMs = nowMs();
    const epoch = session?.epoch ?? '';
    return readings.map((one, sequence) => ({ ...one, receivedMs, epoch, sequence }));
  }

  async probe(): Promise<Probe> {
    const from = this.#context.steadyMs();
    try {
      const why = await this.#status(this.#there());
      const tookMs = this.#context.steadyMs() - from;
      return { ok: why === null, tookMs, why: why ?? 'the server told its time' };
    } catch (error) {
      return { ok: false, tookMs: null, why: error instanceof Error ? error.message : String(error) };
    }
  }

  write(armed: Armed, tag: Tag): Promise<Receipt> {
    const { nowMs, steadyMs } = this.#context;
    return writeTag(armed, tag, {
      deadlineMs: this.#config.deadlineMs,
      nowMs,
      steadyMs,
      session: () => this.#session,
      resolve: async (session, address) => {
        await this.#resolve(session, [address]);
        return this.#resolved.get(address) ?? 'not looked up';
      },
    });
  }

  browse(from: string, limit: number): AsyncIterable<NodeInfo> {
    return browseBelow(this.#there(), from, limit, this.#config.deadlineMs);
  }

  async close(): Promise<void> {
    this.#ended.abort();
    this.#wake();
    await within(this.#running, CLOSE_MS, 'closing').catch(() => {});
    this.#states.set('down', 'closed');
    this.#states.close();
    this.#feed.close();
  }

  #there(): Session {
    if (!this.#session) throw new Error(`not connected: ${this.#states.now.why}`);
    return this.#session;
  }

  async #run(): Promise<void> {
    const { signal, random, log } = this.#context;
    const backoff = new Backoff({ random, longestMs: this.#config.longestPauseMs });
    while (!signal.aborted) {
      try {
        const session = await openSession(this.#config, this.#context, this.#pki);
        await this.#serve(session, () => backoff.reset());
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        if (!signal.aborted) {
          this.#states.set('down', why);
          log('opc-ua-down', { why });
        }
      }
      await backoff.pause(signal);
    }
    await this.#pki.manager.dispose().catch(() => {});
  }

  /** @throws with the reason for which the session ended */
  async #serve(session: Session, healthy: () => void): Promise<never> {
    try {
      this.#resolved = new Map();
      this.#feed.begin(session.epoch);
      this.#session = session;
      let fail: (error: unknown) => void = () => {};
      const failed = new Promise<never>((_, reject) => {
        fail = reject;
      });
      failed.catch(() => {});
      session.lost.then((why) => fail(new Error(why)));
      let subscription: Subscription | null = null;
      let tags: readonly Tag[] | null = null;
      while (true) {
        if (this.#tags !== tags) {
          tags = this.#tags;
          subscription = await this.#subscribe(session, tags ?? [], failed);
          subscription.run().catch(fail);
        }
        const unwell = await Promise.race([this.#status(session), failed]);
        const silence = subscription?.silence ?? null;
        if (silence !== null) {
          this.#states.set('degraded', silence, session.epoch);
          throw new Error(silence);
        }
        this.#states.set(unwell === null ? 'up' : 'degraded', unwell ?? 'connected', session.epoch);
        healthy();
        await Promise.race([this.#pause(tags), failed]);
        if (this.#context.signal.aborted) throw new Error('closed');
      }
    } finally {
      this.#session = null;
      await session.discard();
    }
  }

  async #subscribe(session: Session, tags: readonly Tag[], failed: Promise<never>): Promise<Subscription> {
    const addresses = tags.map(({ address }) => address);
    const options = { config: this.#config, feed: this.#feed, ...this.#context };
    const opened = this.#resolve(session, addresses).then(() =>
      Subscription.open(session, tags, this.#resolved, options),
    );
    opened.catch(() => {});
    return Promise.race([opened, failed]);
  }

  async #readNow(session: Session | null, tags: readonly Tag[]) {
    if (!session) throw new Error(`not connected: ${this.#states.now.why}`);
    const addresses = tags.map(({ address }) => address);
    await this.#resolve(session, addresses);
    const { deadlineMs } = this.#config;
    return readTags(session, tags, this.#resolved, { deadlineMs, nowMs: this.#context.nowMs });
  }

  /** Looks up what this session has not found yet; what was not there may be there now. */
  async #resolve(session: Session, addresses: readonly string[]): Promise<void> {
    const fresh = addresses.filter((one) => typeof (this.#resolved.get(one) ?? '') === 'string');
    if (fresh.length === 0) return;
    const found = await resolveAddresses(session, fresh, this.#config.deadlineMs);
    if (session === this.#session) for (const [address, nodeId] of found) this.#resolved.set(address, nodeId);
  }

  /** The active read. Why the server is not running as it should, or null. @throws where it does not answer */
  async #status(session: Session): Promise<string | null> {
    const [time, state] = await session.look(STATUS);
    if (!(time?.value?.value instanceof Date)) throw new Error('the server does not tell its time');
    const running: unknown = state?.value?.value;
    return running === 0 ? null : `the server says that its state is ${String(running)}`;
  }

  /** Until the next probe, or until something has to be done at once. */
  #pause(followed: readonly Tag[] | null): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#config.probeMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.#tags !== followed || this.#context.signal.aborted) this.#wake();
    });
  }
}
