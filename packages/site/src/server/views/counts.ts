import type { Database } from '@selvedge/store';

/** Counts of one station over whole hours, by name (`units`, `automatic`, `audits`, `pass`, …); 0 where there is none. */
export function countsBetween(
  db: Database,
  { station, fromMs, toMs }: { station: string; fromMs: number; toMs: number },
): (name: string) => number {
  const rows = db
    .prepare(
      'SELECT name, sum(n) AS n FROM hour WHERE station = ? AND hour_ms >= ? AND hour_ms < ? GROUP BY name',
    )
    .all(station, fromMs, toMs);
  const counts = new Map(rows.map((row) => [String(row.name), Number(row.n)]));
  return (name) => counts.get(name) ?? 0;
}
