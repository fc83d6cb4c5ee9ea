import type { Origin, ShiftReport } from '@selvedge/core/records';
import type { Journal } from '@selvedge/store';
import type { LiveStation } from '../../live/live-station.js';
import { readShift } from '../readings/read-shift.js';
import type { ReadingDesk } from '../readings/reading-desk.js';
import { countsBetween } from './counts.js';
import { stationCard } from './station-card.js';
import { touchesBetween, touchSums } from './touches.js';

/** Answers and audits of a shift up to which they are read at once: a few ms. */
const AT_ONCE = 5000;

/** A shift in numbers, with the head of the journal so that it can be checked later that nothing was changed. */
export async function shiftReport(
  { journal, desk }: { readonly journal: Journal; readonly desk: Pick<ReadingDesk, 'read'> },
  stations: readonly LiveStation[],
  period: { site: string; origin: Origin; fromMs: number; toMs: number },
): Promise<ShiftReport> {
  const { db } = journal;
  const { fromMs, toMs } = period;
  const read = await Promise.all(
    stations.map(({ config: { id: station } }) => {
      const wish = { station, fromMs, toMs };
      const count = countsBetween(db, wish);
      return count('answers') + count('audits') <= AT_ONCE ? readShift(db, wish) : desk.read('shift', wish);
    }),
  );
  const rows = stations.map((station, i) => {
    const { id } = station.config;
    const count = countsBetween(db, { station: id, fromMs, toMs });
    const { answersSecondsMedian = null, auditsBad = 0 } = read[i] ?? {};
    const card = stationCard(db, station, { fromMs, toMs, troubles: [], live: false });
    const held = count('hold') + count('divert');
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
      auditsBad,
      overdue: count('overdue'),
      findings: count('findings'),
      answersSecondsMedian,
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
