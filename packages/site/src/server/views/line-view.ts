import type { LineView, Trouble, UnitLine } from '@selvedge/core/records';
import type { Journal } from '@selvedge/store';
import type { LiveStation } from '../../live/live-station.js';
import { countsBetween } from './counts.js';
import { stationCard } from './station-card.js';
import { touchesBetween, touchSums } from './touches.js';

const LAST_UNITS = 25;

/** Everything that the line view shows, as of the last commit. */
export function lineView(
  journal: Journal,
  stations: readonly LiveStation[],
  {
    nowMs,
    dayStartMs,
    troubles,
    live,
    stage,
  }: {
    nowMs: number;
    dayStartMs: number;
    troubles: (station: string) => readonly Trouble[];
    live: (station: string) => boolean;
    stage: boolean;
  },
): LineView {
  const { db } = journal;
  const period = { fromMs: dayStartMs, toMs: nowMs + 1 };
  const good = stations.reduce(
    (sum, { config }) => sum + countsBetween(db, { station: config.id, ...period })('pass'),
    0,
  );
  const interventions = touchesBetween(db, { ...period, goodUnits: good });
  return {
    seq: journal.head.seq,
    atMs: nowMs,
    dayStartMs,
    stations: stations.map((one) => {
      const { id } = one.config;
      return stationCard(db, one, { ...period, troubles: troubles(id), live: live(id) });
    }),
    goodUnits: good,
    interventions,
    touchSums: touchSums(interventions, good),
    stage,
    lastUnits: lastUnits(journal, {}),
    journal: { state: journal.state, ...journal.load },
  };
}

/** The newest units, of one station or of all, before a seq where that is given. */
export function lastUnits(
  { db }: Journal,
  { station, before, limit = LAST_UNITS }: { station?: string; before?: number; limit?: number },
): UnitLine[] {
  const where = [
    station === undefined ? null : 'station = ?',
    before === undefined ? null : 'seq < ?',
  ].filter((part) => part !== null);
  const values = [station, before].filter((value) => value !== undefined);
  const rows = db
    .prepare(
      `SELECT * FROM unit ${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''} ORDER BY seq DESC LIMIT ?`,
    )
    .all(...values, limit);
  return rows.map((row) => ({
    seq: Number(row.seq),
    id: String(row.id),
    station: String(row.station),
    atMs: Number(row.at_ms),
    disposition: row.disposition as UnitLine['disposition'],
    by: row.released_by as UnitLine['by'],
    label: row.final_label === null ? null : String(row.final_label),
  }));
}
