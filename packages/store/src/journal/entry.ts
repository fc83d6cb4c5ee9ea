import { createHash } from 'node:crypto';

/** One fact, as it is handed to the journal. */
export interface Fact {
  /** What happened, e.g. `decision`, `answer`, `certificate`. */
  readonly kind: string;
  /** What it happened to, e.g. a unit's id; null where it is about the site. */
  readonly subject: string | null;
  /** Epoch ms of the site's clock. */
  readonly atMs: number;
  /** Plain JSON. */
  readonly body: unknown;
  /** Content that this row names: it stands on disk already, or comes along and is written in the row's transaction. */
  readonly blobs?: readonly BlobRef[];
  /** Hashes of content that leaves the journal's own file in the transaction of this row. */
  readonly drops?: readonly string[];
}

/** Content beside the rows, named by its SHA-256. */
export interface BlobRef {
  /** 64 hex digits. */
  readonly hash: string;
  /** What retention decides by, e.g. `picture`, `series`. */
  readonly class: string;
  readonly bytes: number;
  /** Bytes that are on disk once the row that names them is; absent where they stand there already. */
  readonly content?: Uint8Array;
}

/** Where a fact stands: acknowledged once this is in somebody's hands. */
export interface Receipt {
  readonly epoch: number;
  readonly seq: number;
  /** 64 hex digits. */
  readonly hash: string;
}

/** One row of the journal. */
export interface Entry extends Receipt {
  readonly kind: string;
  readonly subject: string | null;
  readonly atMs: number;
  readonly body: unknown;
}

/** A row as it is stored: the text of `body` is what was hashed. */
export interface StoredEntry {
  readonly seq: number;
  readonly epoch: number;
  readonly atMs: number;
  readonly kind: string;
  readonly subject: string | null;
  readonly body: string;
  readonly hash: Uint8Array;
}

/** What the first row of a journal follows. */
export const GENESIS = new Uint8Array(32);

/**
 * SHA-256 over the hash before and every field of the row, each with its length, so that no two different rows have
 * the same input: previous hash (32 bytes), epoch, seq, atMs (big-endian 64-bit), then kind, subject and body as UTF-8
 * behind their byte lengths (big-endian 32-bit; a missing subject has the length 2^32 - 1).
 */
export function chainHash(previous: Uint8Array, row: Omit<StoredEntry, 'hash'>): Buffer {
  const hash = createHash('sha256').update(previous);
  const numbers = Buffer.alloc(24);
  numbers.writeBigUInt64BE(BigInt(row.epoch), 0);
  numbers.writeBigUInt64BE(BigInt(row.seq), 8);
  numbers.writeBigInt64BE(BigInt(row.atMs), 16);
  hash.update(numbers);
  for (const text of [row.kind, row.subject, row.body]) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(text === null ? 0xffff_ffff : Buffer.byteLength(text));
    hash.update(length);
    if (text !== null) hash.update(text);
  }
  return hash.digest();
}
