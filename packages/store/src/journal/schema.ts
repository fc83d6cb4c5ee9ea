import type { Database } from '../sqlite/database.js';
import { StoreError } from '../store-error.js';

/** What `PRAGMA application_id` of a journal holds: "SLVJ". */
export const APPLICATION_ID = 0x534c_564a;

/** Every step once and in order; a step that was released is never changed. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE journal (
     seq INTEGER PRIMARY KEY,
     epoch INTEGER NOT NULL,
     at_ms INTEGER NOT NULL,
     kind TEXT NOT NULL,
     subject TEXT,
     body TEXT NOT NULL,
     hash BLOB NOT NULL
   ) STRICT;
   CREATE INDEX journal_subject ON journal (subject, seq) WHERE subject IS NOT NULL;
   CREATE INDEX journal_kind ON journal (kind, seq);
   CREATE TABLE journal_blob (
     seq INTEGER NOT NULL,
     hash TEXT NOT NULL,
     class TEXT NOT NULL,
     bytes INTEGER NOT NULL,
     PRIMARY KEY (seq, hash)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
   CREATE TABLE projection (name TEXT PRIMARY KEY, version INTEGER NOT NULL, seq INTEGER NOT NULL) STRICT;`,
];

export const SCHEMA_VERSION = MIGRATIONS.length;

/**
 * Brings a file to the newest schema, one step a transaction.
 * @throws StoreError `not-a-journal` for another program's file, `newer-schema` for one written by a later version.
 */
export function migrate(
  db: Database,
  file: string,
  { to = SCHEMA_VERSION }: { readonly to?: number } = {},
): void {
  const version = Number(db.prepare('PRAGMA user_version').get()?.user_version);
  const application = Number(db.prepare('PRAGMA application_id').get()?.application_id);
  const tables = Number(db.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.n);
  if (tables > 0 && application !== APPLICATION_ID)
    throw new StoreError('not-a-journal', `${file} is a database of another program`);
  if (version > SCHEMA_VERSION)
    throw new StoreError(
      'newer-schema',
      `${file} has schema ${version}, this version knows ${SCHEMA_VERSION}. Run the newer version`,
    );
  for (let step = version; step < to; step++) {
    db.exec('BEGIN IMMEDIATE');
    try {
      db.exec(MIGRATIONS[step]!);
      db.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
      db.exec(`PRAGMA user_version = ${step + 1}`);
      db.exec('COMMIT');
    } catch (error) {
      db.exec('ROLLBACK');
      throw error;
    }
  }
}
