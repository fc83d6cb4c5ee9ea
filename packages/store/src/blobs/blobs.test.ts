import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fact, nowMs, ownFolder } from '../../test/folder.js';
import type { BlobRef } from '../journal/entry.js';
import { JOURNAL_FILE, Journal } from '../journal/journal.js';
import { verifyJournal } from '../journal/verify.js';
import { openForReading } from '../sqlite/database.js';
import { Blobs, LARGEST_INSIDE, readContent } from './blobs.js';
import { blobIndex, type RetentionPolicy, retain } from './retention.js';

const bytes = (n: number, size = 1000): Buffer => Buffer.alloc(size, n);

async function openBoth(folder: string): Promise<{ journal: Journal; blobs: Blobs }> {
  const journal = await Journal.open(folder, { nowMs, projections: [blobIndex] });
  onTestFinished(() => journal.close());
  return { journal, blobs: await Blobs.open(folder, journal.db) };
}

describe('content', () => {
  it('B-1: is kept once under its hash, and nothing half-written is left', async () => {
    const folder = await ownFolder();
    const { blobs, journal } = await openBoth(folder);
    const [a, b] = [await blobs.put(bytes(1), 'picture'), await blobs.put(bytes(1), 'picture')];
    expect(b).toEqual(a);
    expect(a.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(await blobs.get(a.hash)).toEqual(bytes(1));
    expect(await readdir(join(folder, 'blobs', 'tmp'))).toEqual([]);
    await writeFile(join(folder, 'blobs', 'tmp', 'half'), 'x');
    await Blobs.open(folder, journal.db);
    expect(await readdir(join(folder, 'blobs', 'tmp'))).toEqual([]);
  });

  it('B-1: content that cannot be written is refused and can be tried again', async () => {
    const folder = await ownFolder();
    const { blobs } = await openBoth(folder);
    // A file where the folder of the hash should be.
    const { createHash } = await import('node:crypto');
    const hash = createHash('sha256').update(bytes(3)).digest('hex');
    await writeFile(join(folder, 'blobs', hash.slice(0, 2)), '');
    await expect(blobs.put(bytes(3), 'picture')).rejects.toThrow(/EEXIST|ENOTDIR/);
    expect(await blobs.has(hash)).toBe(false);
  });

  it('B-2: what was damaged or taken away is named, and no name leaves the folder', async () => {
    const folder = await ownFolder();
    const { blobs } = await openBoth(folder);
    const { hash } = await blobs.put(bytes(1), 'picture');
    await writeFile(blobs.path(hash), bytes(2));
    await expect(blobs.get(hash)).rejects.toMatchObject({ code: 'blob-damaged' });
    await expect(blobs.get('0'.repeat(64))).rejects.toMatchObject({ code: 'blob-missing' });
    for (const name of ['../../etc/passwd', `${'0'.repeat(63)}/`, '', 'G'.repeat(64)])
      expect(() => blobs.path(name)).toThrow(RangeError);
  });
});

describe('small content', () => {
  it('B-1: is written by the commit of its row, once, and is there for whoever reads, as large content is', async () => {
    const folder = await ownFolder();
    const { journal, blobs } = await openBoth(folder);
    const [small, large] = [bytes(1, LARGEST_INSIDE), bytes(1, LARGEST_INSIDE + 1)];
    const refs = [await blobs.carry(small, 'picture'), await blobs.carry(large, 'picture')];
    const there = async () => Promise.all(refs.map(({ hash }) => blobs.has(hash)));
    // Large content is on disk before its row, small content with it: never after.
    expect(await there()).toEqual([false, true]);
    await journal.append(fact(1, { blobs: refs }));
    expect(await there()).toEqual([true, true]);
    expect(await blobs.get(refs[0]!.hash)).toEqual(small);
    expect(await blobs.get(refs[1]!.hash)).toEqual(large);
    expect((await readdir(join(folder, 'blobs'))).sort()).toEqual([refs[1]!.hash.slice(0, 2), 'tmp']);
    await journal.append(fact(2, { blobs: [await blobs.carry(small, 'picture')] }));
    const count = (table: string) =>
      Number(journal.db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n);
    expect([count('content'), count('blob'), count('journal_blob')]).toEqual([1, 2, 3]);
    const db = openForReading(join(folder, JOURNAL_FILE));
    onTestFinished(() => db.close());
    for (const [i, { hash }] of refs.entries())
      expect(await readContent(folder, db, hash)).toEqual([small, large][i]);
    await expect(readContent(folder, db, '0'.repeat(64))).rejects.toMatchObject({ code: 'blob-missing' });
  });

  it('B-1: is what it was when it was brought, though its buffer is used again before the commit', async () => {
    const { journal, blobs } = await openBoth(await ownFolder());
    const buffer = bytes(1);
    const ref = await blobs.carry(buffer, 'series');
    buffer.fill(2);
    await journal.append(fact(1, { blobs: [ref] }));
    expect(await blobs.get(ref.hash)).toEqual(bytes(1));
  });

  it('B-1, J-6: a full disk takes neither the row nor its content, and both when there is room', async () => {
    const folder = await ownFolder();
    const { journal, blobs } = await openBoth(folder);
    const pages = Number(journal.db.prepare('PRAGMA page_count').get()!.page_count);
    journal.db.exec(`PRAGMA max_page_count = ${pages + 2}`);
    const ref = await blobs.carry(bytes(1, 60_000), 'picture');
    await expect(journal.append(fact(1, { blobs: [ref] }))).rejects.toMatchObject({ code: 'cannot-commit' });
    const named = () => Number(journal.db.prepare('SELECT count(*) AS n FROM journal_blob').get()!.n);
    expect([named(), await blobs.has(ref.hash)]).toEqual([0, false]);
    journal.db.exec('PRAGMA max_page_count = 1000000');
    await journal.append(fact(1, { blobs: [ref] }));
    expect([named(), await blobs.has(ref.hash)]).toEqual([1, true]);
    await journal.close();
    expect(verifyJournal(join(folder, JOURNAL_FILE))).toMatchObject({ ok: true, contents: 1 });
  });

  it('B-1: is no fold: what is made anew from the rows leaves it where it is', async () => {
    const { journal, blobs } = await openBoth(await ownFolder());
    const ref = await blobs.carry(bytes(1), 'series');
    await journal.append(fact(1, { blobs: [ref] }));
    journal.rebuild([blobIndex]);
    expect(await blobs.get(ref.hash)).toEqual(bytes(1));
  });

  it('B-2: what was damaged is named', async () => {
    const { journal, blobs } = await openBoth(await ownFolder());
    const { hash } = await blobs.carry(bytes(1), 'series').then(async (ref) => {
      await journal.append(fact(1, { blobs: [ref] }));
      return ref;
    });
    journal.db.exec('UPDATE content SET bytes = zeroblob(1000)');
    await expect(blobs.get(hash)).rejects.toMatchObject({ code: 'blob-damaged' });
  });

  it('J-5: too much of it that waits for the disk is refused', async () => {
    const { journal, blobs } = await openBoth(await ownFolder());
    const content = await blobs.carry(bytes(1, LARGEST_INSIDE), 'picture');
    const kept = Array.from({ length: 1023 }, (_, n) => journal.append(fact(n, { blobs: [content] })));
    await expect(journal.append(fact(1, { blobs: [content] }))).rejects.toMatchObject({
      code: 'too-many-waiting',
      retry: 'later',
    });
    await Promise.all(kept);
    await journal.append(fact(1, { blobs: [content] }));
  });

  it('B-3: room that it leaves is used again before the file grows, and goes back to a disk that is short', async () => {
    const folder = await ownFolder();
    const { journal, blobs } = await openBoth(folder);
    const fill = async (from: number) => {
      for (let n = from; n < from + 40; n += 1)
        await journal.append(fact(n, { blobs: [await blobs.carry(bytes(n, 50_000), 'picture')] }));
    };
    const size = async () => {
      journal.db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      return (await stat(join(folder, JOURNAL_FILE))).size;
    };
    await fill(0);
    const full = await size();
    const rules = { budgets: { picture: 0 }, softFloorBytes: 0, hardFloorBytes: 0, first: [] };
    // Another instance has brought none of it a moment ago.
    const looking = await Blobs.open(folder, journal.db);
    expect(await retain(journal, looking, rules, { nowMs })).toMatchObject({
      ...{ evicted: 40, freedBytes: 2_000_000 },
    });
    expect(journal.reusableBytes).toBeGreaterThan(1_900_000);
    await fill(100);
    expect(await size()).toBeLessThan(full * 1.05);
    await retain(journal, await Blobs.open(folder, journal.db), rules, { nowMs });
    // Reusable room is room for the record: nothing closes though the disk itself has less than the floor.
    const floors = { ...rules, hardFloorBytes: 1e6 };
    const reusable = journal.reusableBytes;
    const freeBytes = async () => 900_000 + reusable - journal.reusableBytes;
    expect(await retain(journal, looking, floors, { nowMs, freeBytes })).toMatchObject({
      closed: false,
      freeBytes: 900_000,
    });
    // Only a disk that is short gets it back.
    const report = await retain(journal, looking, { ...floors, softFloorBytes: 5e6 }, { nowMs, freeBytes });
    expect(report).toMatchObject({ evicted: 0, closed: false, freeBytes: 900_000 + reusable });
    expect(journal.reusableBytes).toBe(0);
    expect(await size()).toBeLessThan(full / 5);
  });
});

async function tenContents(way: 'put' | 'carry') {
  const folder = await ownFolder();
  const { journal, blobs: first } = await openBoth(folder);
  const refs: BlobRef[] = [];
  for (let n = 0; n < 10; n += 1) {
    const ref = await first[way](bytes(n), n < 6 ? 'picture' : 'series');
    await journal.append(fact(n, { blobs: [ref] }));
    refs.push(ref);
  }
  // Opened anew: what was put a moment ago is not removed by the instance that put it.
  const blobs = await Blobs.open(folder, journal.db);
  const kept = async () => Promise.all(refs.map((ref) => blobs.has(ref.hash)));
  return { journal, blobs, refs, kept, first };
}

const policy = (more: Partial<RetentionPolicy>): RetentionPolicy => ({
  budgets: {},
  softFloorBytes: 0,
  hardFloorBytes: 0,
  first: ['picture', 'series'],
  ...more,
});

describe.each(['put', 'carry'] as const)('retention of content that was %s', (way) => {
  it('B-3: the oldest unpinned content of a class over its budget goes, journaled', async () => {
    const { journal, blobs, refs, kept } = await tenContents(way);
    await journal.append({
      kind: 'blob-pinned',
      subject: null,
      atMs: 1,
      body: { hash: refs[0]!.hash, pinned: true },
    });
    const report = await retain(journal, blobs, policy({ budgets: { picture: 3000 } }), { nowMs });
    expect(report).toMatchObject({ evicted: 3, freedBytes: 3000, closed: false });
    expect(await kept()).toEqual([true, false, false, false, true, true, true, true, true, true]);
    const [row] = journal.read({ kind: 'blob-evicted', limit: 2 });
    expect(row!.body).toMatchObject({
      class: 'picture',
      why: 'budget',
      hashes: refs.slice(1, 4).map((r) => r.hash),
    });
    expect((await retain(journal, blobs, policy({ budgets: { picture: 3000 } }), { nowMs })).evicted).toBe(0);
  });

  it('B-3: content that is named again counts as new', async () => {
    const { journal, blobs, refs, kept } = await tenContents(way);
    await journal.append(fact(99, { blobs: [refs[0]!] }));
    await retain(journal, blobs, policy({ budgets: { picture: 5000 } }), { nowMs });
    expect((await kept()).slice(0, 2)).toEqual([true, false]);
    // What a class takes is counted as content comes and goes, and comes again.
    const counted = () => journal.db.prepare(`SELECT bytes FROM blob_kept WHERE class = 'picture'`).get();
    const summed = () =>
      journal.db
        .prepare(`SELECT sum(bytes) AS bytes FROM blob WHERE class = 'picture' AND evicted = 0`)
        .get();
    expect(counted()).toEqual(summed());
    await journal.append(fact(100, { blobs: [refs[1]!] }));
    expect(counted()).toEqual({ ...summed(), bytes: 6000 });
  });

  it('B-3: what was put a moment ago stays on disk', async () => {
    const { journal, first, kept } = await tenContents(way);
    await retain(journal, first, policy({ budgets: { picture: 0 } }), { nowMs });
    expect(await kept()).toEqual(new Array(10).fill(true));
  });
});

describe('the floors of free space', () => {
  it('B-4: below the soft floor the most dispensable class goes first, below the hard floor gates have to close', async () => {
    const { journal, blobs, kept } = await tenContents('put');
    let free = 2000;
    const remove = blobs.remove.bind(blobs);
    blobs.remove = async (hash) => {
      free += 1000;
      return remove(hash);
    };
    const report = await retain(journal, blobs, policy({ softFloorBytes: 9000, hardFloorBytes: 1000 }), {
      nowMs,
      freeBytes: async () => free,
    });
    expect(report).toMatchObject({ evicted: 7, closed: false, freeBytes: 9000 });
    expect(await kept()).toEqual([...new Array(7).fill(false), true, true, true]);
    free = -1e6;
    const full = await retain(journal, blobs, policy({ softFloorBytes: 9000, hardFloorBytes: 1000 }), {
      nowMs,
      freeBytes: async () => free,
    });
    expect(full).toMatchObject({ closed: true });
  });

  it('measures the free space of its own file system', async () => {
    const folder = await ownFolder();
    await mkdir(folder, { recursive: true });
    expect(await (await openBoth(folder)).blobs.free()).toBeGreaterThan(0);
  });
});
