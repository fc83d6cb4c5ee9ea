import type { SiteFactBody } from '@selvedge/core/records';
import { type Blobs, type Journal, StoreError } from '@selvedge/store';
import type { SiteClock } from './clock.js';
import { factOf } from './facts.js';
import type { Arrival } from './live-station.js';
import { keepObservation } from './observations.js';
import type { StationConfig } from './station-config.js';

/** Units written together at most. */
const BATCH = 64;

/** A unit whose row is on disk and whose decision is not. */
export interface Taken {
  readonly unit: Arrival;
  /** When it arrived. */
  readonly steadyMs: number;
}

interface Waiting extends Taken {
  readonly taken: (receipt: { seq: number; again: boolean }) => void;
  readonly refused: (error: unknown) => void;
}

export interface IntakeOptions {
  readonly config: StationConfig;
  readonly journal: Journal;
  readonly blobs: Blobs;
  readonly clock: SiteClock;
  /** Told of units that the journal has now, in their order. */
  readonly onTaken: (units: readonly Taken[]) => void;
}

/**
 * Where units come in: content and rows to disk, in one commit where the content is small, and only then the receipt. It
 * waits for the disk alone, never for a model or the gate: what was brought is safe long before anybody has looked at it.
 */
export class Intake {
  readonly #o: IntakeOptions;
  readonly #queue: Waiting[] = [];
  #working: Promise<void> | null = null;
  #closed = false;

  constructor(options: IntakeOptions) {
    this.#o = options;
  }

  /** Units that have arrived and are not in hand yet. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Resolves when the journal has the unit. @throws StoreError `cannot-commit` (later), `closed` (later). */
  arrive(unit: Arrival): Promise<{ seq: number; again: boolean }> {
    if (this.#closed) return Promise.reject(stopping());
    return new Promise((taken, refused) => {
      this.#queue.push({ unit, steadyMs: this.#o.clock.steadyMs(), taken, refused });
      this.#working ??= this.#work();
    });
  }

  /** Resolves when everything that has arrived is on disk or refused. */
  async idle(): Promise<void> {
    while (this.#working !== null) await this.#working;
  }

  /** Refuses what waits; what is on its way to the disk gets there. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { refused } of this.#queue.splice(0)) refused(stopping());
    await this.idle();
  }

  async #work(): Promise<void> {
    // A turn of the event loop first, so that units that arrive together share a commit.
    await Promise.resolve();
    while (this.#queue.length > 0) await this.#take(this.#queue.splice(0, BATCH));
    this.#working = null;
  }

  /** Never rejects: what fails is refused to whoever brought it. */
  async #take(batch: readonly Waiting[]): Promise<void> {
    const { journal, blobs, clock, config, onTaken } = this.#o;
    let fresh: readonly Waiting[] = batch;
    try {
      fresh = this.#fresh(batch);
      if (fresh.length === 0) return;
      const kept = await Promise.all(fresh.map(({ unit }) => keepObservation(blobs, unit.observation)));
      const facts = fresh.map(({ unit }, i) => {
        const atMs = clock.nowMs();
        const { ref, blobs: refs } = kept[i]!;
        const body = arrivedBody(config, unit, { observation: ref, atMs });
        return factOf('arrived', { subject: unit.id, atMs, body, blobs: refs });
      });
      const receipts = await journal.appendAll(facts);
      for (const [i, { taken }] of fresh.entries()) taken({ seq: receipts[i]!.seq, again: false });
    } catch (error) {
      // Nothing was acknowledged: whoever brought the units brings them again.
      for (const { refused } of fresh) refused(error);
      return;
    }
    onTaken(fresh);
  }

  /** Units that were not taken before; the others are acknowledged again. */
  #fresh(batch: readonly Waiting[]): Waiting[] {
    const known = this.#o.journal.db.prepare('SELECT seq FROM unit WHERE station = ? AND id = ?');
    const ids = new Set<string>();
    return batch.filter((one) => {
      const { id } = one.unit;
      const before = known.get(this.#o.config.id, id);
      if (before !== undefined) one.taken({ seq: Number(before.seq), again: true });
      else if (ids.has(id)) one.refused(new RangeError(`the unit ${id} came twice at once`));
      else {
        ids.add(id);
        return true;
      }
      return false;
    });
  }
}

/** What the journal says of a unit that came to a station. */
export const arrivedBody = (
  { id: station, part, answerMs }: StationConfig,
  { context, lot, sourceAtMs }: Arrival,
  { observation, atMs }: { observation: SiteFactBody<'arrived'>['observation']; atMs: number },
): SiteFactBody<'arrived'> => ({
  ...{ station, observation, lot, part, sourceAtMs },
  context: { ...context },
  deadlineAtMs: atMs + answerMs,
});

const stopping = (): StoreError => new StoreError('closed', 'the site is stopping', { retry: 'later' });
