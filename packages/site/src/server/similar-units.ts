import type { Answered } from '@selvedge/core/records';
import type { Database } from '@selvedge/store';
import { blindNames } from '../live/alias.js';
import type { StationConfig } from '../live/station-config.js';

type Similar = Answered['after']['similar'];

/** Past cases shown beside an answer, of the newest judged units; nearer ones go first as far as they can be looked at. */
const SHOWN = 3;
const NEWEST = 2000;
const NEAREST = 200;

/**
 * Judged units of a station whose scores are nearest to one, with how people judged them and what became of them. A case of
 * which nothing is kept any more gives way to the next nearest one: nobody could compare it.
 */
export function similarUnits(
  db: Database,
  station: StationConfig,
  { unit, score }: { readonly unit: string; readonly score: number },
): Similar {
  // What may be shown once more to measure the readers is no past case: they would know it again.
  const again = blindNames(station)
    ? 'AND audit = 0 AND NOT EXISTS (SELECT 1 FROM seed WHERE seed.station = unit.station AND seed.unit = unit.id)'
    : '';
  const near = db
    .prepare(
      `SELECT id, final_label, coalesce(final_bad, 0) AS bad, disposition, score FROM unit
       WHERE station = ? AND id <> ? AND final_label IS NOT NULL AND score IS NOT NULL ${again}
       ORDER BY seq DESC LIMIT ?`,
    )
    .all(station.id, unit, NEWEST)
    .map((past) => ({
      unit: String(past.id),
      label: String(past.final_label),
      bad: past.bad === 1,
      disposition: past.disposition as Similar[number]['disposition'],
      distance: Math.abs(Number(past.score) - score),
    }))
    .sort((a, b) => a.distance - b.distance);
  const isKept = db.prepare(
    `SELECT 1 FROM unit WHERE station = ? AND id = ? AND (json_extract(observation, '$.values') IS NOT NULL
       OR EXISTS (SELECT 1 FROM blob WHERE hash = json_extract(unit.observation, '$.blob') AND evicted = 0))`,
  );
  const kept: Similar = [];
  for (const past of near.slice(0, NEAREST)) {
    if (isKept.get(station.id, past.unit) !== undefined) kept.push(past);
    if (kept.length === SHOWN) return kept;
  }
  const others = near.filter((past) => !kept.includes(past)).slice(0, SHOWN - kept.length);
  return [...kept, ...others].sort((a, b) => a.distance - b.distance);
}
