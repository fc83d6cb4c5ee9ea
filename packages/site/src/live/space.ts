import type { Trouble } from '@selvedge/core/records';
import {
  type Blobs,
  type Journal,
  type Reserve,
  type RetentionPolicy,
  retain,
  StoreError,
} from '@selvedge/store';
import type { SiteClock } from './clock.js';
import { factOf } from './facts.js';
import type { LiveStation } from './live-station.js';

/** Above the floor by so much there is room again: a disk at its floor would close and open without end. */
const ROOM = 1.1;

export interface SpaceOptions {
  readonly journal: Journal;
  readonly blobs: Blobs;
  readonly reserve: Reserve;
  readonly policy: RetentionPolicy;
  readonly clock: SiteClock;
  readonly stations: () => Iterable<LiveStation>;
  readonly log: (event: string, fields: Record<string, unknown>) => void;
  /** Bytes that the disk can still take; default: of the disk. */
  readonly freeBytes?: () => Promise<number>;
}

/**
 * Watches the disk below the record. Content is kept within its budgets; below the hard floor every gate closes, and one
 * row says so before the gates' own: people judge, or the safe default holds. When there is room again a row says that,
 * and the gates stay closed until a person begins anew (decision 0028).
 */
export class Space {
  readonly #o: SpaceOptions;
  readonly #freeBytes: () => Promise<number>;
  #short = false;
  #seen: { freeBytes: number } = { freeBytes: Number.POSITIVE_INFINITY };
  #busy: Promise<void> | null = null;

  constructor(options: SpaceOptions) {
    this.#o = options;
    this.#freeBytes = options.freeBytes ?? (() => options.blobs.free());
    const last = options.journal.db
      .prepare(
        `SELECT kind FROM journal WHERE kind IN ('space-short', 'space-back') ORDER BY seq DESC LIMIT 1`,
      )
      .get();
    // What was short when the process ended may be so still.
    this.#short = last?.kind === 'space-short';
  }

  /** What people are told of it, at every station; null where there is room. */
  trouble(): Trouble | null {
    const { journal, policy } = this.#o;
    const megabytes = (bytes: number): number => Math.max(0, Math.round(bytes / 1e6));
    const values = {
      free: megabytes(this.#seen.freeBytes),
      floor: megabytes(policy.hardFloorBytes),
    };
    if (journal.state === 'failing') return { code: 'store-full', part: null, values: {} };
    return this.#short ? { code: 'store-short', part: null, values } : null;
  }

  /** Thins content, then looks at the floor. */
  keep(): Promise<void> {
    return this.#alone(async () => {
      await this.#thin();
      await this.#look();
    });
  }

  /** Looks at the floor; cheap, and thins content only where the disk is short. */
  look(): Promise<void> {
    return this.#alone(async () => {
      if (!this.#short && !(await this.#below(1))) {
        await this.#o.reserve.take();
        return;
      }
      await this.#look();
    });
  }

  async #look(): Promise<void> {
    if (!(await this.#below(1))) {
      if (this.#short && !(await this.#below(ROOM))) await this.#back();
      return;
    }
    const open = [...this.#o.stations()].filter(({ gate }) => gate !== null && gate.name !== 'closed');
    if (this.#short && open.length === 0) return;
    await this.#thin();
    if (await this.#below(1)) await this.#close(open);
  }

  async #below(times: number): Promise<boolean> {
    const { journal, policy, reserve } = this.#o;
    const freeBytes = (await this.#freeBytes()) - reserve.usedBytes;
    this.#seen = { freeBytes };
    // Room within the file is room for the record.
    return freeBytes + journal.reusableBytes < policy.hardFloorBytes * times;
  }

  /** One row for all, then each gate's own. A disk that takes no row gets the reserve. */
  async #close(open: readonly LiveStation[]): Promise<void> {
    const { journal, clock, policy, reserve, log } = this.#o;
    const { freeBytes } = this.#seen;
    const atMs = Math.round(clock.nowMs());
    const body = {
      freeBytes: Math.max(0, freeBytes),
      floorBytes: policy.hardFloorBytes,
      closed: open.map(({ config }) => config.id),
    };
    const row = () => journal.append(factOf('space-short', { subject: null, atMs, body }));
    try {
      await row().catch(async (error: unknown) => {
        if (!reserve.held) throw error;
        await reserve.release();
        log('reserve-used', { freeBytes });
        await row();
      });
    } catch (error) {
      // The journal says itself that it fails, and takes no decision either; the next look tries again.
      if (error instanceof StoreError && error.retry === 'later') return;
      throw error;
    }
    this.#short = true;
    const megabytes = (bytes: number): number => Math.max(0, Math.round(bytes / 1e6));
    const why = `the disk has ${megabytes(freeBytes)} MB left, below the hard floor of ${megabytes(policy.hardFloorBytes)} MB`;
    log('space-short', body);
    await Promise.all(open.map(({ desk }) => desk.tell({ type: 'journal-failed', why, atMs })));
  }

  async #back(): Promise<void> {
    const { journal, clock, reserve, log } = this.#o;
    await reserve.take();
    const { freeBytes } = this.#seen;
    const atMs = Math.round(clock.nowMs());
    await journal.append(factOf('space-back', { subject: null, atMs, body: { freeBytes } }));
    this.#short = false;
    log('space-back', { freeBytes });
  }

  async #thin(): Promise<void> {
    const { journal, blobs, policy, clock, log } = this.#o;
    const nowMs = (): number => Math.round(clock.nowMs());
    try {
      const report = await retain(journal, blobs, policy, { nowMs, freeBytes: this.#freeBytes });
      if (report.evicted > 0) log('retention', { ...report });
    } catch (error) {
      // A disk that takes no row gives nothing up either: the floor has to be looked at all the same.
      log('retention-failed', { error: String(error) });
    }
  }

  /** One look at a time; who comes meanwhile gets the one that runs. */
  #alone(act: () => Promise<void>): Promise<void> {
    this.#busy ??= act().finally(() => {
      this.#busy = null;
    });
    return this.#busy;
  }
}
