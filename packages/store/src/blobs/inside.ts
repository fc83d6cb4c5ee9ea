import type { Database } from '../sqlite/database.js';

/** Content in the journal's own file, by its hash (64 hex digits). */
export interface Inside {
  has(hash: string): boolean;
  get(hash: string): Uint8Array | null;
}

/** Nothing is inside a journal of schema 1, which may be read without being migrated. */
export function insideOf(db: Database): Inside {
  if (!hasContent(db)) return { has: () => false, get: () => null };
  const one = db.prepare('SELECT 1 FROM content WHERE hash = ?');
  const bytes = db.prepare('SELECT bytes FROM content WHERE hash = ?');
  return {
    has: (hash) => one.get(Buffer.from(hash, 'hex')) !== undefined,
    get: (hash) => (bytes.get(Buffer.from(hash, 'hex'))?.bytes as Uint8Array | undefined) ?? null,
  };
}

export const hasContent = (db: Database): boolean =>
  db.prepare(`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'content'`).get() !== undefined;
