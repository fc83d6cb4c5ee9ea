import type { Entry } from '../journal/entry.js';
import { readEntries } from '../journal/read.js';
import type { Database } from '../sqlite/database.js';
import type { Projection } from './projection.js';

/** Rows folded between two commits of a rebuild. */
const CHUNK = 5_000;

/** The projections of one journal, kept in step with it. */
export class Folds {
  readonly #db: Database;
  readonly #projections: readonly Projection[];
  readonly #mark;
  #folds: readonly { readonly name: string; readonly apply: (entry: Entry) => void }[] = [];

  private constructor(db: Database, projections: readonly Projection[]) {
    this.#db = db;
    this.#projections = projections;
    this.forget();
    this.#mark = db.prepare('UPDATE projection SET seq = ? WHERE name = ?');
  }

  /**
   * Brings every projection to the head: a new or changed one is made anew, one that a kill left behind goes on.
   * `anew` makes all of them anew.
   */
  static open(
    db: Database,
    projections: readonly Projection[],
    {
      anew = false,
      progress,
    }: { anew?: boolean; progress?: ((done: number, what: string) => void) | undefined } = {},
  ): Folds {
    for (const p of projections) {
      const known = db.prepare('SELECT version, seq FROM projection WHERE name = ?').get(p.name);
      if (known === undefined || Number(known.version) !== p.version || anew) start(db, p);
    }
    const folds = new Folds(db, projections);
    catchUp(db, projections, progress);
    return folds;
  }

  /** What a projection remembered beside its tables is of rows that were rolled back: it begins from the tables. */
  forget(): void {
    this.#folds = this.#projections.map((p) => ({ name: p.name, apply: p.prepare(this.#db) }));
  }

  /** Folds one row; inside the transaction that wrote it. */
  apply(entry: Entry): void {
    for (const { apply } of this.#folds) apply(entry);
  }

  /** Notes how far all have come; inside the same transaction. */
  mark(seq: number): void {
    for (const { name } of this.#folds) this.#mark.run(seq, name);
  }
}

function start(db: Database, p: Projection): void {
  transact(db, () => {
    for (const table of p.tables) db.exec(`DROP TABLE IF EXISTS "${table}"`);
    p.create(db);
    db.prepare('INSERT OR REPLACE INTO projection (name, version, seq) VALUES (?, ?, 0)').run(
      p.name,
      p.version,
    );
  });
}

/** Brings all of them to the head in one pass: reading and parsing the rows is most of the work. */
function catchUp(
  db: Database,
  projections: readonly Projection[],
  progress: ((done: number, what: string) => void) | undefined,
): void {
  const head = Number(db.prepare('SELECT coalesce(max(seq), 0) AS seq FROM journal').get()?.seq);
  const seqOf = db.prepare('SELECT seq FROM projection WHERE name = ?');
  const behind = projections.flatMap((p) => {
    const at = Number(seqOf.get(p.name)?.seq);
    return at < head ? [{ name: p.name, at, apply: p.prepare(db) }] : [];
  });
  if (behind.length === 0) return;
  const mark = db.prepare('UPDATE projection SET seq = ? WHERE name = ?');
  const what = `making from the journal: ${behind.map(({ name }) => name).join(', ')}`;
  const from = Math.min(...behind.map(({ at }) => at));
  progress?.(0, what);
  for (let at = from; at < head; ) {
    transact(db, () => {
      for (const entry of readEntries(db, { after: at, limit: CHUNK })) {
        at = entry.seq;
        for (const one of behind) {
          if (at <= one.at) continue;
          one.apply(entry);
          one.at = at;
        }
      }
      for (const one of behind) mark.run(one.at, one.name);
    });
    progress?.((at - from) / (head - from), what);
  }
}

export function transact<T>(db: Database, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    try {
      db.exec('ROLLBACK');
    } catch {
      // SQLite has rolled back by itself, as it does on a full disk.
    }
    throw error;
  }
}
