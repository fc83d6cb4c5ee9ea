import { auditRate, liveUpper } from '@selvedge/core';
import type { StationCard, Trouble } from '@selvedge/core/records';
import type { Database } from '@selvedge/store';
import { judgedIn } from '../../folds/units.js';
import type { LiveStation } from '../../live/live-station.js';
import { countsBetween } from './counts.js';
import { nameOf } from './name-of.js';

/** Arrivals from which the takt is taken, and how many of them it takes at least. */
const RECENT = 100;
const FEWEST = 6;
/** Doubts that a card shows; all of them stand with the equipment. */
const DOUBTS = 3;

/** What the line shows of one station, from the start of the day to now. */
export function stationCard(
  db: Database,
  station: LiveStation,
  {
    fromMs,
    toMs,
    troubles,
    live,
  }: { fromMs: number; toMs: number; troubles: readonly Trouble[]; live: boolean },
): StationCard {
  const { id, name, line } = station.config;
  const gate = station.gate;
  const count = countsBetween(db, { station: id, fromMs, toMs });
  const units = count('units');
  // An audit shows among the figures with its answer: until then its unit is one that people are asked about.
  const waiting = station.answers.questions.auditsWaiting({ fromMs, toMs });
  const automatic = Math.max(0, count('automatic') - waiting);
  const manual = gate === null || gate.name === 'shadow' || gate.name === 'closed';
  return {
    id,
    name,
    line,
    state: gate?.name ?? 'shadow',
    reason: gate?.reason ?? 'nobody has signed a budget for this station',
    units,
    automatic,
    automaticShare: units === 0 ? 0 : Math.min(1, automatic / units),
    audits: Math.max(0, count('audits') - waiting),
    queue: station.answers.questions.list().length,
    overdue: count('overdue'),
    taktMs: taktOf(db, id),
    evidence: evidenceOf(db, station),
    proposedUnits: station.config.plannedUnits,
    budget: budgetOf(db, id),
    liveUpper: gate === null || manual ? null : liveUpper(gate),
    auditRate: manual ? 1 : auditRate(gate, 'accept'),
    model: station.model === null ? null : { name: station.model.name, hash: station.model.hash },
    troubles: [...troubles, ...doubtsOf(db, id)],
    live,
  };
}

/** Writes of which nobody knows whether they happened, and verdicts that were not told, until somebody has looked. */
function doubtsOf(db: Database, station: string): Trouble[] {
  return db
    .prepare(
      `SELECT connector, target, value, outcome, max(why) AS why FROM write
       WHERE station = ? AND outcome IN ('unknown', 'untold') AND seen_by IS NULL
       GROUP BY connector, target, value, outcome ORDER BY min(seq) LIMIT ?`,
    )
    .all(station, DOUBTS)
    .map(({ connector, target, value, outcome, why }): Trouble => {
      const words = { target: String(target), value: String(JSON.parse(String(value))) };
      const part = String(connector);
      if (outcome === 'unknown') return { code: 'write-unknown', part, values: words };
      return {
        code: 'says',
        part,
        values: { text: `${words.value} was not told to ${words.target}: ${why}` },
      };
    });
}

/**
 * Median time between the last arrivals, in ms; null where there are fewer than six. Only those count that came since the
 * site was started: what it was told of its past, or what came before it stood still, had another rhythm.
 */
function taktOf(db: Database, station: string): number | null {
  const started = db
    .prepare(`SELECT at_ms FROM journal WHERE kind = 'started' ORDER BY seq DESC LIMIT 1`)
    .get();
  const times = db
    .prepare('SELECT at_ms FROM unit WHERE station = ? ORDER BY seq DESC LIMIT ?')
    .all(station, RECENT)
    .map((row) => Number(row.at_ms))
    .filter((atMs) => atMs >= Number(started?.at_ms ?? 0));
  if (times.length < FEWEST) return null;
  const gaps = times
    .slice(1)
    .map((at, i) => times[i]! - at)
    .sort((a, b) => a - b);
  return gaps[gaps.length >> 1] ?? null;
}

/** Units of the epoch that were scored and judged blind, for the certificate to come. */
function evidenceOf(db: Database, { config, gate }: LiveStation): StationCard['evidence'] {
  if (gate === null) return { labels: 0, planned: null, bad: 0 };
  const planned = gate.plan.plannedUnits;
  if (gate.name !== 'shadow' || gate.certificate !== null)
    return { labels: gate.certificate?.n ?? 0, planned, bad: 0 };
  return { ...judgedIn(db, config.id, gate.epoch), planned };
}

function budgetOf(db: Database, station: string): StationCard['budget'] {
  const row = db
    .prepare(
      `SELECT at_ms, body FROM journal WHERE kind = 'signed' AND subject = ? ORDER BY seq DESC LIMIT 1`,
    )
    .get(station);
  if (row === undefined) return null;
  const { escapeRate, overkillRate, confidence, contract, user, reason } = JSON.parse(String(row.body));
  return {
    escapeRate,
    overkillRate,
    confidence,
    contract,
    signedBy: nameOf(db, user),
    reason,
    atMs: Number(row.at_ms),
  };
}
