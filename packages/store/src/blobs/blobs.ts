import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobRef } from '../journal/entry.js';
import { StoreError } from '../store-error.js';

const TMP = 'tmp';
/** Content put this recently may be about to be named by a row: it is not removed. */
const RECENT_MS = 60_000;

/**
 * Content by its SHA-256 in plain files: `blobs/ab/cdef…`. What `put` has returned is on disk, so a row that names it
 * never names nothing: temporary file, its data synced, renamed, the folder synced.
 */
export class Blobs {
  readonly #root: string;
  readonly #made = new Set<string>();
  readonly #recent = new Map<string, number>();

  private constructor(root: string) {
    this.#root = root;
  }

  /** Leftovers of a write that a crash cut short are cleared away. */
  static async open(folder: string): Promise<Blobs> {
    const root = join(folder, 'blobs');
    await rm(join(root, TMP), { recursive: true, force: true });
    await mkdir(join(root, TMP), { recursive: true });
    return new Blobs(root);
  }

  /** Writes content once; the same content again costs a look. */
  async put(bytes: Uint8Array, kind: string): Promise<BlobRef> {
    const hash = createHash('sha256').update(bytes).digest('hex');
    const ref = { hash, class: kind, bytes: bytes.byteLength };
    const target = this.path(hash);
    this.#note(hash);
    const known = await stat(target).catch(() => null);
    if (known?.size === bytes.byteLength) return ref;
    await this.#folderOf(hash);
    const temporary = join(this.#root, TMP, randomBytes(12).toString('hex'));
    try {
      const file = await open(temporary, 'wx');
      try {
        await file.writeFile(bytes);
        await file.datasync();
      } finally {
        await file.close();
      }
      await rename(temporary, target);
      await syncFolder(join(this.#root, hash.slice(0, 2)));
    } catch (error) {
      await rm(temporary, { force: true });
      const why = error instanceof Error ? error.message : String(error);
      throw new StoreError('cannot-commit', `content cannot be written: ${why}`, {
        retry: 'later',
        cause: error,
      });
    }
    return ref;
  }

  /**
   * Reads content and checks it against its name.
   * @throws StoreError `blob-missing` (never kept here, or retention took it), `blob-damaged`.
   */
  async get(hash: string): Promise<Buffer> {
    const bytes = await readFile(this.path(hash)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT')
        throw new StoreError('blob-missing', `the content ${hash.slice(0, 12)}… is not kept here any more`);
      throw error;
    });
    if (createHash('sha256').update(bytes).digest('hex') !== hash)
      throw new StoreError('blob-damaged', `the content ${hash.slice(0, 12)}… on disk is not what it was`);
    return bytes;
  }

  async has(hash: string): Promise<boolean> {
    return (await stat(this.path(hash)).catch(() => null)) !== null;
  }

  /** Removes content; false if there was none, or if it was put a moment ago. */
  async remove(hash: string): Promise<boolean> {
    const put = this.#recent.get(hash);
    if (put !== undefined && performance.now() - put < RECENT_MS) return false;
    if (!(await this.has(hash))) return false;
    await rm(this.path(hash), { force: true });
    return true;
  }

  /** Bytes that the file system can still take. */
  async free(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#root);
    return bavail * bsize;
  }

  /** @throws RangeError for anything but 64 hex digits: a name from outside never leaves the folder. */
  path(hash: string): string {
    if (!/^[0-9a-f]{64}$/.test(hash)) throw new RangeError('a content hash has 64 hex digits');
    return join(this.#root, hash.slice(0, 2), hash.slice(2));
  }

  #note(hash: string): void {
    const now = performance.now();
    this.#recent.delete(hash);
    this.#recent.set(hash, now);
    for (const [old, at] of this.#recent) {
      if (now - at < RECENT_MS) break;
      this.#recent.delete(old);
    }
  }

  async #folderOf(hash: string): Promise<void> {
    const name = hash.slice(0, 2);
    if (this.#made.has(name)) return;
    await mkdir(join(this.#root, name), { recursive: true });
    await syncFolder(this.#root);
    this.#made.add(name);
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
