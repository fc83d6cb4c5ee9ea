import type { Answered, ObservationRef } from '@selvedge/core/records';
import type { Observation } from '@selvedge/models';
import { blindNames } from '../live/alias.js';
import type { LiveStation } from '../live/live-station.js';
import { readObservation } from '../live/observations.js';
import { type OpenQuestion, shownUnit } from '../live/open-questions.js';
import type { TypicalSeries } from '../live/typical-series.js';
import type { Parts } from './parts.js';

/** Past cases shown beside an answer. */
const SIMILAR = 3;

/**
 * What somebody sees once they have answered: what the model said, whether it agreed, where the unit is unlike a good one,
 * and past cases with the nearest scores. `label` null: they asked for help and have not answered.
 */
export async function afterAnswer(
  parts: Pick<Parts, 'journal' | 'blobs'> & { readonly typical: TypicalSeries },
  station: LiveStation,
  question: OpenQuestion,
  label: string | null,
): Promise<Answered['after']> {
  const { journal, typical } = parts;
  const unit = shownUnit(question);
  const row = journal.db
    .prepare('SELECT score, region FROM unit WHERE station = ? AND id = ?')
    .get(station.config.id, unit);
  const score = row?.score == null ? null : Number(row.score);
  const choice = station.config.choices.find((one) => one.label === label);
  const said = row?.region === 'accept' ? false : row?.region === 'reject' ? true : null;
  // What may be shown once more to measure the readers is no past case: they would know it again.
  const again = blindNames(station.config)
    ? `AND audit = 0 AND NOT EXISTS (SELECT 1 FROM seed WHERE seed.station = unit.station AND seed.unit = unit.id)`
    : '';
  const similar =
    score === null
      ? []
      : journal.db
          .prepare(
            `SELECT id, final_label, coalesce(final_bad, 0) AS bad, disposition, score FROM unit WHERE station = ? AND id <> ? AND final_label IS NOT NULL
               AND score IS NOT NULL ${again} ORDER BY seq DESC LIMIT 2000`,
          )
          .all(station.config.id, unit)
          .map((past) => ({
            unit: String(past.id),
            label: String(past.final_label),
            bad: past.bad === 1,
            disposition: past.disposition as Answered['after']['similar'][number]['disposition'],
            distance: Math.abs(Number(past.score) - score),
          }))
          .sort((a, b) => a.distance - b.distance)
          .slice(0, SIMILAR);
  const seen = await seenOf(parts, station.config.id, unit);
  const trace = seen?.kind === 'pair' ? seen.series : seen;
  return {
    score,
    agreed: said === null || choice === undefined ? null : said === choice.bad,
    marks: trace?.kind === 'series' ? await typical.marks(station.config, trace) : null,
    heatHref:
      (seen?.kind === 'image' || seen?.kind === 'pair') && station.model !== null
        ? `/api/questions/${encodeURIComponent(question.id)}/heat`
        : null,
    similar,
  };
}

/** What was seen of a unit; null where nothing is kept of it. */
export async function seenOf(
  { journal, blobs }: Pick<Parts, 'journal' | 'blobs'>,
  station: string,
  unit: string,
): Promise<Observation | null> {
  const row = journal.db
    .prepare('SELECT observation FROM unit WHERE station = ? AND id = ?')
    .get(station, unit);
  if (row === undefined) return null;
  const ref = JSON.parse(String(row.observation)) as ObservationRef;
  if (ref.blob === null && ref.values === null) return null;
  return readObservation(blobs, ref).catch(() => null);
}
