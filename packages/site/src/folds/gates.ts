import type { GatePlan } from '@selvedge/core';
import {
  auditRate,
  type GateEvent,
  type GateState,
  harmStatistic,
  liveUpper,
  startGate,
  step,
} from '@selvedge/core';
import type { SiteFactBody } from '@selvedge/core/records';
import type { Database, Entry, Projection, Row } from '@selvedge/store';
import { bodyOf } from './units.js';

/** Units between two points of a gate's history. */
const POINT_UNITS = 20;

/** What a row means to the gate of its station; null where it means nothing. */
export function gateEventOf(entry: Entry): { station: string; event: GateEvent } | null {
  const decided = bodyOf(entry, 'decided');
  if (decided && entry.subject !== null && decided.epoch > 0) {
    const { station, score, draw, pLevel, pSpread, scope, lot } = decided;
    const event: GateEvent = {
      type: 'unit',
      unitId: entry.subject,
      atMs: entry.atMs,
      score: score ?? Number.NaN,
      ...{ draw, pLevel, pSpread, scope, lot },
    };
    return { station, event };
  }
  const certified = bodyOf(entry, 'certified');
  if (certified) {
    const { station, n, bads, accept, reject, assessed } = certified;
    const sides = { accept, reject } as Pick<GateEvent & { type: 'certificate' }, 'accept' | 'reject'>;
    const late = assessed === true ? { assessed } : {};
    return { station, event: { type: 'certificate', atMs: entry.atMs, n, bads, ...sides, ...late } };
  }
  const other = bodyOf(entry, 'gate');
  if (other) return { station: other.station, event: other.event as unknown as GateEvent };
  return null;
}

/** The plan that a signature makes. Settings and safety are of the station's configuration and stand in the row. */
export const planOf = (signed: SiteFactBody<'signed'>): GatePlan => signed.plan as unknown as GatePlan;

/** The gate of each station as the rows make it, and its history in points. */
export const gatesFold: Projection = {
  name: 'gate',
  version: 2,
  tables: ['gate', 'gate_point', 'gate_transition', 'gate_certificate'],
  create: (db) => {
    db.exec(`CREATE TABLE gate (station TEXT PRIMARY KEY, seq INTEGER NOT NULL, state TEXT NOT NULL) STRICT;
    CREATE TABLE gate_point (
      station TEXT NOT NULL, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL, epoch INTEGER NOT NULL, name TEXT NOT NULL,
      audit_rate REAL NOT NULL, live_upper REAL NOT NULL, units INTEGER NOT NULL, automatic_share REAL NOT NULL,
      level REAL NOT NULL, spread REAL NOT NULL, harm REAL NOT NULL,
      shadow INTEGER NOT NULL, place INTEGER NOT NULL,
      PRIMARY KEY (station, epoch, shadow, place)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE gate_transition (
      station TEXT NOT NULL, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL, from_state TEXT NOT NULL,
      to_state TEXT NOT NULL, why TEXT NOT NULL, PRIMARY KEY (station, seq, to_state)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE gate_certificate (
      station TEXT NOT NULL, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL, epoch INTEGER NOT NULL, n INTEGER NOT NULL,
      bads INTEGER NOT NULL, accept TEXT, reject TEXT, hash TEXT NOT NULL, PRIMARY KEY (station, seq)
    ) STRICT, WITHOUT ROWID;`);
  },
  prepare: (db) => {
    const states = new Map<string, GateState>();
    const save = db.prepare('INSERT OR REPLACE INTO gate (station, seq, state) VALUES (?, ?, ?)');
    // The place among its like is what lets a chart of any length be read in a few hundred looks: see `gatePoints`.
    const point = db.prepare(
      `INSERT INTO gate_point VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
         (SELECT coalesce(max(place), 0) + 1 FROM gate_point WHERE station = ? AND epoch = ? AND shadow = ?))`,
    );
    const transition = db.prepare('INSERT OR IGNORE INTO gate_transition VALUES (?, ?, ?, ?, ?, ?)');
    const certificate = db.prepare(
      'INSERT OR REPLACE INTO gate_certificate VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    );
    const keep = (station: string, state: GateState, { seq, atMs }: Entry, events: boolean): void => {
      states.set(station, state);
      save.run(station, seq, JSON.stringify(state));
      if (!events && state.flow.units % POINT_UNITS !== 0) return;
      const log10 = (ln: number): number => Math.max(-2, ln / Math.LN10);
      const { level, spread, units, inAccept } = state.flow;
      const manual = state.name === 'shadow' || state.name === 'closed';
      const shadow = state.name === 'shadow' ? 1 : 0;
      point.run(
        ...[
          station,
          seq,
          atMs,
          state.epoch,
          state.name,
          manual ? 1 : auditRate(state, 'accept'),
          liveUpper(state),
        ],
        ...[
          units,
          manual || units === 0 ? 0 : inAccept / units,
          log10(level.logShiryaevRoberts),
          log10(spread.logShiryaevRoberts),
        ],
        log10(Math.log(Math.max(harmStatistic(state.accept.harm), 1e-9))),
        ...[shadow, station, state.epoch, shadow],
      );
    };
    return (entry) => {
      const signed = bodyOf(entry, 'signed');
      if (signed) {
        const epoch = (stateOf(db, states, signed.station)?.epoch ?? 0) + 1;
        keep(signed.station, startGate(planOf(signed), { atMs: entry.atMs, epoch }), entry, true);
        return;
      }
      const meant = gateEventOf(entry);
      if (meant === null) return;
      const before = stateOf(db, states, meant.station);
      if (before === null) return;
      const { state, effects } = step(before, meant.event);
      for (const effect of effects) {
        if (effect.type === 'transition')
          transition.run(meant.station, entry.seq, entry.atMs, effect.from, effect.to, effect.why);
      }
      if (meant.event.type === 'certificate') {
        const { n, bads, accept, reject } = meant.event;
        const text = (side: object | null): string | null => (side === null ? null : JSON.stringify(side));
        const hash = bodyOf(entry, 'certified')!.hash;
        certificate.run(
          meant.station,
          entry.seq,
          entry.atMs,
          state.epoch,
          n,
          bads,
          text(accept),
          text(reject),
          hash,
        );
      }
      keep(
        meant.station,
        state,
        entry,
        effects.some((effect) => effect.type === 'transition'),
      );
    };
  },
};

function stateOf(db: Database, states: Map<string, GateState>, station: string): GateState | null {
  const known = states.get(station);
  if (known !== undefined) return known;
  const state = readGate(db, station);
  if (state !== null) states.set(station, state);
  return state;
}

/** The gate of a station as far as the journal has come; null before a budget was signed. */
export function readGate(db: Database, station: string): GateState | null {
  const row = db.prepare('SELECT state FROM gate WHERE station = ?').get(station);
  return row === undefined ? null : (JSON.parse(String(row.state)) as GateState);
}

/**
 * The gate's history of an epoch, thinned to about `most` points of its shadow and as many of what came after, since a
 * shadow may be a hundred times longer. The last point of each is among them. In order of the journal.
 */
export function gatePoints(
  db: Database,
  { station, epoch, most }: { station: string; epoch: number; most: number },
): Row[] {
  const last = db.prepare(
    'SELECT max(place) AS n FROM gate_point WHERE station = ? AND epoch = ? AND shadow = ?',
  );
  const every = db.prepare(
    `WITH RECURSIVE wanted (place) AS (
       VALUES (?) UNION ALL SELECT min(place + ?, ?) FROM wanted WHERE place < ?
     ) SELECT p.* FROM wanted CROSS JOIN gate_point p
     WHERE p.station = ? AND p.epoch = ? AND p.shadow = ? AND p.place = wanted.place`,
  );
  return [1, 0]
    .flatMap((shadow) => {
      const n = Number(last.get(station, epoch, shadow)?.n ?? 0);
      const step = Math.ceil(n / most);
      return n === 0 ? [] : every.all(step, step, n, n, station, epoch, shadow);
    })
    .sort((a, b) => Number(a.seq) - Number(b.seq));
}
