import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { describe, expect, it } from 'vitest';
import { ownFolder } from '../../test/folder.js';
import {
  type Connect,
  type Database,
  openDatabase,
  openForReading,
  type Row,
  sqliteVersion,
} from './database.js';

/** The real driver, but for one answer: a build or a file that does not do what it is told. */
const lying =
  (answer: string, row: Row, closed: { is: boolean } = { is: false }): Connect =>
  (file, options) => {
    const real = new DatabaseSync(file, options ?? {}) as unknown as Database;
    return {
      exec: (sql) => real.exec(sql),
      prepare: (sql) => {
        const statement = real.prepare(sql);
        if (sql !== answer) return statement;
        return {
          run: () => ({ changes: 0 }),
          get: () => row,
          all: () => [row],
          iterate: () => [row].values(),
        };
      },
      close: () => {
        closed.is = true;
        real.close();
      },
    };
  };

const VERSION = 'SELECT sqlite_version() AS version';
const failure = (act: () => unknown): { code?: string; message: string } => {
  try {
    act();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was refused');
};

describe('a database', () => {
  it('J-2: is opened by the SQLite that comes with the driver, which is new enough', async () => {
    const db = openDatabase(join(await ownFolder(), 'a.sqlite'));
    const [major = 0, minor = 0, patch = 0] = sqliteVersion(db).split('.').map(Number);
    expect(major * 1e6 + minor * 1e3 + patch).toBeGreaterThanOrEqual(3_051_003);
    db.close();
  });

  it.each(['3.51.2', '3.50.9', '2.99.99', '3.51', ''])(
    'J-2: SQLite %j is refused, for writing and for reading, and the file is let go',
    async (version) => {
      const file = join(await ownFolder(), 'a.sqlite');
      openDatabase(file).close();
      for (const open of [
        (connect: Connect) => openDatabase(file, { connect }),
        (connect: Connect) => openForReading(file, connect),
      ]) {
        const closed = { is: false };
        expect(failure(() => open(lying(VERSION, { version }, closed)))).toMatchObject({
          code: 'sqlite-too-old',
          message: `SQLite ${version} can lose data in its write-ahead log; 3.51.3 or later is needed. Install the dependencies anew (npm ci): the driver brings its own SQLite`,
        });
        expect(closed.is).toBe(true);
      }
    },
  );

  it.each(['3.51.3', '3.52.0', '4.0.0'])('J-2: SQLite %s is taken', async (version) => {
    const file = join(await ownFolder(), 'a.sqlite');
    openDatabase(file, { connect: lying(VERSION, { version }) }).close();
  });

  it.each([
    ['PRAGMA synchronous', { synchronous: 1 }, 'journal_mode wal, synchronous 1'],
    ['PRAGMA synchronous', { synchronous: 0 }, 'journal_mode wal, synchronous 0'],
    ['PRAGMA journal_mode', { journal_mode: 'delete' }, 'journal_mode delete, synchronous 2'],
  ])('J-2: %s read back as %j is refused', async (question, row, said) => {
    const file = join(await ownFolder(), 'a.sqlite');
    const closed = { is: false };
    expect(failure(() => openDatabase(file, { connect: lying(question, row, closed) }))).toMatchObject({
      code: 'not-durable',
      message: `${file}: SQLite answers ${said}; wal and 2 are needed. Put the record on a local disk`,
    });
    expect(closed.is).toBe(true);
  });
});
