import type { Database, Projection } from '@selvedge/store';
import { bodyOf } from './units.js';

/** The library of known-bad units, who has seen which, and what second readers said. */
export const seedsFold: Projection = {
  name: 'seed',
  version: 2,
  tables: ['seed', 'seed_seen', 'second_read', 'second_read_sum', 'reread'],
  create: (db) => {
    db.exec(`CREATE TABLE seed (
      station TEXT NOT NULL, unit TEXT NOT NULL, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL, label TEXT NOT NULL,
      added_by TEXT, removed INTEGER NOT NULL DEFAULT 0, read INTEGER NOT NULL DEFAULT 0,
      missed INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (station, unit)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE seed_seen (
      station TEXT NOT NULL, user TEXT NOT NULL, seq INTEGER NOT NULL, unit TEXT NOT NULL, at_ms INTEGER NOT NULL,
      read INTEGER NOT NULL, PRIMARY KEY (station, user, seq)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE second_read (
      station TEXT NOT NULL, seq INTEGER NOT NULL, unit TEXT NOT NULL, at_ms INTEGER NOT NULL,
      first_bad INTEGER NOT NULL, second_bad INTEGER NOT NULL, blind INTEGER NOT NULL, PRIMARY KEY (station, seq)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE second_read_sum (
      station TEXT PRIMARY KEY, both_bad INTEGER NOT NULL, differ INTEGER NOT NULL, both_good INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE reread (station TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT, WITHOUT ROWID;`);
  },
  prepare: (db) => {
    const add = db.prepare(
      `INSERT INTO seed (station, unit, seq, at_ms, label, added_by) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (station, unit) DO UPDATE SET removed = 0, seq = excluded.seq, at_ms = excluded.at_ms,
         label = excluded.label, added_by = excluded.added_by`,
    );
    const remove = db.prepare('UPDATE seed SET removed = 1 WHERE station = ? AND unit = ?');
    const read = db.prepare(
      'UPDATE seed SET read = read + 1, missed = missed + ? WHERE station = ? AND unit = ?',
    );
    const see = db.prepare('INSERT OR IGNORE INTO seed_seen VALUES (?, ?, ?, ?, ?, ?)');
    const second = db.prepare('INSERT INTO second_read VALUES (?, ?, ?, ?, ?, ?, ?)');
    const sum = db.prepare(
      `INSERT INTO second_read_sum VALUES (?, ?, ?, ?) ON CONFLICT (station) DO UPDATE SET
         both_bad = both_bad + excluded.both_bad, differ = differ + excluded.differ,
         both_good = both_good + excluded.both_good`,
    );
    const again = db.prepare('UPDATE reread SET n = n + 1 WHERE station = ?');
    const countAnew = db.prepare('INSERT OR REPLACE INTO reread VALUES (?, 0)');
    return (entry) => {
      const { subject: unit, seq, atMs } = entry;
      if (unit === null) return;
      const certified = bodyOf(entry, 'certified');
      if (certified) countAnew.run(certified.station);
      const added = bodyOf(entry, 'seed-added');
      if (added) {
        add.run(added.station, unit, seq, atMs, added.label, added.by);
        for (const user of added.seenBy) see.run(added.station, user, seq, unit, atMs, 0);
      }
      const removed = bodyOf(entry, 'seed-removed');
      if (removed) remove.run(removed.station, unit);
      const r = bodyOf(entry, 'seed-read');
      if (r) {
        if (r.blind) read.run(r.missed ? 1 : 0, r.station, unit);
        see.run(r.station, r.user, seq, unit, atMs, 1);
        again.run(r.station);
      }
      const s = bodyOf(entry, 'second-read');
      if (s) {
        const [one, other] = [s.first.bad, s.second.bad];
        second.run(...[s.station, seq, unit, atMs, one ? 1 : 0, other ? 1 : 0], s.second.blind ? 1 : 0);
        if (s.second.blind)
          sum.run(s.station, one && other ? 1 : 0, one === other ? 0 : 1, one || other ? 0 : 1);
        again.run(s.station);
      }
    };
  },
};

/** How blind second readers agreed with the first, at a station so far. */
export function secondReads(
  db: Database,
  station: string,
): { bothBad: number; differ: number; bothGood: number } {
  const row = db
    .prepare('SELECT both_bad, differ, both_good FROM second_read_sum WHERE station = ?')
    .get(station);
  return {
    bothBad: Number(row?.both_bad ?? 0),
    differ: Number(row?.differ ?? 0),
    bothGood: Number(row?.both_good ?? 0),
  };
}

/** Answers on units that were shown once more since the newest certificate: they cost a person as much as any other. */
export function rereads(db: Database, station: string): number {
  return Number(db.prepare('SELECT n FROM reread WHERE station = ?').get(station)?.n ?? 0);
}
