import type { Projection } from '@selvedge/store';
import { bodyOf } from './units.js';

/** What was written to equipment and how it ended, the leases, and what each guard may do. */
export const writesFold: Projection = {
  name: 'write',
  version: 4,
  tables: ['write', 'lease', 'guard'],
  create: (db) => {
    db.exec(`CREATE TABLE write (
      id TEXT PRIMARY KEY, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL, connector TEXT NOT NULL, target TEXT NOT NULL,
      value TEXT NOT NULL, station TEXT NOT NULL, decision TEXT NOT NULL, lease TEXT, not_after_ms INTEGER NOT NULL,
      outcome TEXT, why TEXT, ended_ms INTEGER, seen_by TEXT
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX write_open ON write (connector, seq) WHERE outcome IS NULL;
    CREATE INDEX write_doubt ON write (station, seq) WHERE outcome IN ('unknown', 'untold') AND seen_by IS NULL;
    CREATE INDEX write_connector ON write (connector, seq);
    CREATE INDEX write_lease ON write (lease, seq) WHERE lease IS NOT NULL;
    CREATE INDEX write_unseen ON write (connector, target) WHERE outcome = 'unknown' AND seen_by IS NULL;
    CREATE INDEX write_untold ON write (connector, seq) WHERE outcome IN ('unknown', 'untold') AND seen_by IS NULL;
    CREATE TABLE lease (
      id TEXT PRIMARY KEY, seq INTEGER NOT NULL, connector TEXT NOT NULL, target TEXT NOT NULL, station TEXT NOT NULL,
      body TEXT NOT NULL, from_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL, ended_ms INTEGER, why TEXT
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX lease_live ON lease (connector, target) WHERE ended_ms IS NULL;
    CREATE TABLE guard (
      connector TEXT PRIMARY KEY, mode TEXT NOT NULL, by_user TEXT NOT NULL, reason TEXT NOT NULL, at_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;`);
  },
  prepare: (db) => {
    const intend = db.prepare(
      `INSERT INTO write (id, seq, at_ms, connector, target, value, station, decision, lease, not_after_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
    );
    // Never sent: it is here because a person has to see to its unit.
    const untold = db.prepare(
      `INSERT INTO write (id, seq, at_ms, connector, target, value, station, decision, not_after_ms, outcome, why, ended_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'untold', ?, ?) ON CONFLICT (id) DO NOTHING`,
    );
    const end = db.prepare('UPDATE write SET outcome = ?, why = ?, ended_ms = ? WHERE id = ?');
    const see = db.prepare('UPDATE write SET seen_by = ? WHERE id = ?');
    const sign = db.prepare(
      `INSERT INTO lease (id, seq, connector, target, station, body, from_ms, until_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    const over = db.prepare('UPDATE lease SET ended_ms = ?, why = ? WHERE id = ? AND ended_ms IS NULL');
    const mode = db.prepare('INSERT OR REPLACE INTO guard VALUES (?, ?, ?, ?, ?)');
    return (entry) => {
      const { seq, atMs } = entry;
      const w = bodyOf(entry, 'write-intended');
      if (w)
        intend.run(
          ...[w.write, seq, atMs, w.connector, w.target, JSON.stringify(w.value), w.station, w.decision],
          ...[w.lease, w.notAfterMs],
        );
      const e = bodyOf(entry, 'write-ended');
      if (e) end.run(e.outcome, e.why, atMs, e.write);
      const u = bodyOf(entry, 'write-refused');
      if (u?.write !== undefined)
        untold.run(
          ...[u.write, seq, atMs, u.connector, u.target, JSON.stringify(u.value), u.station, u.decision],
          ...[atMs, u.why, atMs],
        );
      const s = bodyOf(entry, 'write-seen');
      if (s) see.run(s.user, s.write);
      const l = bodyOf(entry, 'lease-signed');
      if (l) sign.run(l.lease, seq, l.connector, l.target, l.station, JSON.stringify(l), atMs, l.untilMs);
      const o = bodyOf(entry, 'lease-ended');
      if (o) over.run(atMs, o.why, o.lease);
      const m = bodyOf(entry, 'guard-mode');
      if (m) mode.run(m.connector, m.mode, m.user, m.reason, atMs);
    };
  },
};
