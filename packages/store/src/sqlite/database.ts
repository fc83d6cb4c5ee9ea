import { existsSync } from 'node:fs';
import { DatabaseSync } from '@photostructure/sqlite';
import { StoreError } from '../store-error.js';

/** Older versions can lose or corrupt a WAL on its reset. */
const OLDEST = [3, 51, 3] as const;
const BUSY = 5;
/** Value of `PRAGMA synchronous` that waits for the disk at every commit. */
const FULL = 2;

export type Value = string | number | bigint | Uint8Array | null;
export type Row = Readonly<Record<string, Value>>;

/** The part of SQLite that this room uses, by shape: `node:sqlite` fits it too. */
export interface Statement {
  run(...values: readonly Value[]): { readonly changes: number | bigint };
  get(...values: readonly Value[]): Row | undefined;
  all(...values: readonly Value[]): Row[];
  iterate(...values: readonly Value[]): IterableIterator<Row>;
}

export interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

/** Opens a file with the driver; a test hands in one that answers otherwise. */
export type Connect = (file: string, options?: { readonly readOnly: boolean }) => Database;

const connectDriver: Connect = (file, options) =>
  new DatabaseSync(file, options ?? {}) as unknown as Database;

/** The version of SQLite that answers: `3.51.3`. The one place that asks. */
export const sqliteVersion = (db: Database): string =>
  String(db.prepare('SELECT sqlite_version() AS version').get()?.version);

/**
 * Opens the one file of a record for writing: write-ahead log, and a commit that returns only when the disk has it.
 * Both are read back, because a build or a file may refuse them silently.
 *
 * @throws StoreError `sqlite-too-old`, `not-durable`.
 */
export function openDatabase(
  file: string,
  {
    synchronous = 'FULL',
    connect = connectDriver,
  }: { readonly synchronous?: 'FULL' | 'NORMAL'; readonly connect?: Connect } = {},
): Database {
  const db = connect(file);
  try {
    refuseOld(db);
    db.exec('PRAGMA busy_timeout = 2000');
    // So that what was given up can be given back to a disk that is short; it has to be said before the first table.
    db.exec('PRAGMA auto_vacuum = INCREMENTAL');
    db.exec('PRAGMA journal_mode = WAL');
    db.exec(`PRAGMA synchronous = ${synchronous}`);
    db.exec('PRAGMA foreign_keys = ON');
    const mode = db.prepare('PRAGMA journal_mode').get()?.journal_mode;
    const level = Number(db.prepare('PRAGMA synchronous').get()?.synchronous);
    if (mode !== 'wal' || (synchronous === 'FULL' && level !== FULL))
      throw new StoreError(
        'not-durable',
        `${file}: SQLite answers journal_mode ${mode}, synchronous ${level}; wal and ${FULL} are needed. Put the record on a local disk`,
      );
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * Makes this process the one writer beside `file` until `release` is called or the process ends, however it ends: an
 * open exclusive transaction on a file of its own, so that others may still read the record.
 *
 * @throws StoreError `journal-locked` where another process is the writer.
 */
export function takeWriterLock(file: string): { release(): void } {
  const lock = new DatabaseSync(`${file}.lock`) as unknown as Database;
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    throw new StoreError(
      'journal-locked',
      `${file} is written by another process. Stop it, or choose another folder`,
      { retry: 'later', cause: error },
    );
  }
  return {
    release: () => {
      lock.exec('ROLLBACK');
      lock.close();
    },
  };
}

/** Whether some process is the writer of `file` now. Touches nothing. */
export function hasWriter(file: string): boolean {
  if (!existsSync(`${file}.lock`)) return false;
  const lock = connectDriver(`${file}.lock`, { readOnly: true });
  try {
    lock.prepare('SELECT count(*) AS n FROM sqlite_schema').get();
    return false;
  } catch (error) {
    // Its exclusive transaction shuts out readers; a lock that a killed process left is none.
    return (error as { errcode?: number }).errcode === BUSY || /locked/i.test(String(error));
  } finally {
    lock.close();
  }
}

/** Opens a record to be read only, without touching it. @throws StoreError `sqlite-too-old`. */
export function openForReading(file: string, connect: Connect = connectDriver): Database {
  const db = connect(file, { readOnly: true });
  try {
    refuseOld(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function refuseOld(db: Database): void {
  const version = sqliteVersion(db);
  const parts = version.split('.').map(Number);
  for (const [i, least] of OLDEST.entries()) {
    const part = parts[i] ?? 0;
    if (part > least) return;
    if (part < least)
      throw new StoreError(
        'sqlite-too-old',
        `SQLite ${version} can lose data in its write-ahead log; ${OLDEST.join('.')} or later is needed. Install the dependencies anew (npm ci): the driver brings its own SQLite`,
      );
  }
}
