import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Telling } from '@selvedge/connect';
import type { SITE_FACTS } from '@selvedge/core/records';
import type { Entry, Journal } from '@selvedge/store';

/** What others are told of: the kinds of rows. Questions, draws and secrets stay here. */
export const TOLD = [
  ...(['arrived', 'decided', 'answered', 'released', 'intervened', 'found', 'transition', 'alarm'] as const),
  ...(['lease-signed', 'lease-ended', 'write-ended', 'part'] as const),
] as const satisfies readonly (keyof typeof SITE_FACTS)[];
export type Told = (typeof TOLD)[number];

export interface PublisherOptions {
  readonly id: string;
  readonly folder: string;
  readonly journal: Journal;
  /** Where a station is: the words from the enterprise to the cell. */
  readonly placeOf: (station: string | null) => readonly string[];
  readonly kinds: readonly Told[];
  readonly site: string;
  readonly origin: string;
  /** Resolves when the peer has taken them. */
  readonly publish: (tellings: readonly Telling[]) => Promise<void>;
  readonly log: (event: string, fields: Record<string, unknown>) => void;
  readonly retryMs?: number;
}

/** Rows told at once, and how long a first one waits for others. */
const MOST = 200;
const GATHER_MS = 20;
/** Between two writes of a cursor. */
const KEEP_MS = 1000;
const CONTRACT = '_selvedge_v1';

/**
 * Tells others what the journal says, in order and at least once. The journal is the outbox: each destination has a cursor
 * into it, moved when the peer has taken the rows, so an outage of any length loses nothing and a repeat is known by its id
 * `site:epoch:seq`.
 */
export class Publisher {
  readonly #o: PublisherOptions;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #cursor: number;
  #down: string | null = null;
  /** Where the cursor is and its file is not yet. */
  #unkept: Cursor | null = null;
  #keptMs = Number.NEGATIVE_INFINITY;

  private constructor(options: PublisherOptions, cursor: number) {
    this.#o = options;
    this.#cursor = cursor;
    this.#running = this.#run().catch((error) => {
      this.#down = String(error);
      options.log('publisher-ended', { publisher: options.id, error: String(error) });
    });
  }

  /**
   * A destination that is new begins with what happens from now on. Where the journal is another one than the cursor was
   * kept for (a restored backup, a copy) it goes on with the first row that the peer cannot have.
   */
  static async open(options: PublisherOptions): Promise<Publisher> {
    const { journal, id, log } = options;
    const text = await readFile(fileOf(options), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (text === null) {
      const { seq, epoch } = journal.head;
      await keep(options, { seq, epoch });
      return new Publisher(options, seq);
    }
    const kept = cursorOf(text);
    // What was told before is told again, and known by its id; nothing is left out.
    if (kept === null) log('cursor-not-read', { publisher: id });
    return new Publisher(options, kept === null ? 0 : Math.min(kept.seq, sharedWith(kept, journal)));
  }

  /** Rows that the peer has not taken yet. */
  get behind(): number {
    return this.#o.journal.head.seq - this.#cursor;
  }

  /** Why nothing is taken at the moment; null where all is well. */
  get trouble(): string | null {
    return this.#down;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#keep();
  }

  async #run(): Promise<void> {
    const { journal, kinds } = this.#o;
    const { signal } = this.#stop;
    let held: Entry[] = [];
    let last = this.#cursor;
    let { epoch } = journal.head;
    let since = 0;
    for await (const entry of journal.follow(this.#cursor, signal)) {
      last = entry.seq;
      epoch = entry.epoch;
      if ((kinds as readonly string[]).includes(entry.kind)) held.push(entry);
      since += 1;
      // At the end of what is there, or when enough has gathered.
      const more = last < journal.head.seq;
      if (held.length < MOST && more && since < 10 * MOST) continue;
      if (!more) await wait(GATHER_MS, undefined, { signal }).catch(() => {});
      if (!(await this.#tell(held))) return;
      await this.#moved({ seq: last, epoch });
      held = [];
      since = 0;
    }
  }

  /** Until the peer has taken them; false where the site stops before. */
  async #tell(entries: readonly Entry[]): Promise<boolean> {
    if (entries.length === 0) return true;
    const { publish, log, id, retryMs = 1000 } = this.#o;
    const { signal } = this.#stop;
    for (let tried = 0; !signal.aborted; tried += 1) {
      try {
        await publish(entries.map((entry) => this.#tellingOf(entry, tried > 0 || this.behind > MOST)));
        this.#down = null;
        return true;
      } catch (error) {
        if (this.#down === null) log('not-published', { publisher: id, why: String(error) });
        this.#down = String(error);
        await wait(retryMs, undefined, { signal }).catch(() => {});
      }
    }
    return false;
  }

  #tellingOf({ epoch, seq, atMs, kind, subject, body }: Entry, historical: boolean): Telling {
    const { site, origin, placeOf } = this.#o;
    const own = body as Record<string, unknown>;
    const station = typeof own.station === 'string' ? own.station : null;
    const id = `${site}:${epoch}:${seq}`;
    return {
      ...{ id, atMs, historical, path: [...placeOf(station), CONTRACT, kind] },
      body: { id, kind, atMs, subject, origin, ...own },
    };
  }

  /** The disk is not asked for every handful of rows: what is told twice after a crash is known by its id. */
  async #moved(cursor: Cursor): Promise<void> {
    this.#cursor = cursor.seq;
    this.#unkept = cursor;
    if (performance.now() - this.#keptMs >= KEEP_MS) await this.#keep();
  }

  async #keep(): Promise<void> {
    const cursor = this.#unkept;
    if (cursor === null) return;
    this.#unkept = null;
    this.#keptMs = performance.now();
    await keep(this.#o, cursor).catch((error) =>
      this.#o.log('cursor-not-kept', { publisher: this.#o.id, error: String(error) }),
    );
  }
}

/** The last row that a peer has taken. */
interface Cursor {
  readonly seq: number;
  /** Of the journal; null in a file of an earlier version. */
  readonly epoch: number | null;
}

const fileOf = ({ folder, id }: PublisherOptions): string => join(folder, 'connectors', `told-${id}.json`);

/** Null where the file says nothing that can be believed. */
function cursorOf(text: string): Cursor | null {
  try {
    const { seq, epoch = null } = JSON.parse(text);
    const whole = (one: unknown): boolean => Number.isSafeInteger(one) && Number(one) >= 0;
    return whole(seq) && (epoch === null || whole(epoch)) ? { seq, epoch } : null;
  } catch {
    return null;
  }
}

/** The last row of the journal that was there in the epoch of a cursor too. */
function sharedWith({ seq, epoch }: Cursor, journal: Journal): number {
  const { head, db } = journal;
  // A file that does not say its epoch is of this one, unless it is ahead of it.
  const since = epoch ?? (seq > head.seq ? head.epoch - 1 : head.epoch);
  const row = db.prepare(`SELECT min(seq) AS seq FROM journal WHERE kind = 'epoch' AND epoch > ?`).get(since);
  return typeof row?.seq === 'number' ? row.seq - 1 : head.seq;
}

/** Whole or not at all, also where the power fails; an older one only repeats what was told. */
async function keep(options: PublisherOptions, cursor: Cursor): Promise<void> {
  const file = fileOf(options);
  const next = await open(`${file}.new`, 'w');
  try {
    await next.writeFile(`${JSON.stringify(cursor)}\n`);
    await next.datasync();
  } finally {
    await next.close();
  }
  await rename(`${file}.new`, file);
}
