import type { Answered, ObservationRef } from '@selvedge/core/records';
import type { Observation } from '@selvedge/models';
import type { LiveStation } from '../live/live-station.js';
import { readObservation } from '../live/observations.js';
import { type OpenQuestion, shownUnit } from '../live/open-questions.js';
import type { TypicalSeries } from '../live/typical-series.js';
import type { Parts } from './parts.js';
import { similarUnits } from './similar-units.js';

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
    similar: score === null ? [] : similarUnits(journal.db, station.config, { unit, score }),
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
