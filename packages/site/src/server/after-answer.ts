import type { Answered } from '@selvedge/core/records';
import type { LiveStation } from '../live/live-station.js';
import type { Parts } from './parts.js';

/** Past cases shown beside an answer. */
const SIMILAR = 3;

/**
 * What somebody sees once they have answered: what the model said, whether it agreed, and past cases with the nearest
 * scores. `label` null: they asked for help and have not answered.
 */
export async function afterAnswer(
  { journal }: Parts,
  station: LiveStation,
  unit: string,
  label: string | null,
): Promise<Answered['after']> {
  const row = journal.db
    .prepare('SELECT score, region FROM unit WHERE station = ? AND id = ?')
    .get(station.config.id, unit);
  const score = row?.score == null ? null : Number(row.score);
  const choice = station.config.choices.find((one) => one.label === label);
  const said = row?.region === 'accept' ? false : row?.region === 'reject' ? true : null;
  const similar =
    score === null
      ? []
      : journal.db
          .prepare(
            `SELECT id, final_label, score FROM unit WHERE station = ? AND id <> ? AND final_label IS NOT NULL
               AND score IS NOT NULL ORDER BY seq DESC LIMIT 2000`,
          )
          .all(station.config.id, unit)
          .map((past) => ({
            unit: String(past.id),
            label: String(past.final_label),
            distance: Math.abs(Number(past.score) - score),
          }))
          .sort((a, b) => a.distance - b.distance)
          .slice(0, SIMILAR);
  return {
    score,
    agreed: said === null || choice === undefined ? null : said === choice.bad,
    marks: null,
    heatHref: null,
    similar,
  };
}
