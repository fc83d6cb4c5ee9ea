import type { Journal } from '../journal/journal.js';
import type { Projection } from '../projections/projection.js';
import type { Blobs } from './blobs.js';

/** How much disk content may take, and what goes first. */
export interface RetentionPolicy {
  /** Bytes that each class may take; the oldest unpinned content of a class goes first. A class without a budget stays. */
  readonly budgets: Readonly<Record<string, number>>;
  /** Below this much free space classes are thinned in the order of `first`, whatever their budgets. */
  readonly softFloorBytes: number;
  /** Below this much the record itself is in danger: the gates have to close. */
  readonly hardFloorBytes: number;
  /** Classes from the most to the least dispensable. */
  readonly first: readonly string[];
}

/**
 * Content named by rows, by age and class: kind `blob-evicted` takes one away, `blob-pinned` (body `{hash, pinned}`)
 * keeps one whatever its age.
 */
export const blobIndex: Projection = {
  name: 'blob',
  version: 2,
  tables: ['blob', 'blob_kept'],
  create: (db) => {
    db.exec(`CREATE TABLE blob (
      hash TEXT PRIMARY KEY, class TEXT NOT NULL, bytes INTEGER NOT NULL, first_seq INTEGER NOT NULL,
      last_seq INTEGER NOT NULL, pinned INTEGER NOT NULL DEFAULT 0, evicted INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX blob_age ON blob (class, evicted, pinned, last_seq);
    CREATE TABLE blob_kept (class TEXT PRIMARY KEY, bytes INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TRIGGER blob_came AFTER INSERT ON blob BEGIN
      INSERT INTO blob_kept VALUES (new.class, new.bytes)
        ON CONFLICT (class) DO UPDATE SET bytes = bytes + excluded.bytes;
    END;
    CREATE TRIGGER blob_went AFTER UPDATE OF evicted ON blob WHEN new.evicted <> old.evicted BEGIN
      UPDATE blob_kept SET bytes = bytes + CASE new.evicted WHEN 0 THEN new.bytes ELSE -new.bytes END
        WHERE class = new.class;
    END;`);
  },
  prepare: (db) => {
    const named = db.prepare('SELECT hash, class, bytes FROM journal_blob WHERE seq = ?');
    const keep = db.prepare(
      `INSERT INTO blob (hash, class, bytes, first_seq, last_seq) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (hash) DO UPDATE SET last_seq = excluded.last_seq, evicted = 0`,
    );
    const evict = db.prepare('UPDATE blob SET evicted = 1 WHERE hash = ?');
    const pin = db.prepare('UPDATE blob SET pinned = ? WHERE hash = ?');
    return ({ seq, kind, body }) => {
      for (const b of named.all(seq)) keep.run(b.hash!, b.class!, b.bytes!, seq, seq);
      if (kind === 'blob-evicted') for (const hash of (body as { hashes: string[] }).hashes) evict.run(hash);
      if (kind === 'blob-pinned') {
        const { hash, pinned } = body as { hash: string; pinned: boolean };
        pin.run(pinned ? 1 : 0, hash);
      }
    };
  },
};

export interface RetentionReport {
  readonly evicted: number;
  readonly freedBytes: number;
  readonly freeBytes: number;
  /** True below the hard floor: nothing more can be given up. */
  readonly closed: boolean;
}

/** Content given up between two looks at the free space. */
const CHUNK = 64;

/**
 * Brings content back into its budgets. What goes is journaled first, so that nobody looks for it later without
 * finding out why it is gone; pinned content never goes.
 */
export async function retain(
  journal: Journal,
  blobs: Blobs,
  policy: RetentionPolicy,
  { nowMs, freeBytes = () => blobs.free() }: { nowMs: () => number; freeBytes?: () => Promise<number> },
): Promise<RetentionReport> {
  const oldest = journal.db.prepare(
    'SELECT hash, bytes FROM blob WHERE class = ? AND evicted = 0 AND pinned = 0 ORDER BY last_seq LIMIT ?',
  );
  const taken = journal.db.prepare('SELECT bytes FROM blob_kept WHERE class = ?');
  let evicted = 0;
  let freed = 0;
  const giveUp = async (kind: string, wanted: number, why: string): Promise<number> => {
    const hashes: string[] = [];
    let bytes = 0;
    for (const row of oldest.all(kind, CHUNK)) {
      if (bytes >= wanted) break;
      // A row may be about to name it: it is looked at again the next time.
      if (blobs.recent(String(row.hash))) continue;
      hashes.push(String(row.hash));
      bytes += Number(row.bytes);
    }
    if (hashes.length === 0) return 0;
    await journal.append({
      kind: 'blob-evicted',
      subject: null,
      atMs: nowMs(),
      body: { class: kind, why, hashes },
      drops: hashes,
    });
    for (const hash of hashes) await blobs.remove(hash);
    evicted += hashes.length;
    freed += bytes;
    return bytes;
  };
  for (const [kind, budget] of Object.entries(policy.budgets)) {
    for (;;) {
      const over = Number(taken.get(kind)?.bytes ?? 0) - budget;
      if (over <= 0 || (await giveUp(kind, over, 'budget')) === 0) break;
    }
  }
  for (const kind of policy.first) {
    for (;;) {
      // What was given up inside the journal leaves room there, not on the disk.
      const missing = policy.softFloorBytes - (await freeBytes()) - journal.reusableBytes;
      if (missing <= 0 || (await giveUp(kind, missing, 'disk')) === 0) break;
    }
  }
  const short = policy.softFloorBytes - (await freeBytes());
  // A disk too full for this says so at the next commit too, and what is reusable serves that commit.
  if (short > 0) await journal.giveBack(short).catch(() => undefined);
  const free = await freeBytes();
  const closed = free + journal.reusableBytes < policy.hardFloorBytes;
  return { evicted, freedBytes: freed, freeBytes: free, closed };
}
