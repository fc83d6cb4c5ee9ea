import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Database, openDatabase, StoreError } from '@selvedge/store';

export const CREDENTIALS_FILE = 'access.sqlite';
/** What `PRAGMA application_id` of the file holds: "SLVA". */
const APPLICATION_ID = 0x534c_5641;

/** Every step once and in order; a step that was released is never changed. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE password (user TEXT PRIMARY KEY, hash TEXT NOT NULL, set_at_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
   CREATE TABLE passkey (
     id TEXT PRIMARY KEY,
     user TEXT NOT NULL,
     name TEXT NOT NULL,
     public_key BLOB NOT NULL,
     counter INTEGER NOT NULL,
     made_at_ms INTEGER NOT NULL,
     used_at_ms INTEGER
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX passkey_user ON passkey (user);
   CREATE TABLE session (
     hash BLOB PRIMARY KEY,
     user TEXT NOT NULL,
     made_at_ms INTEGER NOT NULL,
     seen_at_ms INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX session_user ON session (user, made_at_ms);
   CREATE TABLE token (
     id TEXT PRIMARY KEY,
     hash BLOB NOT NULL UNIQUE,
     user TEXT NOT NULL,
     name TEXT NOT NULL,
     rights TEXT NOT NULL,
     made_at_ms INTEGER NOT NULL,
     ends_at_ms INTEGER,
     used_at_ms INTEGER,
     revoked INTEGER NOT NULL DEFAULT 0
   ) STRICT, WITHOUT ROWID;`,
  `CREATE TABLE oidc (
     issuer TEXT NOT NULL,
     subject TEXT NOT NULL,
     user TEXT NOT NULL,
     managed INTEGER NOT NULL,
     made_at_ms INTEGER NOT NULL,
     used_at_ms INTEGER NOT NULL,
     PRIMARY KEY (issuer, subject)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX oidc_user ON oidc (user);`,
];

/**
 * Opens the file of what proves who somebody is: readable by its owner only, and never part of the journal. Losing it
 * loses no record; the one-time code of the next start then lets an owner in again.
 *
 * @throws StoreError of `openDatabase`; `not-a-journal` for another program's file, `newer-schema` for a later one's.
 */
export async function openCredentials(folder: string): Promise<Database> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, CREDENTIALS_FILE);
  const db = openDatabase(file);
  try {
    await chmod(file, 0o600);
    db.exec('PRAGMA secure_delete = ON');
    migrate(db, file);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function migrate(db: Database, file: string): void {
  const version = Number(db.prepare('PRAGMA user_version').get()?.user_version);
  const application = Number(db.prepare('PRAGMA application_id').get()?.application_id);
  const tables = Number(db.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.n);
  if (tables > 0 && application !== APPLICATION_ID)
    throw new StoreError('not-a-journal', `${file} is a database of another program. Move it away`);
  if (version > MIGRATIONS.length)
    throw new StoreError('newer-schema', `${file} has schema ${version}. Run the newer version`);
  for (const [step, sql] of MIGRATIONS.entries()) {
    if (step < version) continue;
    const stamp = `PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${step + 1}`;
    db.exec(`BEGIN IMMEDIATE; ${sql} ${stamp}; COMMIT`);
  }
}

/** 256 bits of the system's own randomness, for a session or a token. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** What is kept of a secret of 256 bits: nothing to guess, so no salt and no slow hash. */
export const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** `kind:` and 16 random hex digits. */
export const newId = (kind: 'user' | 'token'): string => `${kind}:${randomBytes(8).toString('hex')}`;
