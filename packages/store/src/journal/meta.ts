import type { Database } from '../sqlite/database.js';

/** What a journal says of itself beside its rows. */
export const metaOf = (db: Database, name: string): string | null => {
  const row = db.prepare('SELECT value FROM meta WHERE name = ?').get(name);
  return row === undefined ? null : String(row.value);
};

export const setMeta = (db: Database, name: string, value: string): void => {
  db.prepare('INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)').run(name, value);
};

/** The last row that was trimmed away, or null. */
export function anchorOf(db: Database): { seq: number; epoch: number; hash: Uint8Array } | null {
  const text = metaOf(db, 'anchor');
  if (text === null) return null;
  const { seq, epoch, hash } = JSON.parse(text) as { seq: number; epoch: number; hash: string };
  return { seq, epoch, hash: Buffer.from(hash, 'hex') };
}
