import type { Projection } from '@selvedge/store';
import { bodyOf } from './units.js';

const HOUR_MS = 3_600_000;

/** Counts by station and hour: what the line view and the shift report add up, in the same transaction as the rows. */
export const hoursFold: Projection = {
  name: 'hour',
  version: 2,
  tables: ['hour', 'hour_touch'],
  create: (db) => {
    db.exec(`CREATE TABLE hour (
      station TEXT NOT NULL, hour_ms INTEGER NOT NULL, name TEXT NOT NULL, n INTEGER NOT NULL,
      PRIMARY KEY (station, hour_ms, name)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE hour_touch (
      station TEXT NOT NULL, hour_ms INTEGER NOT NULL, type TEXT NOT NULL, verdict INTEGER NOT NULL,
      n INTEGER NOT NULL, seconds REAL NOT NULL, PRIMARY KEY (station, hour_ms, type, verdict)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX hour_time ON hour (hour_ms);
    CREATE INDEX hour_touch_time ON hour_touch (hour_ms);`);
  },
  prepare: (db) => {
    const add = db.prepare(
      `INSERT INTO hour VALUES (?, ?, ?, 1) ON CONFLICT (station, hour_ms, name) DO UPDATE SET n = n + 1`,
    );
    const touch = db.prepare(
      `INSERT INTO hour_touch VALUES (?, ?, ?, ?, 1, ?)
       ON CONFLICT (station, hour_ms, type, verdict) DO UPDATE SET n = n + 1, seconds = seconds + excluded.seconds`,
    );
    return (entry) => {
      const hour = Math.floor(entry.atMs / HOUR_MS) * HOUR_MS;
      const one = (station: string, name: string): void => {
        add.run(station, hour, name);
      };
      const arrived = bodyOf(entry, 'arrived');
      if (arrived) one(arrived.station, 'units');
      const d = bodyOf(entry, 'decided');
      if (d) {
        if (d.by === 'gate') one(d.station, 'automatic');
        if (d.audit) one(d.station, 'audits');
        if (d.noScore !== null) one(d.station, 'no-score');
      }
      const a = bodyOf(entry, 'answered');
      if (a) {
        one(a.station, a.counts ? 'answers' : 'changes');
        touch.run(a.station, hour, 'verdict', 1, a.tookMs / 1000);
      }
      const late = bodyOf(entry, 'overdue');
      if (late) one(late.station, 'overdue');
      const r = bodyOf(entry, 'released');
      if (r) one(r.station, r.disposition);
      const touched = bodyOf(entry, 'intervened');
      if (touched) touch.run(touched.station, hour, touched.type, touched.verdict ? 1 : 0, touched.seconds);
      const found = bodyOf(entry, 'found');
      if (found?.counted) one(found.station, 'findings');
    };
  },
};
