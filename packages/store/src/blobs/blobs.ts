import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobRef } from '../journal/entry.js';
import type { Database } from '../sqlite/database.js';
import { StoreError } from '../store-error.js';
import { type Inside, insideOf } from './inside.js';

const TMP = 'tmp';
/** Content put this recently may be about to be named by a row: it is not removed. */
const RECENT_MS = 60_000;
/** Content up to so many bytes rides in the commit of its row; measured in docs/decisions/0025. */
export const LARGEST_INSIDE = 64 * 1024;

/**
 * Content by its SHA-256: small content in the journal's own file, written in the transaction of the row that names it;
 * the rest in plain files, `blobs/ab/cdef…`, each a temporary file, its data synced, renamed, the folder synced. Whoever
 * reads need not know where it lies, and no row ever names nothing.
 */
export class Blobs {
  readonly #root: string;
  readonly #inside: Inside;
  readonly #made = new Set<string>();
  readonly #recent = new Map<string, number>();

  private constructor(root: string, inside: Inside) {
    this.#root = root;
    this.#inside = inside;
  }

  /** `db` is that of the journal of the same folder. Leftovers of a write that a crash cut short are cleared away. */
  static async open(folder: string, db: Database): Promise<Blobs> {
    const root = join(folder, 'blobs');
    await rm(join(root, TMP), { recursive: true, force: true });
    await mkdir(join(root, TMP), { recursive: true });
    return new Blobs(root, insideOf(db));
  }

  /**
   * For content that a row is about to name: what is small comes along in the reference and is on disk when that row is
   * acknowledged; what is larger is on disk before this returns.
   */
  async carry(bytes: Uint8Array, kind: string): Promise<BlobRef> {
    if (bytes.byteLength > LARGEST_INSIDE) return this.put(bytes, kind);
    // A copy: whoever brought it may use its buffer for the next one.
    const content = Buffer.from(bytes);
    const hash = createHash('sha256').update(content).digest('hex');
    this.#note(hash);
    return { hash, class: kind, bytes: content.byteLength, content };
  }

  /** Writes content once, to disk before it returns; the same content again costs a look. */
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
    return read(this.path(hash), hash, this.#inside);
  }

  async has(hash: string): Promise<boolean> {
    const path = this.path(hash);
    return this.#inside.has(hash) || (await stat(path).catch(() => null)) !== null;
  }

  /** Whether content was brought a moment ago, so that a row may be about to name it. */
  recent(hash: string): boolean {
    const at = this.#recent.get(hash);
    return at !== undefined && performance.now() - at < RECENT_MS;
  }

  /** Removes the file of content, if it has one; content inside the journal goes with the row that says so. */
  async remove(hash: string): Promise<void> {
    if (!this.recent(hash)) await rm(this.path(hash), { force: true });
  }

  /** Bytes that the file system can still take. */
  async free(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#root);
    return bavail * bsize;
  }

  /** @throws RangeError for anything but 64 hex digits: a name from outside never leaves the folder. */
  path(hash: string): string {
    return pathOf(this.#root, hash);
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

/**
 * Content of a folder whose site may be at work, read past it: opening `Blobs` would clear away what is being written.
 * @throws StoreError `blob-missing`, `blob-damaged`; RangeError for a name that is no hash.
 */
export async function readContent(folder: string, db: Database, hash: string): Promise<Buffer> {
  return read(pathOf(join(folder, 'blobs'), hash), hash, insideOf(db));
}

async function read(path: string, hash: string, inside: Inside): Promise<Buffer> {
  const kept = inside.get(hash);
  const bytes =
    kept === null
      ? await readFile(path).catch((error: NodeJS.ErrnoException) => {
          if (error.code === 'ENOENT')
            throw new StoreError(
              'blob-missing',
              `the content ${hash.slice(0, 12)}… is not kept here any more`,
            );
          throw error;
        })
      : Buffer.from(kept.buffer, kept.byteOffset, kept.byteLength);
  if (createHash('sha256').update(bytes).digest('hex') !== hash)
    throw new StoreError('blob-damaged', `the content ${hash.slice(0, 12)}… on disk is not what it was`);
  return bytes;
}

function pathOf(root: string, hash: string): string {
  if (!/^[0-9a-f]{64}$/.test(hash)) throw new RangeError('a content hash has 64 hex digits');
  return join(root, hash.slice(0, 2), hash.slice(2));
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
