import { readFile, rename, writeFile } from 'node:fs/promises';
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

  private constructor(options: PublisherOptions, cursor: number) {
    this.#o = options;
    this.#cursor = cursor;
    this.#running = this.#run().catch((error) =>
      options.log('publisher-ended', { publisher: options.id, error: String(error) }),
    );
  }

  /** A destination that is new begins with what happens from now on. */
  static async open(options: PublisherOptions): Promise<Publisher> {
    const text = await readFile(fileOf(options), 'utf8').catch(() => null);
    const cursor = text === null ? options.journal.head.seq : Number(JSON.parse(text).seq);
    if (text === null) await keep(options, cursor);
    return new Publisher(options, cursor);
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
  }

  async #run(): Promise<void> {
    const { journal, kinds } = this.#o;
    const { signal } = this.#stop;
    let held: Entry[] = [];
    let last = this.#cursor;
    let since = 0;
    for await (const entry of journal.follow(this.#cursor, signal)) {
      last = entry.seq;
      if ((kinds as readonly string[]).includes(entry.kind)) held.push(entry);
      since += 1;
      // At the end of what is there, or when enough has gathered.
      const more = last < journal.head.seq;
      if (held.length < MOST && more && since < 10 * MOST) continue;
      if (!more) await wait(GATHER_MS, undefined, { signal }).catch(() => {});
      if (!(await this.#tell(held))) return;
      await this.#moved(last);
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

  async #moved(seq: number): Promise<void> {
    this.#cursor = seq;
    await keep(this.#o, seq).catch((error) =>
      this.#o.log('cursor-not-kept', { publisher: this.#o.id, error: String(error) }),
    );
  }
}

const fileOf = ({ folder, id }: PublisherOptions): string => join(folder, 'connectors', `told-${id}.json`);

/** Whole or not at all; an older one only repeats what was told. */
async function keep(options: PublisherOptions, seq: number): Promise<void> {
  const file = fileOf(options);
  await writeFile(`${file}.new`, `${JSON.stringify({ seq })}\n`);
  await rename(`${file}.new`, file);
}
