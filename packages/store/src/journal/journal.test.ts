import { execFile } from 'node:child_process';
import { copyFile, mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fact, nowMs, ownFolder } from '../../test/folder.js';
import { openDatabase } from '../sqlite/database.js';
import { chainHash, type Entry, GENESIS } from './entry.js';
import { JOURNAL_FILE, Journal, type JournalOptions } from './journal.js';
import { SCHEMA_VERSION } from './schema.js';
import { verifyJournal } from './verify.js';

const open = async (folder: string, options: Partial<JournalOptions> = {}): Promise<Journal> => {
  const journal = await Journal.open(folder, { nowMs, ...options });
  onTestFinished(() => journal.close());
  return journal;
};

describe('the journal', () => {
  it('J-1: rows are gap-free and chained over every field', async () => {
    const journal = await open(await ownFolder());
    await Promise.all([1, 2, 3].map((n) => journal.append(fact(n))));
    const rows = journal.read({ limit: 10 });
    expect(rows.map((row) => [row.seq, row.kind])).toEqual([
      [1, 'epoch'],
      [2, 'decision'],
      [3, 'decision'],
      [4, 'decision'],
    ]);
    let previous: Uint8Array = GENESIS;
    for (const row of rows) {
      const { hash, body, ...rest } = row;
      previous = chainHash(previous, { ...rest, body: JSON.stringify(body) });
      expect(previous.toString()).toBe(Buffer.from(hash, 'hex').toString());
    }
    expect(journal.head.hash).toBe(rows[3]!.hash);
  });

  it('J-1: no two different rows hash alike', () => {
    const row = fc.record({
      seq: fc.nat(),
      epoch: fc.nat(),
      atMs: fc.integer(),
      kind: fc.string(),
      subject: fc.option(fc.string()),
      body: fc.string(),
    });
    fc.assert(
      fc.property(row, row, (a, b) => {
        const same = JSON.stringify(a) === JSON.stringify(b);
        expect(chainHash(GENESIS, a).equals(chainHash(GENESIS, b))).toBe(same);
      }),
      { seed: 3, numRuns: 300 },
    );
    const base = { seq: 1, epoch: 1, atMs: 1, kind: 'ab', subject: 'c', body: 'd' };
    for (const moved of [
      { ...base, kind: 'a', subject: 'bc' },
      { ...base, subject: 'cd', body: '' },
      { ...base, subject: null },
      { ...base, kind: 'abc', subject: '' },
    ])
      expect(chainHash(GENESIS, base).equals(chainHash(GENESIS, moved))).toBe(false);
  });

  it('J-2: waits for the disk and says so', async () => {
    const folder = await ownFolder();
    const db = openDatabase(join(folder, 'x.sqlite'));
    expect(Number(db.prepare('PRAGMA synchronous').get()!.synchronous)).toBe(2);
    expect(db.prepare('PRAGMA journal_mode').get()!.journal_mode).toBe('wal');
    db.close();
  });

  it('J-3: facts handed over together are neighbours, and a fact that is no JSON takes none along', async () => {
    const journal = await open(await ownFolder());
    const single = journal.append(fact(1));
    const pair = journal.appendAll([fact(2), fact(3)]);
    expect((await pair).map((r) => r.seq)).toEqual([3, 4]);
    expect((await single).seq).toBe(2);
    await expect(journal.appendAll([fact(4), fact(5, { body: undefined })])).rejects.toThrow(/no JSON/);
    await expect(journal.append(fact(5, { body: 'x'.repeat(1_000_001) }))).rejects.toThrow(/as a blob/);
    await expect(journal.append(fact(5, { atMs: 0.5 }))).rejects.toThrow(/whole number of ms/);
    expect(await journal.appendAll([])).toEqual([]);
    expect(journal.head.seq).toBe(4);
  });

  it('J-4: a second writer is refused', async () => {
    const folder = await ownFolder();
    await open(folder);
    await expect(Journal.open(folder, { nowMs })).rejects.toMatchObject({ code: 'journal-locked' });
  }, 10_000);

  it('J-5: too many waiting facts are refused, the others are kept', async () => {
    const journal = await open(await ownFolder(), { mostWaiting: 3 });
    const kept = [1, 2, 3].map((n) => journal.append(fact(n)));
    expect(journal.load).toEqual({ waiting: 3, most: 3 });
    await expect(journal.append(fact(4))).rejects.toMatchObject({ code: 'too-many-waiting', retry: 'later' });
    expect((await Promise.all(kept)).map((r) => r.seq)).toEqual([2, 3, 4]);
    expect((await journal.append(fact(4))).seq).toBe(5);
  });

  it('J-6: a full disk acknowledges nothing, is reported, and is over when there is room', async () => {
    const states: string[] = [];
    const folder = await ownFolder();
    const journal = await open(folder, { onState: (state) => states.push(state) });
    const pages = Number(journal.db.prepare('PRAGMA page_count').get()!.page_count);
    journal.db.exec(`PRAGMA max_page_count = ${pages + 2}`);
    const big = { body: { trace: 'x'.repeat(30_000) } };
    await expect(journal.append(fact(1, big))).rejects.toMatchObject({
      code: 'cannot-commit',
      retry: 'later',
    });
    expect([journal.state, journal.head.seq]).toEqual(['failing', 1]);
    journal.db.exec('PRAGMA max_page_count = 1000000');
    expect((await journal.append(fact(1, big))).seq).toBe(2);
    expect(states).toEqual(['failing', 'writing']);
    await journal.close();
    expect(verifyJournal(join(folder, JOURNAL_FILE))).toMatchObject({ ok: true, rows: 2 });
  });

  it('J-7: the same file goes on in its epoch, a restored or copied one begins another', async () => {
    const folder = await ownFolder();
    const first = await open(folder);
    await first.append(fact(1));
    await first.close();
    const again = await open(folder);
    expect(again.head).toMatchObject({ epoch: 1, seq: 2 });
    await again.append(fact(2));
    await again.close();
    const backup = join(folder, 'backup');
    await copyFile(join(folder, JOURNAL_FILE), backup);
    const later = await open(folder);
    await later.append(fact(3));
    await later.close();
    await rename(backup, join(folder, JOURNAL_FILE));
    const restored = await open(folder);
    expect(restored.head).toMatchObject({ epoch: 2, seq: 4 });
    expect(restored.read({ kind: 'epoch', limit: 5 }).map((row) => row.body)).toEqual([
      { reason: 'created', after: { epoch: 0, seq: 0 } },
      { reason: 'restored-or-moved', after: { epoch: 1, seq: 3 } },
    ]);
    expect((await restored.append(fact(3))).epoch).toBe(2);
    await restored.close();
    expect(verifyJournal(join(folder, JOURNAL_FILE)).ok).toBe(true);
  });

  it('J-9: only shipped rows go, and the rest still verifies', async () => {
    const folder = await ownFolder();
    const journal = await open(folder);
    for (let n = 1; n <= 20; n += 1) await journal.append(fact(n));
    expect(() => journal.trim({ upTo: 10, shippedSeq: 9 })).toThrow(/only 9 are shipped/);
    expect(() => journal.trim({ upTo: 21, shippedSeq: 30 })).toThrow(/stays/);
    journal.trim({ upTo: 10, shippedSeq: 12 });
    expect(journal.read({ limit: 1 })[0]!.seq).toBe(11);
    expect((await journal.append(fact(21))).seq).toBe(22);
    await journal.close();
    expect(verifyJournal(join(folder, JOURNAL_FILE))).toMatchObject({ ok: true, rows: 12, firstSeq: 11 });
    const again = await open(folder);
    expect(again.head.seq).toBe(22);
  });

  it('J-10: a newer schema, another program and a file that is none are refused', async () => {
    const folder = await ownFolder();
    const file = join(folder, JOURNAL_FILE);
    const journal = await open(folder);
    await journal.close();
    const db = openDatabase(file);
    db.exec(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
    db.close();
    await expect(Journal.open(folder, { nowMs })).rejects.toMatchObject({ code: 'newer-schema' });
    const other = join(folder, 'other');
    await mkdir(other);
    const strange = openDatabase(join(other, JOURNAL_FILE));
    strange.exec('CREATE TABLE recipes (name TEXT)');
    strange.close();
    await expect(Journal.open(other, { nowMs })).rejects.toMatchObject({ code: 'not-a-journal' });
    expect(() => verifyJournal(join(other, JOURNAL_FILE))).toThrow(/no journal/);
    const text = join(folder, 'text');
    await writeFile(text, 'not a database, but long enough to be looked at as one'.repeat(40));
    expect(() => verifyJournal(text)).toThrow(/no journal/);
  });

  it('J-11: followers get every row once and in order, before and after', async () => {
    const journal = await open(await ownFolder());
    for (let n = 1; n <= 5; n += 1) await journal.append(fact(n));
    const stop = new AbortController();
    const seen: number[] = [];
    const following = (async () => {
      for await (const entry of journal.follow(2, stop.signal)) {
        seen.push(entry.seq);
        if (entry.seq === 1206) stop.abort();
      }
    })();
    await journal.appendAll(Array.from({ length: 1200 }, (_, n) => fact(n)));
    await following;
    expect(seen).toEqual(Array.from({ length: 1204 }, (_, i) => i + 3));
    const closing = (async () => {
      for await (const entry of journal.follow(journal.head.seq, new AbortController().signal))
        seen.push(entry.seq);
    })();
    await journal.close();
    await closing;
    await expect(journal.append(fact(1))).rejects.toMatchObject({ code: 'closed' });
  });

  it('J-11: one who is far behind and one at the end are given the same rows as they stand in the file', async () => {
    const journal = await open(await ownFolder());
    const stop = new AbortController();
    const seen: Entry[][] = [[], []];
    const last = 1 + 6 * 450;
    const follow = async (who: number): Promise<void> => {
      for await (const entry of journal.follow(0, stop.signal)) {
        seen[who]!.push(entry);
        // The second one takes its time: the rows that it wants are no longer the newest ones.
        if (who === 1 && entry.seq % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 3));
        if (entry.seq === last) return;
      }
    };
    const both = [follow(0), follow(1)];
    for (let n = 0; n < 6; n += 1) await journal.appendAll(Array.from({ length: 450 }, (_, i) => fact(i)));
    await Promise.all(both);
    const stored = journal.read({ limit: 1e6 });
    expect(stored).toHaveLength(last);
    for (const rows of seen) expect(rows).toEqual(stored);
  });

  it('J-12: what was committed comes into the file beside the commits, and the log stays bounded', async () => {
    const folder = await ownFolder();
    const file = join(folder, JOURNAL_FILE);
    const journal = await open(folder);
    const big = { body: { trace: 'x'.repeat(100_000) } };
    const write = () => journal.appendAll(Array.from({ length: 25 }, (_, n) => fact(n, big)));
    const sizeOf = async (path: string) => (await stat(path)).size;
    // Twice, and SQLite would do it by itself, too; from here to 32 MB the thread alone does.
    await write();
    await write();
    const before = await sizeOf(file);
    for (let n = 0; n < 6; n += 1) await write();
    await expect.poll(() => sizeOf(file), { timeout: 15_000 }).toBeGreaterThan(before + 5e6);
    for (let n = 0; n < 40; n += 1) await write();
    expect(await sizeOf(`${file}-wal`)).toBeLessThan(64e6);
    await journal.close();
    expect((await stat(`${file}-wal`).catch(() => ({ size: 0 }))).size).toBe(0);
    expect(verifyJournal(file)).toMatchObject({ ok: true, rows: 1201 });
  }, 30_000);

  it('J-12: closing waits for the thread, though nothing else keeps the process', async () => {
    const store = new URL('../index.ts', import.meta.url).href;
    const code = `
      const { Journal } = await import(${JSON.stringify(store)});
      const journal = await Journal.open(${JSON.stringify(await ownFolder())}, { nowMs: () => 1 });
      const fact = { kind: 'k', subject: null, atMs: 1, body: 'x'.repeat(900000) };
      for (let n = 0; n < 8; n += 1) await journal.append(fact);
      await journal.close();
      console.log('closed');`;
    const flags = ['--conditions=@selvedge/source', '--import', 'tsx', '--input-type=module', '-e', code];
    const said = await promisify(execFile)(process.execPath, flags);
    expect(said).toEqual({ stdout: 'closed\n', stderr: '' });
  }, 30_000);

  it('reads by kind, subject and from the end', async () => {
    const journal = await open(await ownFolder());
    await journal.append(fact(1));
    await journal.append(fact(1, { kind: 'answer' }));
    await journal.append(fact(2));
    expect(journal.read({ subject: 'unit:1', limit: 9 }).map((e) => e.kind)).toEqual(['decision', 'answer']);
    expect(journal.read({ newestFirst: true, limit: 2 }).map((e) => e.seq)).toEqual([4, 3]);
    expect(journal.read({ kind: 'decision', upTo: 3, limit: 9 }).map((e) => e.seq)).toEqual([2]);
  });
});
