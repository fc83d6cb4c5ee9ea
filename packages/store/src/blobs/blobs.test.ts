import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fact, nowMs, ownFolder } from '../../test/folder.js';
import type { BlobRef } from '../journal/entry.js';
import { Journal } from '../journal/journal.js';
import { Blobs } from './blobs.js';
import { blobIndex, type RetentionPolicy, retain } from './retention.js';

const bytes = (n: number, size = 1000): Buffer => Buffer.alloc(size, n);

describe('content', () => {
  it('B-1: is kept once under its hash, and nothing half-written is left', async () => {
    const folder = await ownFolder();
    const blobs = await Blobs.open(folder);
    const [a, b] = [await blobs.put(bytes(1), 'picture'), await blobs.put(bytes(1), 'picture')];
    expect(b).toEqual(a);
    expect(a.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(await blobs.get(a.hash)).toEqual(bytes(1));
    expect(await readdir(join(folder, 'blobs', 'tmp'))).toEqual([]);
    await writeFile(join(folder, 'blobs', 'tmp', 'half'), 'x');
    await Blobs.open(folder);
    expect(await readdir(join(folder, 'blobs', 'tmp'))).toEqual([]);
  });

  it('B-1: content that cannot be written is refused and can be tried again', async () => {
    const folder = await ownFolder();
    const blobs = await Blobs.open(folder);
    // A file where the folder of the hash should be.
    const { createHash } = await import('node:crypto');
    const hash = createHash('sha256').update(bytes(3)).digest('hex');
    await writeFile(join(folder, 'blobs', hash.slice(0, 2)), '');
    await expect(blobs.put(bytes(3), 'picture')).rejects.toThrow(/EEXIST|ENOTDIR/);
    expect(await blobs.has(hash)).toBe(false);
  });

  it('B-2: what was damaged or taken away is named, and no name leaves the folder', async () => {
    const folder = await ownFolder();
    const blobs = await Blobs.open(folder);
    const { hash } = await blobs.put(bytes(1), 'picture');
    await writeFile(blobs.path(hash), bytes(2));
    await expect(blobs.get(hash)).rejects.toMatchObject({ code: 'blob-damaged' });
    await expect(blobs.get('0'.repeat(64))).rejects.toMatchObject({ code: 'blob-missing' });
    for (const name of ['../../etc/passwd', `${'0'.repeat(63)}/`, '', 'G'.repeat(64)])
      expect(() => blobs.path(name)).toThrow(RangeError);
  });
});

describe('retention', () => {
  const setUp = async () => {
    const folder = await ownFolder();
    const first = await Blobs.open(folder);
    const journal = await Journal.open(folder, { nowMs, projections: [blobIndex] });
    onTestFinished(() => journal.close());
    const refs: BlobRef[] = [];
    for (let n = 0; n < 10; n += 1) {
      const ref = await first.put(bytes(n), n < 6 ? 'picture' : 'series');
      await journal.append(fact(n, { blobs: [ref] }));
      refs.push(ref);
    }
    // Opened anew: what was put a moment ago is not removed by the instance that put it.
    const blobs = await Blobs.open(folder);
    const kept = async () => Promise.all(refs.map((ref) => blobs.has(ref.hash)));
    return { journal, blobs, refs, kept, first };
  };
  const policy = (more: Partial<RetentionPolicy>): RetentionPolicy => ({
    budgets: {},
    softFloorBytes: 0,
    hardFloorBytes: 0,
    first: ['picture', 'series'],
    ...more,
  });

  it('B-3: the oldest unpinned content of a class over its budget goes, journaled', async () => {
    const { journal, blobs, refs, kept } = await setUp();
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
    const { journal, blobs, refs, kept } = await setUp();
    await journal.append(fact(99, { blobs: [refs[0]!] }));
    await retain(journal, blobs, policy({ budgets: { picture: 5000 } }), { nowMs });
    expect((await kept()).slice(0, 2)).toEqual([true, false]);
  });

  it('B-3: what was put a moment ago stays on disk', async () => {
    const { journal, first, kept } = await setUp();
    await retain(journal, first, policy({ budgets: { picture: 0 } }), { nowMs });
    expect(await kept()).toEqual(new Array(10).fill(true));
  });

  it('B-4: below the soft floor the most dispensable class goes first, below the hard floor gates have to close', async () => {
    const { journal, blobs, kept } = await setUp();
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
    expect(await (await Blobs.open(folder)).free()).toBeGreaterThan(0);
  });
});
