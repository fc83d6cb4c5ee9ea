import { createHash } from 'node:crypto';
import { hasContent } from '../blobs/inside.js';
import type { Database } from '../sqlite/database.js';

export type ContentFault =
  /** The bytes in the journal's own file are not those that the hash names. */
  | { readonly what: 'content-changed'; readonly hash: string }
  /** A row says that its content is in the file; it is not, and no later row says that it was given up. */
  | { readonly what: 'content-missing'; readonly hash: string; readonly seq: number };

/**
 * Holds the content in a journal's own file against its hashes, and the rows after `after` that name such content
 * against what is there. Contents that these rows name alone where `after` is given, all of them otherwise.
 */
export function verifyContent(
  db: Database,
  {
    after,
    most,
    progress,
  }: {
    readonly after: number | null;
    readonly most: number;
    readonly progress: ((done: number, what: string) => void) | undefined;
  },
): { contents: number; faults: ContentFault[] } {
  const faults: ContentFault[] = [];
  let contents = 0;
  if (!hasContent(db)) return { contents, faults };
  const named = 'SELECT unhex(hash) FROM journal_blob WHERE seq > ? AND inside = 1';
  const rows =
    after === null
      ? db.prepare('SELECT hash, bytes FROM content ORDER BY id').iterate()
      : db.prepare(`SELECT hash, bytes FROM content WHERE hash IN (${named})`).iterate(after);
  const all = Number(db.prepare('SELECT max(id) AS n FROM content').get()?.n ?? 0);
  for (const { hash, bytes } of rows) {
    contents += 1;
    const computed = createHash('sha256')
      .update(bytes as Uint8Array)
      .digest();
    if (!computed.equals(hash as Uint8Array) && faults.length < most)
      faults.push({ what: 'content-changed', hash: Buffer.from(hash as Uint8Array).toString('hex') });
    if (contents % 20_000 === 0) progress?.(contents / Math.max(1, all), 'checking the content');
  }
  const absent = db
    .prepare(
      `SELECT hash, max(seq) AS seq FROM journal_blob AS named WHERE seq > ? AND inside = 1
       AND NOT EXISTS (SELECT 1 FROM content WHERE content.hash = unhex(named.hash)) GROUP BY hash ORDER BY 2`,
    )
    .iterate(after ?? Number.MIN_SAFE_INTEGER);
  let gone: ReadonlyMap<string, number> | null = null;
  for (const { hash, seq } of absent) {
    if (faults.length >= most) break;
    gone ??= givenUp(db, after);
    if ((gone.get(String(hash)) ?? Number.NEGATIVE_INFINITY) > Number(seq)) continue;
    faults.push({ what: 'content-missing', hash: String(hash), seq: Number(seq) });
  }
  return { contents, faults };
}

/** Last row that says of a content that it was given up. */
function givenUp(db: Database, after: number | null): Map<string, number> {
  const gone = new Map<string, number>();
  const rows = db
    .prepare(`SELECT seq, body FROM journal WHERE kind = 'blob-evicted' AND seq > ? ORDER BY seq`)
    .iterate(after ?? Number.MIN_SAFE_INTEGER);
  for (const { seq, body } of rows) for (const hash of hashesOf(String(body))) gone.set(hash, Number(seq));
  return gone;
}

/** A row that somebody has laid hands on is named by the chain; here it gives nothing up. */
function hashesOf(body: string): readonly string[] {
  try {
    const { hashes } = JSON.parse(body) as { hashes?: unknown };
    return Array.isArray(hashes) ? hashes.map(String) : [];
  } catch {
    return [];
  }
}
