import type { SiteFactBody, SiteFactKind } from '@selvedge/core/records';
import type { Database, Entry, Projection } from '@selvedge/store';

/** The body of a row of this kind, or null for any other. Rows are written through one door, which checks them. */
export const bodyOf = <K extends SiteFactKind>(entry: Entry, kind: K): SiteFactBody<K> | null =>
  entry.kind === kind ? (entry.body as SiteFactBody<K>) : null;

/** One row for each unit at each station: what it was, what was decided, what became of it. */
export const unitsFold: Projection = {
  name: 'unit',
  version: 4,
  tables: ['unit', 'unit_judged', 'unit_certified', 'unit_tally'],
  create: (db) => {
    db.exec(`CREATE TABLE unit (
      station TEXT NOT NULL, id TEXT NOT NULL, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL,
      part TEXT, lot TEXT, observation TEXT NOT NULL, context TEXT NOT NULL,
      score REAL, epoch INTEGER, call TEXT, decided_by TEXT, region TEXT, position INTEGER,
      audit INTEGER NOT NULL DEFAULT 0, observed INTEGER NOT NULL DEFAULT 0, class_call TEXT,
      label TEXT, bad INTEGER, blind INTEGER, answered_by TEXT, final_label TEXT, final_bad INTEGER, late INTEGER NOT NULL DEFAULT 0,
      disposition TEXT, released_by TEXT, released_at_ms INTEGER, found TEXT,
      PRIMARY KEY (station, id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE unit_judged (
      station TEXT NOT NULL, epoch INTEGER NOT NULL, labels INTEGER NOT NULL, bad INTEGER NOT NULL,
      PRIMARY KEY (station, epoch)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE unit_certified (station TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE unit_tally (
      station TEXT NOT NULL, epoch INTEGER NOT NULL, units INTEGER NOT NULL, audits INTEGER NOT NULL,
      audits_bad INTEGER NOT NULL, automatic INTEGER NOT NULL, PRIMARY KEY (station, epoch)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX unit_seq ON unit (seq);
    CREATE INDEX unit_station ON unit (station, seq);
    CREATE INDEX unit_audited ON unit (station, at_ms, bad) WHERE audit = 1;
    CREATE INDEX unit_id ON unit (id);
    CREATE INDEX unit_evidence ON unit (station, epoch, seq);
    CREATE INDEX unit_unfinished ON unit (station, seq) WHERE disposition IS NULL;
    CREATE INDEX unit_labelled ON unit (station, seq) WHERE final_label IS NOT NULL;
    CREATE INDEX unit_blind ON unit (station, epoch, seq)
      WHERE score IS NOT NULL AND (blind = 1 OR late = 1) AND audit = 0;
    -- What a unit adds to the tally may change as it is decided and judged: what it added before is taken off.
    CREATE TRIGGER unit_counted AFTER UPDATE OF epoch, decided_by, audit, bad ON unit
    WHEN new.seq > (SELECT seq FROM unit_certified WHERE station = new.station) BEGIN
      UPDATE unit_tally SET units = units - 1, audits = audits - old.audit,
        audits_bad = audits_bad - (old.audit = 1 AND old.bad IS 1), automatic = automatic - (old.decided_by IS 'gate')
        WHERE station = old.station AND epoch = old.epoch;
      INSERT INTO unit_tally
        SELECT new.station, new.epoch, 1, new.audit, new.audit = 1 AND new.bad IS 1, new.decided_by IS 'gate'
        WHERE new.epoch IS NOT NULL
        ON CONFLICT (station, epoch) DO UPDATE SET units = units + 1, audits = audits + excluded.audits,
          audits_bad = audits_bad + excluded.audits_bad, automatic = automatic + excluded.automatic;
    END;`);
  },
  prepare: (db) => {
    const arrive = db.prepare(
      `INSERT INTO unit (station, id, seq, at_ms, part, lot, observation, context) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (station, id) DO NOTHING`,
    );
    const decide = db.prepare(
      `UPDATE unit SET score = ?, epoch = ?, call = ?, decided_by = ?, region = ?, position = ?, audit = ?, observed = ?,
       class_call = ? WHERE station = ? AND id = ?`,
    );
    const answer = db.prepare(
      'UPDATE unit SET label = ?, bad = ?, blind = ?, answered_by = ? WHERE station = ? AND id = ?',
    );
    const settle = db.prepare('UPDATE unit SET final_label = ?, final_bad = ? WHERE station = ? AND id = ?');
    const late = db.prepare('UPDATE unit SET late = 1 WHERE station = ? AND id = ?');
    // Counted as it comes: a shadow may have a million units.
    const judge = db.prepare(
      `INSERT INTO unit_judged SELECT station, epoch, 1, ? FROM unit
       WHERE station = ? AND id = ? AND score IS NOT NULL AND epoch IS NOT NULL
       ON CONFLICT (station, epoch) DO UPDATE SET labels = labels + 1, bad = bad + excluded.bad`,
    );
    const release = db.prepare(
      'UPDATE unit SET disposition = ?, released_by = ?, released_at_ms = ? WHERE station = ? AND id = ?',
    );
    const find = db.prepare('UPDATE unit SET found = ? WHERE station = ? AND id = ?');
    const certify = db.prepare('INSERT OR REPLACE INTO unit_certified VALUES (?, ?)');
    const countAnew = db.prepare('DELETE FROM unit_tally WHERE station = ?');
    return (entry) => {
      const { seq, atMs, subject } = entry;
      if (subject === null) return;
      const c = bodyOf(entry, 'certified');
      if (c) {
        certify.run(c.station, seq);
        countAnew.run(c.station);
      }
      const arrived = bodyOf(entry, 'arrived');
      if (arrived)
        arrive.run(
          ...[arrived.station, subject, seq, atMs, arrived.part, arrived.lot],
          ...[JSON.stringify(arrived.observation), JSON.stringify(arrived.context)],
        );
      const d = bodyOf(entry, 'decided');
      if (d)
        decide.run(
          ...[d.score, d.epoch, d.call, d.by, d.region, d.position],
          ...[d.audit ? 1 : 0, d.pLevel === null ? 0 : 1, d.classCall, d.station, subject],
        );
      const a = bodyOf(entry, 'answered');
      if (a?.counts) answer.run(a.label, a.bad ? 1 : 0, a.blind ? 1 : 0, a.user, a.station, subject);
      if (a?.counts && a.blind) judge.run(a.bad ? 1 : 0, a.station, subject);
      if (a) settle.run(a.label, a.bad ? 1 : 0, a.station, subject);
      const undone = bodyOf(entry, 'undone');
      if (undone) settle.run(null, null, undone.station, subject);
      const overdue = bodyOf(entry, 'overdue');
      if (overdue) {
        late.run(overdue.station, subject);
        // Nobody could show that it was good.
        judge.run(1, overdue.station, subject);
      }
      const r = bodyOf(entry, 'released');
      if (r) release.run(r.disposition, r.by, atMs, r.station, subject);
      const f = bodyOf(entry, 'found');
      if (f) find.run(f.label, f.station, subject);
    };
  },
};

/** Units of an epoch that were scored and judged blind, or overdue, and the bad ones among them. */
export function judgedIn(db: Database, station: string, epoch: number): { labels: number; bad: number } {
  const row = db
    .prepare('SELECT labels, bad FROM unit_judged WHERE station = ? AND epoch = ?')
    .get(station, epoch);
  return { labels: Number(row?.labels ?? 0), bad: Number(row?.bad ?? 0) };
}

/** Units that came after the certificate of an epoch, by what became of them; all 0 in an epoch without one. */
export function sinceCertificate(
  db: Database,
  station: string,
  epoch: number,
): { units: number; audits: number; auditsBad: number; automatic: number } {
  const row = db
    .prepare(
      `SELECT units, audits, audits_bad, automatic FROM unit_tally t WHERE station = ? AND epoch = ?
         AND EXISTS (SELECT 1 FROM gate_certificate c WHERE c.station = t.station AND c.epoch = t.epoch)`,
    )
    .get(station, epoch);
  return {
    units: Number(row?.units ?? 0),
    audits: Number(row?.audits ?? 0),
    auditsBad: Number(row?.audits_bad ?? 0),
    automatic: Number(row?.automatic ?? 0),
  };
}
