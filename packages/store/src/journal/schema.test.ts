import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { nowMs, ownFolder } from '../../test/folder.js';
import { Blobs } from '../blobs/blobs.js';
import { blobIndex } from '../blobs/retention.js';
import { type Database, openDatabase } from '../sqlite/database.js';
import { JOURNAL_FILE, Journal } from './journal.js';
import { MIGRATIONS, type Migration, migrate, SCHEMA_VERSION } from './schema.js';
import { verifyJournal } from './verify.js';

const FIXTURES = fileURLToPath(new URL('../../test/fixtures', import.meta.url));

/** A journal as the code of a schema wrote it, in a folder of its own, and what was known of it then. */
async function written(schema: number) {
  const folder = await ownFolder();
  const file = join(folder, JOURNAL_FILE);
  await mkdir(folder, { recursive: true });
  await copyFile(join(FIXTURES, `schema-${schema}.sqlite`), file);
  const known = JSON.parse(await readFile(join(FIXTURES, `schema-${schema}.json`), 'utf8')) as {
    head: { epoch: number; seq: number; hash: string };
    rows: number;
    blobs: number;
    /** Contents in the file itself, since schema 2. */
    contents?: number;
  };
  return { folder, file, known };
}

const versionOf = (db: Database): number => Number(db.prepare('PRAGMA user_version').get()?.user_version);

/** Steps of a future that is made up. */
const FUTURE: readonly Migration[] = [
  ...MIGRATIONS,
  {
    name: `${SCHEMA_VERSION + 1}-origin`,
    sql: `ALTER TABLE journal ADD COLUMN origin TEXT NOT NULL DEFAULT 'live'`,
  },
  { name: `${SCHEMA_VERSION + 2}-index`, sql: 'CREATE INDEX journal_origin ON journal (origin, seq)' },
];

describe.each(MIGRATIONS.map((_, i) => i + 1))('a journal of schema %i', (schema) => {
  it('J-10: is opened, verified, folded anew and written on by the code of today', async () => {
    const { folder, file, known } = await written(schema);
    expect(verifyJournal(file, { head: known.head.hash })).toMatchObject({
      ...{ ok: true, rows: known.rows, contents: known.contents ?? 0 },
    });
    const journal = await Journal.open(folder, { nowMs, projections: [blobIndex] });
    // A copy is another file: its rows go on in a new epoch.
    expect(journal.head).toMatchObject({ epoch: known.head.epoch + 1, seq: known.head.seq + 1 });
    const blobs = (): unknown[] => journal.db.prepare('SELECT * FROM blob ORDER BY hash').all();
    const before = blobs();
    expect(before).toHaveLength(known.blobs);
    journal.rebuild([blobIndex]);
    expect(blobs()).toEqual(before);
    const store = await Blobs.open(folder, journal.db);
    const content = await store.carry(Buffer.from('content of today'), 'series');
    await journal.append({ kind: 'decision', subject: 'unit:new', atMs: 1, body: {}, blobs: [content] });
    expect(await store.get(content.hash)).toEqual(Buffer.from('content of today'));
    expect(versionOf(journal.db)).toBe(SCHEMA_VERSION);
    await journal.close();
    expect(verifyJournal(file)).toMatchObject({
      ...{ ok: true, rows: known.rows + 2, contents: (known.contents ?? 0) + 1 },
    });
  });

  it('J-10: goes through every step to come, each once, its rows and their hashes untouched', async () => {
    const { file, known } = await written(schema);
    const db = openDatabase(file);
    const rows = (): unknown[] => db.prepare('SELECT seq, kind, body, hash FROM journal ORDER BY seq').all();
    const before = rows();
    migrate(db, file, { migrations: FUTURE });
    migrate(db, file, { migrations: FUTURE });
    expect(versionOf(db)).toBe(FUTURE.length);
    expect(rows()).toEqual(before);
    expect(db.prepare('SELECT count(*) AS n FROM journal WHERE origin = ?').get('live')).toEqual({
      n: known.rows,
    });
    db.close();
  });
});

describe('the steps between schemas', () => {
  it('J-10: one that fails is named and leaves the schema before it, whole', async () => {
    const { file, known } = await written(1);
    const db = openDatabase(file);
    const broken = [
      ...FUTURE,
      { name: `${FUTURE.length + 1}-half`, sql: 'DELETE FROM journal; CREATE TABLE journal (seq INTEGER)' },
    ];
    expect(() => migrate(db, file, { migrations: broken })).toThrow(
      expect.objectContaining({ code: 'cannot-migrate', message: expect.stringMatching(/-half failed/) }),
    );
    expect(versionOf(db)).toBe(FUTURE.length);
    expect(db.prepare('SELECT count(*) AS n FROM journal').get()).toEqual({ n: known.rows });
    db.close();
  });

  it('J-10: stand in order without a gap', async () => {
    const { file } = await written(1);
    const db = openDatabase(file);
    const gap = [...MIGRATIONS, { name: `${SCHEMA_VERSION + 2}-late`, sql: '' }];
    expect(() => migrate(db, file, { migrations: gap })).toThrow(/late stands at place/);
    db.close();
  });

  it('J-10: a journal of the future is refused by whoever opens or verifies it, and stays as it is', async () => {
    const { folder, file } = await written(1);
    const db = openDatabase(file);
    migrate(db, file, { migrations: FUTURE });
    db.close();
    const said = new RegExp(
      `has schema ${FUTURE.length}, this version knows ${SCHEMA_VERSION}. Run the newer`,
    );
    await expect(Journal.open(folder, { nowMs })).rejects.toThrow(said);
    expect(() => verifyJournal(file)).toThrow(said);
    const after = openDatabase(file);
    expect(versionOf(after)).toBe(FUTURE.length);
    after.close();
  });
});
