import type { Database, Row, Value } from '../sqlite/database.js';
import type { Entry, StoredEntry } from './entry.js';

/** Which rows, ascending by seq unless `newestFirst`. */
export interface Selection {
  readonly after?: number;
  readonly upTo?: number;
  readonly kind?: string;
  readonly subject?: string;
  readonly newestFirst?: boolean;
  readonly limit: number;
}

const COLUMNS = 'seq, epoch, at_ms, kind, subject, body, hash';

export function readEntries(db: Database, selection: Selection): Entry[] {
  const { after, upTo, kind, subject, newestFirst, limit } = selection;
  const where: string[] = [];
  const values: Value[] = [];
  const need = (condition: string, value: Value | undefined): void => {
    if (value === undefined) return;
    where.push(condition);
    values.push(value);
  };
  need('seq > ?', after);
  need('seq <= ?', upTo);
  need('kind = ?', kind);
  need('subject = ?', subject);
  const sql = `SELECT ${COLUMNS} FROM journal ${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''} ORDER BY seq ${newestFirst ? 'DESC' : 'ASC'} LIMIT ?`;
  return db
    .prepare(sql)
    .all(...values, limit)
    .map((row) => entryOf(storedOf(row)));
}

export const entryOf = ({ hash, body, ...row }: StoredEntry): Entry => ({
  ...row,
  body: JSON.parse(body),
  hash: Buffer.from(hash).toString('hex'),
});

export const storedOf = (row: Row): StoredEntry => ({
  seq: Number(row.seq),
  epoch: Number(row.epoch),
  atMs: Number(row.at_ms),
  kind: String(row.kind),
  subject: row.subject === null ? null : String(row.subject),
  body: String(row.body),
  hash: row.hash as Uint8Array,
});
