import { open as openFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fact, nowMs, ownFolder } from '../../test/folder.js';
import { Blobs } from '../blobs/blobs.js';
import { type Database, openDatabase } from '../sqlite/database.js';
import { JOURNAL_FILE, Journal } from './journal.js';
import { verifyJournal } from './verify.js';

/** A journal of 30 rows that somebody has laid hands on. */
async function tampered(hand: (db: Database) => void): Promise<string> {
  const folder = await ownFolder();
  const journal = await Journal.open(folder, { nowMs });
  await journal.appendAll(Array.from({ length: 29 }, (_, n) => fact(n)));
  await journal.close();
  const file = join(folder, JOURNAL_FILE);
  const db = openDatabase(file);
  hand(db);
  db.close();
  return file;
}

const faults = async (hand: (db: Database) => void) => verifyJournal(await tampered(hand)).faults;
const swap = (db: Database, a: number, b: number): void => {
  db.exec(`UPDATE journal SET seq = -1 WHERE seq = ${a}`);
  db.exec(`UPDATE journal SET seq = ${a} WHERE seq = ${b}`);
  db.exec(`UPDATE journal SET seq = ${b} WHERE seq = -1`);
};

describe('verification', () => {
  it('V-1: a journal that nobody touched is sound, and stays untouched', async () => {
    const file = await tampered(() => {});
    expect(verifyJournal(file)).toMatchObject({
      ok: true,
      rows: 30,
      firstSeq: 1,
      head: { epoch: 1, seq: 30 },
    });
    expect(verifyJournal(file).faults).toEqual([]);
  });

  it.each([
    ['body', `UPDATE journal SET body = replace(body, 'good', 'bad!') WHERE seq = 7`],
    ['time', 'UPDATE journal SET at_ms = at_ms + 1 WHERE seq = 7'],
    ['subject', `UPDATE journal SET subject = 'unit:99' WHERE seq = 7`],
    ['kind', `UPDATE journal SET kind = 'decisioN' WHERE seq = 7`],
  ])('V-1: a changed %s is named', async (_, sql) => {
    expect(await faults((db) => db.exec(sql))).toEqual([{ what: 'changed', seq: 7 }]);
  });

  it('V-1: a changed hash is told from a changed row', async () => {
    expect(await faults((db) => db.exec('UPDATE journal SET hash = zeroblob(32) WHERE seq = 7'))).toEqual([
      { what: 'hash-changed', seq: 7 },
    ]);
  });

  it('V-1: removed rows are named with their range', async () => {
    expect(await faults((db) => db.exec('DELETE FROM journal WHERE seq BETWEEN 5 AND 8'))).toEqual([
      { what: 'removed', fromSeq: 5, toSeq: 8 },
    ]);
    expect(await faults((db) => db.exec('DELETE FROM journal WHERE seq = 1'))).toEqual([
      { what: 'removed', fromSeq: 1, toSeq: 1 },
    ]);
  });

  it('V-1: re-ordered rows are named with the place where they belong', async () => {
    for (const [a, b] of [
      [5, 6],
      [5, 9],
      [2, 29],
    ] as const) {
      expect(await faults((db) => swap(db, a, b))).toEqual([
        { what: 're-ordered', seq: a, belongsAt: b },
        { what: 're-ordered', seq: b, belongsAt: a },
      ]);
    }
  });

  it('V-1: an epoch that goes back is named', async () => {
    const found = await faults((db) => db.exec('UPDATE journal SET epoch = 2 WHERE seq = 7'));
    expect(found).toContainEqual({ what: 'epoch-went-back', seq: 8 });
    expect(found).toContainEqual({ what: 'changed', seq: 7 });
  });

  it('V-1: every single flipped bit of a row is found', async () => {
    for (let bit = 0; bit < 8; bit += 1) {
      const found = await faults((db) => {
        const body = String(db.prepare('SELECT body FROM journal WHERE seq = 12').get()!.body);
        const bytes = Buffer.from(body);
        bytes[3]! ^= 1 << bit;
        db.prepare('UPDATE journal SET body = ? WHERE seq = 12').run(bytes.toString('latin1'));
      });
      expect(found).toEqual([{ what: 'changed', seq: 12 }]);
    }
  });

  it('V-1: a damaged file is a verdict and no crash', async () => {
    const file = await tampered(() => {});
    const handle = await openFile(file, 'r+');
    const { size } = await handle.stat();
    await handle.write(Buffer.alloc(Math.floor(size / 2), 0x5a), 0, Math.floor(size / 2), 4096);
    await handle.close();
    const verdict = verifyJournal(file);
    expect(verdict.ok).toBe(false);
    expect(verdict.faults.length).toBeGreaterThan(0);
  });

  it('V-2: rows cut off at the end are found by the head that was written down', async () => {
    const file = await tampered(() => {});
    const head = verifyJournal(file).head!.hash;
    expect(verifyJournal(file, { head }).ok).toBe(true);
    const db = openDatabase(file);
    db.exec('DELETE FROM journal WHERE seq > 25');
    db.close();
    expect(verifyJournal(file).ok).toBe(true);
    expect(verifyJournal(file, { head }).faults).toMatchObject([{ what: 'other-head', expected: head }]);
  });
});

describe('verification of content in the file', () => {
  /** Ten contents, the first two given up, and a hand on them. */
  async function withContent(hand: (db: Database) => void) {
    const folder = await ownFolder();
    const journal = await Journal.open(folder, { nowMs });
    const blobs = await Blobs.open(folder, journal.db);
    const refs = [];
    for (let n = 0; n < 10; n += 1) {
      const ref = await blobs.carry(Buffer.alloc(9000, n), 'series');
      refs.push(ref.hash);
      await journal.append(fact(n, { blobs: [ref] }));
    }
    const hashes = refs.slice(0, 2);
    await journal.append(fact(10, { kind: 'blob-evicted', body: { hashes }, drops: hashes }));
    await journal.close();
    const file = join(folder, JOURNAL_FILE);
    const db = openDatabase(file);
    hand(db);
    db.close();
    return { file, refs };
  }

  it('V-3: what is there is what was named, and what was given up is not missed', async () => {
    const { file } = await withContent(() => {});
    expect(verifyJournal(file)).toMatchObject({ ok: true, rows: 12, contents: 8 });
    expect(verifyJournal(file, { newest: 4 })).toMatchObject({ ok: true, contents: 3 });
  });

  it('V-3: a single flipped bit is named', async () => {
    const { file, refs } = await withContent((db) => {
      const bytes = Buffer.alloc(9000, 5);
      bytes[4321]! ^= 8;
      db.prepare('UPDATE content SET bytes = ? WHERE id = 6').run(bytes);
    });
    expect(verifyJournal(file).faults).toEqual([{ what: 'content-changed', hash: refs[5] }]);
    expect(verifyJournal(file, { newest: 4 }).ok).toBe(true);
    expect(verifyJournal(file, { newest: 8 }).ok).toBe(false);
  });

  it('V-3: content that was taken out is missed, with the row that names it', async () => {
    const { file, refs } = await withContent((db) => db.exec('DELETE FROM content WHERE id = 6'));
    const missing = [{ what: 'content-missing', hash: refs[5], seq: 7 }];
    expect(verifyJournal(file).faults).toEqual(missing);
  });

  it('V-3: content that was given up and named again has to be there again', async () => {
    const folder = await ownFolder();
    const journal = await Journal.open(folder, { nowMs });
    const blobs = await Blobs.open(folder, journal.db);
    const content = await blobs.carry(Buffer.alloc(9000, 1), 'series');
    const { hash } = content;
    await journal.append(fact(1, { blobs: [content] }));
    await journal.append(fact(2, { kind: 'blob-evicted', body: { hashes: [hash] }, drops: [hash] }));
    expect(await blobs.has(hash)).toBe(false);
    await journal.append(fact(3, { blobs: [content] }));
    await journal.close();
    const file = join(folder, JOURNAL_FILE);
    expect(verifyJournal(file)).toMatchObject({ ok: true, contents: 1 });
    const db = openDatabase(file);
    db.exec('DELETE FROM content');
    db.close();
    expect(verifyJournal(file).faults).toEqual([{ what: 'content-missing', hash, seq: 4 }]);
  });
});
