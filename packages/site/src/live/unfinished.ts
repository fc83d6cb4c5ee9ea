import type { Database } from '@selvedge/store';
import type { SiteClock } from './clock.js';
import type { Taken } from './intake.js';

/** What a stop of the process left between two rows of a unit. */
export interface Unfinished {
  /** Acknowledged and not decided. */
  readonly undecided: readonly Taken[];
  /** Decided by the gate alone, with no row that says whether the equipment was told. */
  readonly untold: readonly { readonly id: string; readonly disposition: 'pass' | 'reject' }[];
}

/** Why a unit has no score whose process ended first. */
export const STOPPED = 'the site stopped before the unit was decided';

/**
 * Units of a station that a stop cut short, in the order in which they came. Their deadlines run from their arrival, so
 * the time that the site was down counts; where the wall clock went back meanwhile, from now.
 */
export function unfinishedOf(db: Database, station: string, clock: SiteClock): Unfinished {
  const rows = db
    .prepare(
      `SELECT u.id, u.at_ms, u.lot, u.context, u.call FROM unit u
       WHERE u.station = ? AND u.disposition IS NULL AND NOT EXISTS (
         SELECT 1 FROM question q INDEXED BY question_unit
         WHERE q.unit = u.id AND q.station = u.station AND q.again_unit IS NULL
       ) ORDER BY u.seq`,
    )
    .all(station);
  const undecided: Taken[] = [];
  const untold: Unfinished['untold'][number][] = [];
  for (const row of rows) {
    const id = String(row.id);
    if (row.call === null)
      undecided.push({
        unit: {
          id,
          // Nothing is scored any more: a person decides.
          observation: { kind: 'row', values: new Float64Array(0) },
          context: JSON.parse(String(row.context)),
          lot: row.lot === null ? null : String(row.lot),
          sourceAtMs: null,
          fault: STOPPED,
        },
        steadyMs: clock.steadyMs() - Math.max(0, clock.nowMs() - Number(row.at_ms)),
      });
    else untold.push({ id, disposition: row.call === 'reject' ? 'reject' : 'pass' });
  }
  return { undecided, untold };
}
