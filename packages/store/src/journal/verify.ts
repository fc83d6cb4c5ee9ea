import { type Database, openForReading } from '../sqlite/database.js';
import { StoreError } from '../store-error.js';
import { chainHash, GENESIS, type StoredEntry } from './entry.js';
import { anchorOf } from './meta.js';
import { storedOf } from './read.js';
import { APPLICATION_ID, schemaOf } from './schema.js';
import { type ContentFault, verifyContent } from './verify-content.js';

export type Fault =
  | ContentFault
  | { readonly what: 'removed'; readonly fromSeq: number; readonly toSeq: number }
  | { readonly what: 'changed'; readonly seq: number }
  | { readonly what: 'hash-changed'; readonly seq: number }
  | { readonly what: 're-ordered'; readonly seq: number; readonly belongsAt: number }
  | { readonly what: 'epoch-went-back'; readonly seq: number }
  | { readonly what: 'unreadable'; readonly why: string }
  | { readonly what: 'other-head'; readonly expected: string; readonly found: string | null };

export interface Verdict {
  readonly ok: boolean;
  readonly rows: number;
  /** Contents in the file that were held against their hashes. */
  readonly contents: number;
  readonly firstSeq: number | null;
  /** The last row, to be compared with a copy kept elsewhere: rows cut off at the end leave no other trace. */
  readonly head: { readonly epoch: number; readonly seq: number; readonly hash: string } | null;
  /** In order; at most 100. */
  readonly faults: readonly Fault[];
}

const MOST_FAULTS = 100;

/**
 * Walks the chain of a journal file and names every break: what was flipped, taken out or put elsewhere, in the rows
 * and in the content that lies beside them in the file. Reads only.
 * `head` is the hash of the last row as somebody wrote it down.
 *
 * @throws StoreError `not-a-journal` where the file is none, `newer-schema` where a later version wrote it.
 */
export function verifyJournal(
  file: string,
  {
    head,
    newest,
    progress,
  }: {
    readonly head?: string;
    /** Checks that many of the newest rows alone; the row before them is taken on trust. */
    readonly newest?: number;
    readonly progress?: (done: number, what: string) => void;
  } = {},
): Verdict {
  let db: Database | null = null;
  try {
    db = openForReading(file);
    if (Number(db.prepare('PRAGMA application_id').get()?.application_id) !== APPLICATION_ID)
      throw new StoreError('not-a-journal', `${file} is no journal`);
    // What a later version has written may be hashed in another way: no word about it is better than a wrong one.
    schemaOf(db, file);
    return walk(db, { head, newest, progress });
  } catch (error) {
    if (error instanceof StoreError) throw error;
    if (/not a database/i.test(String(error)))
      throw new StoreError('not-a-journal', `${file} is no journal`, { cause: error });
    const why = error instanceof Error ? error.message : String(error);
    return {
      ok: false,
      rows: 0,
      contents: 0,
      firstSeq: null,
      head: null,
      faults: [{ what: 'unreadable', why }],
    };
  } finally {
    db?.close();
  }
}

function walk(
  db: Database,
  {
    head,
    newest,
    progress,
  }: {
    readonly head: string | undefined;
    readonly newest: number | undefined;
    readonly progress: ((done: number, what: string) => void) | undefined;
  },
): Verdict {
  const faults: Fault[] = [];
  const broken: { row: StoredEntry; previous: Uint8Array }[] = [];
  const anchor = (newest === undefined ? null : rowBefore(db, newest)) ?? anchorOf(db);
  let previous: Uint8Array = anchor?.hash ?? GENESIS;
  let seq = anchor?.seq ?? 0;
  let epoch = anchor?.epoch ?? 0;
  // A row that somebody put below the first one is looked at too.
  const after = newest === undefined ? Number.MIN_SAFE_INTEGER : seq;
  let rows = 0;
  let firstSeq: number | null = null;
  const last = Number(db.prepare('SELECT max(seq) AS seq FROM journal').get()?.seq ?? 0);
  const hashes = new Map<number, Uint8Array>();
  try {
    for (const raw of db.prepare('SELECT * FROM journal WHERE seq > ? ORDER BY seq').iterate(after)) {
      const row = storedOf(raw);
      rows += 1;
      firstSeq ??= row.seq;
      const gap = row.seq !== seq + 1;
      if (gap) faults.push({ what: 'removed', fromSeq: seq + 1, toSeq: row.seq - 1 });
      if (row.epoch < epoch) faults.push({ what: 'epoch-went-back', seq: row.seq });
      const computed = chainHash(previous, row);
      const same = Buffer.compare(computed, Buffer.from(row.hash)) === 0;
      // After a gap nothing is known of the row before: its own hash is taken on trust, the next row checks it.
      if (!same && !gap) {
        broken.push({ row, previous });
        hashes.set(row.seq - 1, previous);
      }
      previous = row.hash;
      seq = row.seq;
      epoch = Math.max(epoch, row.epoch);
      if (rows % 20_000 === 0) progress?.(row.seq / Math.max(1, last), 'checking the chain');
    }
  } catch (error) {
    faults.push({ what: 'unreadable', why: error instanceof Error ? error.message : String(error) });
  }
  faults.push(...nameBroken(broken, hashes));
  let contents = 0;
  try {
    const content = verifyContent(db, {
      after: newest === undefined ? null : after,
      most: MOST_FAULTS,
      progress,
    });
    contents = content.contents;
    faults.push(...content.faults);
  } catch (error) {
    faults.push({ what: 'unreadable', why: error instanceof Error ? error.message : String(error) });
  }
  const found = seq === 0 ? null : { epoch, seq, hash: Buffer.from(previous).toString('hex') };
  if (head !== undefined && head !== found?.hash)
    faults.push({ what: 'other-head', expected: head, found: found?.hash ?? null });
  const ok = faults.length === 0;
  return { ok, rows, contents, firstSeq, head: found, faults: faults.slice(0, MOST_FAULTS) };
}

/** The row before the newest ones; null where there are no more than these. */
function rowBefore(db: Database, newest: number): StoredEntry | null {
  const row = db.prepare('SELECT * FROM journal ORDER BY seq DESC LIMIT 1 OFFSET ?').get(newest);
  return row === undefined ? null : storedOf(row);
}

/**
 * What happened to rows that do not follow from the row before. A row that was put elsewhere still fits its old place;
 * knowing its hash there may explain its neighbours, so this goes on until nothing new is learnt.
 */
function nameBroken(
  broken: readonly { row: StoredEntry; previous: Uint8Array }[],
  before: ReadonlyMap<number, Uint8Array>,
): Fault[] {
  const rows = broken.slice(0, MOST_FAULTS);
  /** Hash that the row at this seq should have, as far as known. */
  const meant = new Map(before);
  const belongs = new Map<number, number>();
  const fits = (row: StoredEntry, at: number): boolean => {
    const previous = meant.get(at - 1);
    if (previous === undefined) return false;
    return Buffer.compare(chainHash(previous, { ...row, seq: at }), Buffer.from(row.hash)) === 0;
  };
  for (let learnt = true; learnt; ) {
    learnt = false;
    for (const { row } of rows) {
      if (belongs.has(row.seq)) continue;
      const place = rows.find(({ row: other }) => other.seq !== row.seq && fits(row, other.seq));
      if (place === undefined) continue;
      belongs.set(row.seq, place.row.seq);
      meant.set(place.row.seq, row.hash);
      learnt = true;
    }
  }
  const faults: Fault[] = [];
  for (const { row, previous } of rows) {
    const place = belongs.get(row.seq);
    if (place !== undefined) {
      faults.push({ what: 're-ordered', seq: row.seq, belongsAt: place });
      continue;
    }
    if (fits(row, row.seq)) continue;
    // Where the next row follows from what this row should have had as its hash, the hash alone was touched.
    const own = chainHash(previous, row);
    const next = rows.find((other) => other.row.seq === row.seq + 1);
    if (next && Buffer.compare(chainHash(own, next.row), Buffer.from(next.row.hash)) === 0) {
      meant.set(row.seq, own);
      faults.push({ what: 'hash-changed', seq: row.seq });
    } else faults.push({ what: 'changed', seq: row.seq });
  }
  return faults;
}
