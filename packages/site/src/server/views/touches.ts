import { poissonLower, poissonUpper } from '@selvedge/core';
import type { interventionRowSchema } from '@selvedge/core/records';
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
  return rows.map((row) => {
    const count = Number(row.n);
    const scale = 100 / goodUnits;
    return {
      type: String(row.type),
      verdict: Number(row.verdict) === 1,
      count,
      seconds: Number(row.seconds),
      per100Good: goodUnits === 0 ? null : count * scale,
      interval:
        goodUnits === 0 ? null : [scale * poissonLower(count, DELTA), scale * poissonUpper(count, DELTA)],
    };
  });
}
