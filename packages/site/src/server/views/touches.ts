import { poissonLower, poissonUpper } from '@selvedge/core';
import type { interventionRowSchema, TouchSums } from '@selvedge/core/records';
import type { Database } from '@selvedge/store';
import type { z } from 'zod';

export type InterventionRow = z.infer<typeof interventionRowSchema>;

/** One minus the confidence of every interval on a page, halved for its two sides. */
const DELTA = 0.025;

/** Touches by type over whole hours, per 100 good units with the exact interval of a Poisson count (rule L-4). */
export function touchesBetween(
  db: Database,
  { fromMs, toMs, goodUnits }: { fromMs: number; toMs: number; goodUnits: number },
): InterventionRow[] {
  const rows = db
    .prepare(
      `SELECT type, verdict, sum(n) AS n, sum(seconds) AS seconds FROM hour_touch
       WHERE hour_ms >= ? AND hour_ms < ? GROUP BY type, verdict ORDER BY verdict, type`,
    )
    .all(fromMs, toMs);
  return rows.map((row) => ({
    type: String(row.type),
    verdict: Number(row.verdict) === 1,
    ...{ seconds: Number(row.seconds), ...perGood(Number(row.n), goodUnits) },
  }));
}

/** Both sides of the ledger as one figure each. */
export function touchSums(rows: readonly InterventionRow[], goodUnits: number): TouchSums {
  const sumOf = (verdict: boolean): TouchSums['others'] => {
    const own = rows.filter((row) => row.verdict === verdict);
    const total = (of: 'count' | 'seconds'): number => own.reduce((sum, row) => sum + row[of], 0);
    return { seconds: total('seconds'), ...perGood(total('count'), goodUnits) };
  };
  return { others: sumOf(false), judgements: sumOf(true) };
}

function perGood(
  count: number,
  goodUnits: number,
): Pick<InterventionRow, 'count' | 'per100Good' | 'interval'> {
  if (goodUnits === 0) return { count, per100Good: null, interval: null };
  const scale = 100 / goodUnits;
  return {
    ...{ count, per100Good: count * scale },
    interval: [scale * poissonLower(count, DELTA), scale * poissonUpper(count, DELTA)],
  };
}
