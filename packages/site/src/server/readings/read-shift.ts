import type { Database } from '@selvedge/store';

export interface ShiftWish {
  readonly station: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** What of a shift is not counted as it comes. */
export interface ShiftReading {
  /** Median time to an answer; null where there was none. */
  readonly answersSecondsMedian: number | null;
  readonly auditsBad: number;
}

/** Reads every answer and audit of the period. */
export async function readShift(db: Database, { station, fromMs, toMs }: ShiftWish): Promise<ShiftReading> {
  const answered = 'FROM question WHERE station = ? AND answered_at_ms >= ? AND answered_at_ms < ?';
  const n = Number(db.prepare(`SELECT count(*) AS n ${answered}`).get(station, fromMs, toMs)?.n);
  const middle = db
    .prepare(`SELECT took_ms ${answered} ORDER BY took_ms LIMIT 1 OFFSET ?`)
    .get(station, fromMs, toMs, n >> 1);
  const audits = db
    .prepare(
      `SELECT count(*) AS n FROM unit INDEXED BY unit_audited
       WHERE station = ? AND at_ms >= ? AND at_ms < ? AND audit = 1 AND bad = 1`,
    )
    .get(station, fromMs, toMs);
  return {
    answersSecondsMedian: middle === undefined ? null : Number(middle.took_ms) / 1000,
    auditsBad: Number(audits?.n),
  };
}
