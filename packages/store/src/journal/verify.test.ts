import { open as openFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fact, nowMs, ownFolder } from '../../test/folder.js';
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
