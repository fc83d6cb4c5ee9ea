import type { ObservationRef } from '@selvedge/core/records';
import type { FitUnit, Observation } from '@selvedge/models';
import type { Blobs, Database } from '@selvedge/store';
import type { StationConfig } from '../config/site-config.js';
import { isLike } from '../live/judged-units.js';
import { readObservation } from '../live/observations.js';
import { isEvidence, type Roles } from './roles.js';

/** Units that a fit reads at most, the newest: what bounds its memory. */
const MOST_UNITS = 20_000;

/** Content of the site, for whoever reads past it. */
export type Content = Pick<Blobs, 'get'>;

export interface Training {
  readonly units: readonly FitUnit[];
  readonly bad: readonly boolean[];
  /** 1 / propensity of each label; null where a model chose the question: it teaches and tells nothing of the stream. */
  readonly weights: readonly (number | null)[];
  /** Judged units whose content is gone or of another form. */
  readonly lost: number;
  /** The last row that was looked at. */
  readonly untilSeq: number;
}

/** Every judged unit of role training by its last word, oldest first. */
export async function readTraining(
  { db, content, progress }: { db: Database; content: Content; progress?: (done: number) => void },
  { station, observed, roles }: { station: string; observed: StationConfig['observation']; roles: Roles },
): Promise<Training> {
  const rows = db
    .prepare(
      `SELECT u.id, u.seq, u.observation, u.lot, u.final_label, u.final_bad, l.propensity, l.unit AS known
       FROM unit u LEFT JOIN unit_label l ON l.station = u.station AND l.unit = u.id
       WHERE u.station = ? AND u.final_bad IS NOT NULL ORDER BY u.seq DESC LIMIT ?`,
    )
    .all(station, 2 * MOST_UNITS)
    .filter(({ id, lot }) => !isEvidence(roles, { unit: String(id), lot: lot === null ? null : String(lot) }))
    .slice(0, MOST_UNITS)
    .reverse();
  const units: FitUnit[] = [];
  const bad: boolean[] = [];
  const weights: (number | null)[] = [];
  let lost = 0;
  for (const [at, row] of rows.entries()) {
    if (at % 64 === 0) progress?.(at / rows.length);
    const seen = await seenOf(content, String(row.observation), observed);
    if (seen === null) {
      lost++;
      continue;
    }
    const isBad = row.final_bad === 1;
    const label = isBad ? String(row.final_label) : 'good';
    const group = row.lot === null ? {} : { group: String(row.lot) };
    units.push({ id: String(row.id), label, observation: seen, ...group });
    bad.push(isBad);
    // Found downstream without a question: nobody knows how likely that was.
    weights.push(row.known === null || row.propensity === null ? null : 1 / Number(row.propensity));
  }
  const newest = db.prepare('SELECT max(seq) AS seq FROM journal').get();
  return { units, bad, weights, lost, untilSeq: Number(newest?.seq ?? 0) };
}

/** What was seen of a unit, where it is still there and of the station's form. */
export async function seenOf(
  content: Content,
  observation: string,
  observed: StationConfig['observation'],
): Promise<Observation | null> {
  const ref = JSON.parse(observation) as ObservationRef;
  if (ref.blob === null && ref.values === null) return null;
  const seen = await readObservation(content, ref).catch(() => null);
  return seen !== null && isLike(seen, observed) ? seen : null;
}
