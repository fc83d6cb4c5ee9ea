import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Folds, transact } from '../projections/folds.js';
import type { Projection } from '../projections/projection.js';
import { Checkpointer } from '../sqlite/checkpointer.js';
import { type Database, openDatabase, type Statement, takeWriterLock } from '../sqlite/database.js';
import { StoreError } from '../store-error.js';
import { chainHash, type Entry, type Fact, GENESIS, type Receipt, type StoredEntry } from './entry.js';
import { anchorOf, metaOf, setMeta } from './meta.js';
import { entryOf, readEntries, type Selection } from './read.js';
import { migrate } from './schema.js';
import { Tail } from './tail.js';

export const JOURNAL_FILE = 'journal.sqlite';

/** Facts that may wait for the disk; more are refused, so that a slow disk is seen and not hidden in memory. */
const MOST_WAITING = 10_000;
/** What may wait, bodies and content, bytes. */
const MOST_WAITING_BYTES = 64 << 20;
/** Facts in one transaction. */
const MOST_AT_ONCE = 2_000;
/** Bodies and content in one transaction, bytes: the thread that commits does nothing else meanwhile. */
const MOST_BYTES_AT_ONCE = 4 << 20;
/** Largest body of one fact in characters: pictures and traces are blobs. */
const LARGEST_BODY = 1_000_000;
/** Pages given back to the disk at once, 4 kB each. */
const GIVEN_BACK_PAGES = 500;
/** What a row with its folds comes to in the log, roughly: it only tells when to look. */
const ROW_BYTES = 4_000;
/** Rows read at once for somebody who follows. */
const PAGE = 500;

/** `failing` from a commit that did not reach the disk until the next one that does. */
export type JournalState = 'writing' | 'failing';

export interface JournalOptions {
  readonly projections?: readonly Projection[];
  /** Clock of the site, epoch ms; for the rows that the journal writes itself. */
  readonly nowMs: () => number;
  readonly mostWaiting?: number;
  /** Told when commits begin to fail and when they succeed again. */
  readonly onState?: (state: JournalState, why: string) => void;
  readonly progress?: (done: number, what: string) => void;
  /** For the test that shows why NORMAL is not enough; nothing else may use it. */
  readonly synchronous?: 'FULL' | 'NORMAL';
}

interface Waiting {
  /** Bodies and content. */
  readonly bytes: number;
  readonly facts: readonly (Fact & { readonly text: string })[];
  readonly resolve: (receipts: Receipt[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The record of one site: append-only, gap-free, each row chained to the one before by its hash. One writer; facts that
 * arrive together share a commit, and a fact is acknowledged when the disk has it, never before.
 */
export class Journal {
  /** The file of the record, for whoever reads it beside the writer: see `openForReading`. */
  readonly file: string;
  readonly #db: Database;
  readonly #lock: { release(): void };
  readonly #checkpointer: Checkpointer;
  readonly #folds: Folds;
  readonly #insert: Statement;
  readonly #insertBlob: Statement;
  readonly #keep: Statement;
  readonly #drop: Statement;
  readonly #mostWaiting: number;
  readonly #onState: (state: JournalState, why: string) => void;
  readonly #followers = new Set<() => void>();
  readonly #tail = new Tail();
  #waiting: Waiting[] = [];
  #waitingFacts = 0;
  #waitingBytes = 0;
  #scheduled = false;
  #closed = false;
  #closing: Promise<void> | null = null;
  #state: JournalState = 'writing';
  #head: { epoch: number; seq: number; hash: Uint8Array };

  private constructor(
    file: string,
    db: Database,
    lock: { release(): void },
    folds: Folds,
    head: { epoch: number; seq: number; hash: Uint8Array },
    options: JournalOptions,
  ) {
    this.file = file;
    this.#db = db;
    this.#lock = lock;
    this.#checkpointer = new Checkpointer(file, db);
    this.#folds = folds;
    this.#head = head;
    this.#mostWaiting = options.mostWaiting ?? MOST_WAITING;
    this.#onState = options.onState ?? (() => {});
    this.#insert = db.prepare(
      'INSERT INTO journal (seq, epoch, at_ms, kind, subject, body, hash) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    this.#insertBlob = db.prepare(
      'INSERT OR IGNORE INTO journal_blob (seq, hash, class, bytes, inside) VALUES (?, ?, ?, ?, ?)',
    );
    this.#keep = db.prepare('INSERT OR IGNORE INTO content (hash, bytes) VALUES (?, ?)');
    this.#drop = db.prepare('DELETE FROM content WHERE hash = ?');
  }

  /**
   * Opens the journal of a folder, or begins one. A file that is not the one that was written last (a restored backup,
   * a copy) begins a new epoch, so that nobody takes its rows for those that were lost.
   *
   * @throws StoreError, see `openDatabase` and `migrate`.
   */
  static async open(folder: string, options: JournalOptions): Promise<Journal> {
    await mkdir(folder, { recursive: true });
    const file = join(folder, JOURNAL_FILE);
    const lock = takeWriterLock(file);
    let db: Database | null = null;
    try {
      db = openDatabase(file, options.synchronous ? { synchronous: options.synchronous } : {});
      migrate(db, file);
      const { ino, dev } = await stat(file);
      const last = db.prepare('SELECT seq, epoch, hash FROM journal ORDER BY seq DESC LIMIT 1').get();
      const anchor = anchorOf(db);
      const head =
        last === undefined
          ? { epoch: anchor?.epoch ?? 0, seq: anchor?.seq ?? 0, hash: anchor?.hash ?? GENESIS }
          : { epoch: Number(last.epoch), seq: Number(last.seq), hash: last.hash as Uint8Array };
      const folds = Folds.open(db, options.projections ?? [], { progress: options.progress });
      const journal = new Journal(file, db, lock, folds, head, options);
      await journal.#beginEpoch(`${dev}:${ino}`, options.nowMs());
      return journal;
    } catch (error) {
      db?.close();
      lock.release();
      throw error;
    }
  }

  /** The last row that is on disk. */
  get head(): Receipt {
    const { epoch, seq, hash } = this.#head;
    return { epoch, seq, hash: Buffer.from(hash).toString('hex') };
  }

  get state(): JournalState {
    return this.#state;
  }

  /** Facts that wait for the disk, and how many may. */
  get load(): { readonly waiting: number; readonly most: number } {
    return { waiting: this.#waitingFacts, most: this.#mostWaiting };
  }

  /** For queries of projections; nothing may be written through it. */
  get db(): Database {
    return this.#db;
  }

  /**
   * Appends one fact. Resolves when the disk has it.
   * @throws StoreError `too-many-waiting` (later), `cannot-commit` (later), `closed`; RangeError for a body that is no
   *   JSON or too large.
   */
  async append(fact: Fact): Promise<Receipt> {
    return (await this.appendAll([fact]))[0]!;
  }

  /** Appends facts that belong together: all or none, in neighbouring rows. Errors as `append`. */
  appendAll(facts: readonly Fact[]): Promise<Receipt[]> {
    if (this.#closed) return Promise.reject(new StoreError('closed', 'the journal is closed'));
    if (facts.length === 0) return Promise.resolve([]);
    if (this.#waitingFacts + facts.length > this.#mostWaiting) {
      const message = `${this.#waitingFacts} facts wait for the disk already, ${this.#mostWaiting} may: the disk is too slow`;
      return Promise.reject(new StoreError('too-many-waiting', message, { retry: 'later' }));
    }
    const written: Waiting['facts'][number][] = [];
    let bytes = 0;
    try {
      for (const fact of facts) {
        const text = textOf(fact);
        written.push({ ...fact, text });
        bytes += text.length + contentBytes(fact);
      }
    } catch (error) {
      return Promise.reject(error);
    }
    if (this.#waitingBytes > 0 && this.#waitingBytes + bytes > MOST_WAITING_BYTES) {
      const message = `${this.#waitingBytes} bytes wait for the disk already, ${MOST_WAITING_BYTES} may: the disk is too slow`;
      return Promise.reject(new StoreError('too-many-waiting', message, { retry: 'later' }));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ facts: written, bytes, resolve, reject });
      this.#waitingFacts += facts.length;
      this.#waitingBytes += bytes;
      if (this.#scheduled) return;
      this.#scheduled = true;
      setImmediate(() => this.#flush());
    });
  }

  read(selection: Selection): Entry[] {
    return readEntries(this.#db, selection);
  }

  /** Every row after `after`, those on disk now and those to come, in order and without a gap. Ends when aborted. */
  async *follow(after: number, signal: AbortSignal): AsyncGenerator<Entry> {
    let at = after;
    while (!signal.aborted && !this.#closed) {
      const page = this.#tail.after(at, PAGE) ?? this.read({ after: at, limit: PAGE });
      for (const entry of page) {
        if (signal.aborted) return;
        yield entry;
        at = entry.seq;
      }
      if (page.length === 0 && at >= this.#head.seq) await this.#more(at, signal);
    }
  }

  /** Makes every projection anew from the rows. */
  rebuild(projections: readonly Projection[], progress?: (done: number, what: string) => void): void {
    Folds.open(this.#db, projections, { anew: true, progress });
  }

  /**
   * Drops rows up to `upTo`, which somebody else has by now; what follows stays verifiable from the hash kept of it.
   * @throws StoreError `not-shipped` where a row above `shippedSeq` would go.
   */
  trim({ upTo, shippedSeq }: { readonly upTo: number; readonly shippedSeq: number }): void {
    if (upTo > shippedSeq)
      throw new StoreError('not-shipped', `rows up to ${upTo} may not go: only ${shippedSeq} are shipped`);
    if (upTo >= this.#head.seq) throw new RangeError(`the newest row (${this.#head.seq}) stays`);
    const row = this.#db.prepare('SELECT seq, epoch, hash FROM journal WHERE seq = ?').get(upTo);
    if (row === undefined) return;
    transact(this.#db, () => {
      const hash = Buffer.from(row.hash as Uint8Array).toString('hex');
      setMeta(this.#db, 'anchor', JSON.stringify({ seq: upTo, epoch: Number(row.epoch), hash }));
      this.#db.prepare('DELETE FROM journal WHERE seq <= ?').run(upTo);
      this.#db.prepare('DELETE FROM journal_blob WHERE seq <= ?').run(upTo);
    });
  }

  /** Bytes of the file that hold nothing: what is written next goes there before the file grows. */
  get reusableBytes(): number {
    const { n, size } = this.#db
      .prepare('SELECT freelist_count AS n, page_size AS size FROM pragma_freelist_count, pragma_page_size')
      .get() as { n: number; size: number };
    return Number(n) * Number(size);
  }

  /**
   * Gives up to so many reusable bytes back to the disk, a few at a time so that commits come in between. A file that was
   * begun with schema 1 keeps them.
   */
  async giveBack(bytes: number): Promise<void> {
    const least = Math.max(0, this.reusableBytes - bytes);
    for (let left = this.reusableBytes; left > least && !this.#closed; ) {
      this.#db.exec(`PRAGMA incremental_vacuum(${GIVEN_BACK_PAGES})`);
      const now = this.reusableBytes;
      if (now >= left) return;
      left = now;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Writes what waits, then closes. Safe to call twice. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    while (this.#waiting.length > 0) this.#flush();
    this.#closed = true;
    for (const wake of this.#followers) wake();
    try {
      await this.#checkpointer.close();
      // The file alone is then the whole record, for whoever copies it. A full disk has no room for that: the log beside
      // it is part of the record, and the next start puts them together.
      try {
        this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      } catch {
        // Nothing is lost by it.
      }
      this.#db.close();
    } finally {
      this.#lock.release();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #beginEpoch(identity: string, atMs: number): Promise<void> {
    const known = metaOf(this.#db, 'identity');
    if (known === identity && this.#head.seq > 0) return;
    const { epoch, seq } = this.#head;
    const reason = seq === 0 ? 'created' : 'restored-or-moved';
    const body = { reason, after: { epoch, seq } };
    const entry = this.#rowOf(
      { kind: 'epoch', subject: null, atMs, body, text: JSON.stringify(body) },
      this.#head,
      epoch + 1,
    );
    transact(this.#db, () => {
      setMeta(this.#db, 'identity', identity);
      this.#write(entry, {});
      this.#folds.mark(entry.seq);
    });
    this.#head = entry;
  }

  #flush(): void {
    this.#scheduled = false;
    if (this.#closed || this.#waiting.length === 0) return;
    const batch: Waiting[] = [];
    let count = 0;
    let bytes = 0;
    for (const next of this.#waiting) {
      const fits = count + next.facts.length <= MOST_AT_ONCE && bytes + next.bytes <= MOST_BYTES_AT_ONCE;
      if (batch.length > 0 && !fits) break;
      batch.push(next);
      count += next.facts.length;
      bytes += next.bytes;
    }
    this.#waiting.splice(0, batch.length);
    this.#waitingFacts -= count;
    this.#waitingBytes -= bytes;
    let head = this.#head;
    const written: { entry: Entry; characters: number }[] = [];
    try {
      const receipts = transact(this.#db, () =>
        batch
          .map(({ facts }) =>
            facts.map((fact) => {
              const row = this.#rowOf(fact, head, head.epoch);
              written.push({ entry: this.#write(row, fact), characters: row.body.length });
              head = row;
              return { epoch: row.epoch, seq: row.seq, hash: Buffer.from(row.hash).toString('hex') };
            }),
          )
          .map((list, i, all) => {
            if (i === all.length - 1) this.#folds.mark(head.seq);
            return list;
          }),
      );
      this.#head = head;
      this.#tail.add(written);
      this.#become('writing', 'a commit reached the disk');
      this.#checkpointer.wrote(bytes + count * ROW_BYTES);
      for (const [i, { resolve }] of batch.entries()) resolve(receipts[i]!);
      for (const wake of this.#followers) wake();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#folds.forget();
      this.#become('failing', why);
      const failure = new StoreError('cannot-commit', `the journal cannot commit: ${why}`, {
        retry: 'later',
        cause: error,
      });
      for (const { reject } of batch) reject(failure);
    }
    if (this.#waiting.length > 0 && !this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => this.#flush());
    }
  }

  #rowOf(
    { kind, subject, atMs, text }: Fact & { readonly text: string },
    head: { seq: number; hash: Uint8Array },
    epoch: number,
  ): StoredEntry {
    const row = { seq: head.seq + 1, epoch, atMs, kind, subject, body: text };
    return { ...row, hash: chainHash(head.hash, row) };
  }

  #write(row: StoredEntry, { blobs = [], drops = [] }: Pick<Fact, 'blobs' | 'drops'>): Entry {
    this.#insert.run(row.seq, row.epoch, row.atMs, row.kind, row.subject, row.body, row.hash);
    for (const { hash, class: kind, bytes, content } of blobs) {
      if (content !== undefined) this.#keep.run(Buffer.from(hash, 'hex'), content);
      this.#insertBlob.run(row.seq, hash, kind, bytes, content === undefined ? 0 : 1);
    }
    for (const hash of drops) this.#drop.run(Buffer.from(hash, 'hex'));
    const entry = entryOf(row);
    this.#folds.apply(entry);
    return entry;
  }

  #become(state: JournalState, why: string): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#onState(state, why);
  }

  /** Resolves when there is a row after `at`, the journal closes or the signal aborts. */
  #more(at: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        if (this.#head.seq <= at && !this.#closed && !signal.aborted) return;
        this.#followers.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#followers.add(done);
      signal.addEventListener('abort', done);
    });
  }
}

function textOf({ kind, body, atMs }: Fact): string {
  const text = JSON.stringify(body);
  if (text === undefined) throw new RangeError(`the body of a ${kind} is no JSON`);
  if (text.length > LARGEST_BODY)
    throw new RangeError(
      `the body of a ${kind} has ${text.length} characters, ${LARGEST_BODY} may: keep content as a blob`,
    );
  if (!Number.isSafeInteger(atMs))
    throw new RangeError(`the time of a ${kind} is no whole number of ms: ${atMs}`);
  return text;
}

const contentBytes = ({ blobs = [] }: Fact): number =>
  blobs.reduce((sum, { content }) => sum + (content?.byteLength ?? 0), 0);
