import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Armed } from '../contract/armed.js';
import type { Link, LinkState } from '../contract/connector.js';
import type { Batch, Item, Sample } from '../contract/item.js';
import type { Tag } from '../contract/tag.js';
import type { Limits, Subject } from './subject.js';

/** @throws Error with this sentence where `holds` is false. */
export function must(holds: boolean, sentence: string): asserts holds {
  if (!holds) throw new Error(sentence);
}

/** The answer of a call that must end in time. @throws Error where it does not. */
export async function within<T>(ms: number, what: string, call: Promise<T>): Promise<T> {
  const stop = new AbortController();
  const late = wait(ms, 'late' as const, { signal: stop.signal }).catch(() => 'stopped' as const);
  const ended = call.then((value) => ({ value }));
  const first = await Promise.race([ended, late]).finally(() => stop.abort());
  must(typeof first !== 'string', `${what} did not end within ${ms} ms`);
  return first.value;
}

/** One opened link of a subject, and everything that it told. */
export class Bench {
  readonly states: LinkState[] = [];
  readonly items: Item[] = [];
  readonly unacknowledged: Batch[] = [];
  acknowledges = true;
  statesEnded = false;
  batchesEnded = false;
  readonly subject: Subject;
  readonly limits: Limits;
  readonly #stop = new AbortController();
  #folder = '';
  #link: Link | null = null;
  #batches = 0;

  constructor(subject: Subject, limits: Limits) {
    this.subject = subject;
    this.limits = limits;
  }

  get link(): Link {
    must(this.#link !== null, 'the link was not opened');
    return this.#link;
  }

  get tags(): readonly Tag[] {
    const { moving, steady, spoilt, setting } = this.subject.tags;
    return [moving, steady, spoilt, ...(setting === undefined ? [] : [setting])];
  }

  get state(): LinkState {
    return this.states.at(-1) ?? { state: 'connecting', why: 'nothing was told', epoch: '' };
  }

  get isUp(): boolean {
    return this.state.state === 'up' || this.state.state === 'degraded';
  }

  get batchesTaken(): number {
    return this.#batches;
  }

  /** Opens the link and takes what it tells. */
  async open(): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), 'conformance-'));
    const { connector, config, secrets = {} } = this.subject;
    const parsed = connector.manifest.config.parse(config);
    const opened = connector.open(parsed, {
      ...{ signal: this.#stop.signal, folder: this.#folder, log: () => {}, random: () => 0.5 },
      nowMs: () => Date.now(),
      steadyMs: () => performance.now(),
      secret: async (name) => {
        const found = secrets[name];
        if (found === undefined) throw new RangeError(`there is no secret ${name}`);
        return found;
      },
    });
    this.#link = await within(this.limits.callMs, 'open', opened);
    void this.#takeStates(this.#link);
    void this.#takeBatches(this.#link);
  }

  /** Starts the peer with known values, opens, and waits until every tag was told. */
  async openUp(): Promise<void> {
    const { peer, tags } = this.subject;
    await peer.start();
    await peer.set(tags.moving, 1);
    await peer.set(tags.steady, 2);
    await peer.set(tags.spoilt, 3);
    if (tags.setting !== undefined) await peer.set(tags.setting, 4);
    await this.open();
    await this.untilUp();
    for (const tag of this.tags) await this.untilSample(tag, ({ quality }) => quality === 'good');
  }

  async until(what: () => boolean | Promise<boolean>, ms: number, sentence: string): Promise<void> {
    const fromMs = performance.now();
    while (!(await what())) {
      must(
        performance.now() - fromMs < ms,
        `${sentence} within ${ms} ms (state: ${this.state.state}, ${this.state.why})`,
      );
      await wait(10);
    }
  }

  untilUp(before = ''): Promise<void> {
    return this.until(
      () => this.isUp && this.state.epoch !== before,
      this.limits.upMs,
      before === '' ? 'the link was not up' : 'the link was not up under a new epoch',
    );
  }

  untilNotUp(): Promise<void> {
    return this.until(() => !this.isUp, this.limits.downMs, 'the link did not say that its peer is gone');
  }

  /** Waits for a told sample of this tag, from the item `from` on. */
  async untilSample(tag: Tag, is: (sample: Sample) => boolean, from = 0): Promise<void> {
    const told = () => this.samples(tag, from).some(is);
    await this.until(told, this.limits.changeMs, `no such sample of ${tag.tag} was told`);
  }

  samples(tag: Tag, from = 0): Sample[] {
    return this.items
      .slice(from)
      .filter((item): item is Sample => item.kind === 'sample' && item.tag === tag.tag);
  }

  read(tags: readonly Tag[]): Promise<readonly Sample[]> {
    return within(this.limits.callMs, 'read', this.link.read(tags));
  }

  write(armed: Armed, tag: Tag) {
    must(this.link.write !== undefined, 'the link has no write');
    return within(this.limits.callMs, 'write', this.link.write(armed, tag));
  }

  async acknowledgeAll(): Promise<void> {
    this.acknowledges = true;
    for (const batch of this.unacknowledged.splice(0)) await batch.ack();
  }

  abort(): void {
    this.#stop.abort();
  }

  async close(): Promise<void> {
    await within(this.limits.callMs, 'close', this.link.close());
  }

  /** Whatever a check came to: nothing stays behind. */
  async end(): Promise<void> {
    try {
      this.#stop.abort();
      if (this.#link !== null) await within(this.limits.callMs, 'close', this.#link.close());
    } finally {
      await this.subject.dispose();
      if (this.#folder !== '') await rm(this.#folder, { recursive: true, force: true });
    }
  }

  async #takeStates(link: Link): Promise<void> {
    for await (const state of link.states()) this.states.push(state);
    this.statesEnded = true;
  }

  async #takeBatches(link: Link): Promise<void> {
    for await (const batch of link.batches(this.tags)) {
      this.#batches += 1;
      this.items.push(...batch.items);
      if (this.acknowledges) await batch.ack();
      else this.unacknowledged.push(batch);
    }
    this.batchesEnded = true;
  }
}
