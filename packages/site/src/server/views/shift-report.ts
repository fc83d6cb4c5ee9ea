import type { Origin, ShiftReport } from '@selvedge/core/records';
import type { Journal } from '@selvedge/store';
import type { LiveStation } from '../../live/live-station.js';
import { countsBetween } from './counts.js';
import { stationCard } from './station-card.js';
import { touchesBetween, touchSums } from './touches.js';

/** A shift in numbers, with the head of the journal so that it can be checked later that nothing was changed. */
export function shiftReport(
  journal: Journal,
  stations: readonly LiveStation[],
  period: { site: string; origin: Origin; fromMs: number; toMs: number },
): ShiftReport {
  const { db } = journal;
  const { fromMs, toMs } = period;
  const rows = stations.map((station) => {
    const { id } = station.config;
    const count = countsBetween(db, { station: id, fromMs, toMs });
    const card = stationCard(db, station, { fromMs, toMs, troubles: [], live: false });
    const held = count('hold') + count('divert');
    const within = db
      .prepare(
        `SELECT coalesce(sum(audit = 1 AND bad = 1), 0) AS audits_bad FROM unit
         WHERE station = ? AND at_ms >= ? AND at_ms < ? AND audit = 1`,
      )
      .get(id, fromMs, toMs);
    const asked = db
      .prepare(
        `SELECT took_ms FROM question WHERE station = ? AND answered_at_ms >= ? AND answered_at_ms < ? ORDER BY took_ms`,
      )
      .all(id, fromMs, toMs)
      .map((row) => Number(row.took_ms) / 1000);
    return {
      card,
      units: count('units'),
      good: count('pass'),
      bad: count('reject'),
      held,
      open: Math.max(0, count('units') - count('pass') - count('reject') - held),
      automatic: card.automatic,
      asked: count('answers') + count('overdue'),
      audits: card.audits,
      auditsBad: Number(within?.audits_bad),
      overdue: count('overdue'),
      findings: count('findings'),
      answersSecondsMedian: asked.length === 0 ? null : asked[asked.length >> 1]!,
      transitions: db
        .prepare(
          'SELECT at_ms, to_state, why FROM gate_transition WHERE station = ? AND at_ms >= ? AND at_ms < ? ORDER BY seq',
        )
        .all(id, fromMs, toMs)
        .map((t) => ({
          atMs: Number(t.at_ms),
          to: t.to_state as ShiftReport['stations'][number]['transitions'][number]['to'],
          why: String(t.why),
        })),
    };
  });
  const good = rows.reduce((sum, row) => sum + row.good, 0);
  const interventions = touchesBetween(db, { fromMs, toMs, goodUnits: good });
  return {
    ...period,
    stations: rows,
    interventions,
    touchSums: touchSums(interventions, good),
    head: journal.head,
  };
}
