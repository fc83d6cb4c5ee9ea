import { Gauge, Registry } from 'prom-client';
import type { Parts } from './parts.js';

const STATES = ['shadow', 'ramp', 'open', 'watch', 'closed'] as const;

/** Figures for Prometheus, read when they are asked for. Units stand in the names. */
export function createMetrics(parts: Parts): () => Promise<{ type: string; text: string }> {
  const registry = new Registry();
  const gauge = (name: string, help: string, labelNames: string[] = []): Gauge =>
    new Gauge({ name: `selvedge_${name}`, help, labelNames, registers: [registry] });
  const journalRows = gauge('journal_rows', 'Number of the last row of the journal.');
  const journalFailing = gauge('journal_failing', '1 while commits do not reach the disk.');
  const journalWaiting = gauge('journal_waiting_facts', 'Facts that wait for the disk.');
  const gate = gauge('gate_state', '1 for the state that the gate of a station is in.', ['station', 'state']);
  const open = gauge('questions_open', 'Questions without an answer.', ['station']);
  const waiting = gauge('units_waiting', 'Units taken or waiting to be taken, not decided.', ['station']);
  const counted = gauge('today_units', 'Units since the start of the day, by what became of them.', [
    'station',
    'what',
  ]);
  return async () => {
    const { journal, live, clock, dayStart } = parts;
    journalRows.set(journal.head.seq);
    journalFailing.set(journal.state === 'failing' ? 1 : 0);
    journalWaiting.set(journal.load.waiting);
    const from = dayStart(clock.nowMs());
    const rows = journal.db
      .prepare(
        'SELECT station, name, sum(n) AS n FROM hour INDEXED BY hour_time WHERE hour_ms >= ? GROUP BY station, name',
      )
      .all(from);
    counted.reset();
    for (const { station, name, n } of rows) {
      // An audit counts when it is answered: before, these figures would tell which question is one.
      const questions = live.stations.get(String(station))?.answers.questions;
      const hidden =
        name === 'audits' || name === 'automatic'
          ? (questions?.auditsWaiting({ fromMs: from, toMs: Number.POSITIVE_INFINITY }) ?? 0)
          : 0;
      counted.set({ station: String(station), what: String(name) }, Math.max(0, Number(n) - hidden));
    }
    for (const [station, one] of live.stations) {
      for (const state of STATES)
        gate.set({ station, state }, (one.gate?.name ?? 'shadow') === state ? 1 : 0);
      open.set({ station }, one.answers.questions.list().length);
      waiting.set({ station }, one.waiting);
    }
    return { type: registry.contentType, text: await registry.metrics() };
  };
}
