import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const FLUSH_BYTES = 1 << 20;

/**
 * Records of bytes in a temporary file: written once in order, read in any order. What keeps memory flat
 * however large the data set is: only an offset per record stays in memory.
 */
export class Spool {
  readonly #folder: string;
  readonly #file: FileHandle;
  readonly #ends: number[] = [];
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #written = 0;
  #size = 0;

  private constructor(folder: string, file: FileHandle) {
    this.#folder = folder;
    this.#file = file;
  }

  static async open(): Promise<Spool> {
    const folder = await mkdtemp(join(tmpdir(), 'selvedge-'));
    const file = await open(join(folder, 'spool'), 'w+');
    // Where a file lives on while it is open, nothing is left behind even by a kill.
    if (process.platform !== 'win32') await rm(folder, { recursive: true });
    return new Spool(folder, file);
  }

  async append(record: Uint8Array): Promise<void> {
    this.#size += record.byteLength;
    this.#ends.push(this.#size);
    this.#pending.push(record);
    this.#pendingBytes += record.byteLength;
    if (this.#pendingBytes >= FLUSH_BYTES) await this.#flush();
  }

  async read(index: number): Promise<Uint8Array> {
    if (this.#pendingBytes > 0) await this.#flush();
    const start = index === 0 ? 0 : (this.#ends[index - 1] ?? 0);
    const length = (this.#ends[index] ?? start) - start;
    const bytes = new Uint8Array(length);
    await this.#file.read(bytes, 0, length, start);
    return bytes;
  }

  async close(): Promise<void> {
    await this.#file.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #flush(): Promise<void> {
    const block = Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    await this.#file.write(block, 0, block.length, this.#written);
    this.#written += block.length;
  }
}

/** First 32 hex digits of the SHA-256 of some bytes. */
export const contentHash = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex').slice(0, 32);

/** SHA-256 hex over the index of a data set. */
export function indexHash(
  items: Iterable<{
    id: string;
    label: string;
    group: string | null;
    atMs: number | null;
    split: string | null;
    contentHash: string;
  }>,
): string {
  const hash: Hash = createHash('sha256');
  for (const i of items)
    hash.update(JSON.stringify([i.id, i.label, i.group, i.atMs, i.split, i.contentHash]));
  return hash.digest('hex');
}
