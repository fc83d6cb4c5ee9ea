import type { Database } from '../sqlite/database.js';
import { StoreError } from '../store-error.js';

/** What `PRAGMA application_id` of a journal holds: "SLVJ". */
export const APPLICATION_ID = 0x534c_564a;

/** One step from a schema to the next. */
export interface Migration {
  /** Number and words, e.g. `0001-journal`: the number is the schema that it makes. */
  readonly name: string;
  readonly sql: string;
}

/** Every step once and in order; a step that was released is never changed, and a fixture of its schema is kept. */
export const MIGRATIONS: readonly Migration[] = [
  {
    name: '0001-journal',
    sql: `CREATE TABLE journal (
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
  },
  {
    // Small content rides in the commit of its row: see docs/decisions/0025. A key of its own, so that content is
    // written one behind the other and not where its hash happens to fall.
    name: '0002-content',
    sql: `CREATE TABLE content (
     id INTEGER PRIMARY KEY,
     hash BLOB NOT NULL UNIQUE,
     bytes BLOB NOT NULL
   ) STRICT;
   ALTER TABLE journal_blob ADD COLUMN inside INTEGER NOT NULL DEFAULT 0;`,
  },
];

export const SCHEMA_VERSION = MIGRATIONS.length;

/** The schema of a file. @throws StoreError `not-a-journal`, `newer-schema` where it is none that this version reads. */
export function schemaOf(db: Database, file: string, newest = SCHEMA_VERSION): number {
  const version = Number(db.prepare('PRAGMA user_version').get()?.user_version);
  const application = Number(db.prepare('PRAGMA application_id').get()?.application_id);
  const tables = Number(db.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.n);
  if (tables > 0 && application !== APPLICATION_ID)
    throw new StoreError('not-a-journal', `${file} is a database of another program`);
  if (version > newest)
    throw new StoreError(
      'newer-schema',
      `${file} has schema ${version}, this version knows ${newest}. Run the newer version`,
    );
  return version;
}

/**
 * Brings a file to the newest schema, one step a transaction: a step that fails leaves the schema before it, whole.
 * @throws StoreError `not-a-journal` for another program's file, `newer-schema` for one written by a later version,
 *   `cannot-migrate` with the name of the step; RangeError where the steps have a gap.
 */
export function migrate(
  db: Database,
  file: string,
  { migrations = MIGRATIONS }: { readonly migrations?: readonly Migration[] } = {},
): void {
  refuseGaps(migrations);
  const version = schemaOf(db, file, migrations.length);
  for (const [i, { name, sql }] of migrations.entries()) {
    if (i < version) continue;
    db.exec('BEGIN IMMEDIATE');
    try {
      db.exec(sql);
      db.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
      db.exec(`PRAGMA user_version = ${i + 1}`);
      db.exec('COMMIT');
    } catch (error) {
      db.exec('ROLLBACK');
      const why = error instanceof Error ? error.message : String(error);
      throw new StoreError('cannot-migrate', `${file}: the step ${name} failed and changed nothing: ${why}`, {
        cause: error,
      });
    }
  }
}

function refuseGaps(migrations: readonly Migration[]): void {
  for (const [i, { name }] of migrations.entries())
    if (Number.parseInt(name, 10) !== i + 1)
      throw new RangeError(`the migration ${name} stands at place ${i + 1}: every number once and in order`);
}
