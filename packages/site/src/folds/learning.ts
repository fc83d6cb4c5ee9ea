import type { Database, Projection } from '@selvedge/store';
import { bodyOf } from './units.js';

/**
 * What learning and applicants stand on: labels with their known propensities, what every model said of a unit, who
 * applies, and how they were tested. `docs/decisions/0029-learning-and-applicants.md`.
 */
export const learningFold: Projection = {
  name: 'learning',
  version: 1,
  tables: ['unit_label', 'said_score', 'applicant', 'assessment', 'shadow_batch'],
  create: (db) => {
    db.exec(`CREATE TABLE unit_label (
      station TEXT NOT NULL, unit TEXT NOT NULL, seq INTEGER NOT NULL, lot TEXT, propensity REAL,
      manual INTEGER NOT NULL, bad INTEGER, late INTEGER NOT NULL DEFAULT 0, label_seq INTEGER, PRIMARY KEY (station, unit)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX unit_label_seq ON unit_label (station, seq);
    CREATE INDEX unit_label_judged ON unit_label (station, label_seq);
    CREATE TABLE said_score (
      station TEXT NOT NULL, unit TEXT NOT NULL, model TEXT NOT NULL, score REAL, fault TEXT,
      PRIMARY KEY (station, unit, model)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE applicant (
      station TEXT NOT NULL, id TEXT NOT NULL, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL, state TEXT NOT NULL,
      why TEXT NOT NULL, barred INTEGER NOT NULL DEFAULT 0, body TEXT NOT NULL,
      scored INTEGER NOT NULL DEFAULT 0, faults INTEGER NOT NULL DEFAULT 0, missed INTEGER NOT NULL DEFAULT 0,
      PRIMARY KEY (station, id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE assessment (
      station TEXT NOT NULL, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL, applicant TEXT NOT NULL, hash TEXT NOT NULL,
      body TEXT NOT NULL, PRIMARY KEY (station, seq)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX assessment_of ON assessment (station, applicant, seq);
    CREATE TABLE shadow_batch (
      station TEXT NOT NULL, applicant TEXT NOT NULL, seq INTEGER NOT NULL, units INTEGER NOT NULL, took_ms REAL NOT NULL,
      cpu_ms REAL, PRIMARY KEY (station, applicant, seq)
    ) STRICT, WITHOUT ROWID;`);
  },
  prepare: (db) => {
    const expect = db.prepare(
      `INSERT INTO unit_label (station, unit, seq, lot, propensity, manual) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (station, unit) DO NOTHING`,
    );
    const judge = db.prepare(
      'UPDATE unit_label SET bad = ?, label_seq = ? WHERE station = ? AND unit = ? AND bad IS NULL',
    );
    const late = db.prepare(
      'UPDATE unit_label SET late = 1, label_seq = ? WHERE station = ? AND unit = ? AND bad IS NULL',
    );
    // An extra question was chosen by a model: what it says has no propensity.
    const chosen = db.prepare('UPDATE unit_label SET propensity = NULL WHERE station = ? AND unit = ?');
    const say = db.prepare(
      'INSERT OR REPLACE INTO said_score (station, unit, model, score, fault) VALUES (?, ?, ?, ?, ?)',
    );
    const apply = db.prepare(
      `INSERT INTO applicant (station, id, seq, at_ms, state, why, body) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (station, id) DO UPDATE SET at_ms = excluded.at_ms,
         state = CASE WHEN barred = 1 THEN state ELSE excluded.state END,
         why = CASE WHEN barred = 1 THEN why ELSE excluded.why END, body = excluded.body`,
    );
    const move = db.prepare('UPDATE applicant SET state = ?, why = ? WHERE station = ? AND id = ?');
    const leavePost = db.prepare(
      `UPDATE applicant SET state = 'shadow', why = 'was in post before' WHERE station = ? AND state = 'in-post' AND id <> ?`,
    );
    const bar = db.prepare(
      'UPDATE applicant SET state = ?, why = ?, barred = ? WHERE station = ? AND id = ?',
    );
    const tally = db.prepare(
      `UPDATE applicant SET scored = scored + ?, faults = faults + ?, missed = missed + ?
       WHERE station = ? AND id = ?`,
    );
    const batch = db.prepare('INSERT INTO shadow_batch VALUES (?, ?, ?, ?, ?, ?)');
    const assess = db.prepare('INSERT INTO assessment VALUES (?, ?, ?, ?, ?, ?)');
    return (entry) => {
      const { seq, atMs, subject } = entry;
      const decided = bodyOf(entry, 'decided');
      if (decided && subject !== null) {
        const { station, lot, call, audit, propensity, model, score, noScore, state } = decided;
        if (call !== 'ask' && !audit) return;
        // In shadow and closed every unit is asked about, whatever it scores.
        const manual = state === 'shadow' || state === 'closed' ? 1 : 0;
        expect.run(station, subject, seq, lot, propensity, manual);
        if (model !== null) say.run(station, subject, model, score, noScore);
        return;
      }
      const asked = bodyOf(entry, 'asked');
      if (asked && subject !== null && asked.reason === 'teach') {
        expect.run(asked.station, subject, seq, null, null, 0);
        chosen.run(asked.station, subject);
        return;
      }
      const answered = bodyOf(entry, 'answered');
      if (answered?.counts && answered.blind && subject !== null) {
        judge.run(answered.bad ? 1 : 0, seq, answered.station, subject);
        return;
      }
      const overdue = bodyOf(entry, 'overdue');
      if (overdue && subject !== null) {
        late.run(seq, overdue.station, subject);
        return;
      }
      const applied = bodyOf(entry, 'applied');
      if (applied) {
        const { station, applicant } = applied;
        apply.run(station, applicant, seq, atMs, 'shadow', applied.parity, JSON.stringify(applied));
        return;
      }
      const refused = bodyOf(entry, 'application-refused');
      if (refused) {
        const { station, applicant, why } = refused;
        apply.run(station, applicant, seq, atMs, 'refused', why, JSON.stringify(refused));
        return;
      }
      const scored = bodyOf(entry, 'shadow-scored');
      if (scored) {
        const { station, applicant, units, missed, tookMs, cpuMs } = scored;
        for (const one of units) say.run(station, one.unit, applicant, one.score, one.fault);
        const faults = units.filter(({ score }) => score === null).length;
        tally.run(units.length, faults, missed, station, applicant);
        batch.run(station, applicant, seq, units.length, tookMs, cpuMs);
        return;
      }
      const assessed = bodyOf(entry, 'assessed');
      if (assessed) {
        const { station, applicant, hash } = assessed;
        assess.run(station, seq, atMs, applicant, hash, JSON.stringify(assessed));
        return;
      }
      const recommended = bodyOf(entry, 'recommended');
      if (recommended) move.run('recommended', recommended.why, recommended.station, recommended.applicant);
      const hired = bodyOf(entry, 'hired');
      if (hired) {
        leavePost.run(hired.station, hired.applicant);
        move.run('in-post', hired.reason, hired.station, hired.applicant);
      }
      const dismissed = bodyOf(entry, 'dismissed');
      if (dismissed) {
        const { station, applicant, why, barred, note } = dismissed;
        const state = why === 'readmitted' ? 'shadow' : barred ? 'barred' : 'left';
        bar.run(state, note, barred ? 1 : 0, station, applicant);
      }
      const installed = bodyOf(entry, 'model-installed');
      if (installed) leavePost.run(installed.station, installed.model);
    };
  },
};

export interface ApplicantRecord {
  readonly id: string;
  readonly seq: number;
  readonly atMs: number;
  readonly state: string;
  readonly why: string;
  readonly barred: boolean;
  readonly body: Readonly<Record<string, unknown>>;
  readonly scored: number;
  readonly faults: number;
  readonly missed: number;
}

/** Everybody who ever applied at a station, the newest first. */
export function applicantsOf(db: Database, station: string): ApplicantRecord[] {
  return db
    .prepare('SELECT * FROM applicant WHERE station = ? ORDER BY at_ms DESC, seq DESC')
    .all(station)
    .map((row) => ({
      id: String(row.id),
      seq: Number(row.seq),
      atMs: Number(row.at_ms),
      state: String(row.state),
      why: String(row.why),
      barred: row.barred === 1,
      body: JSON.parse(String(row.body)) as Readonly<Record<string, unknown>>,
      scored: Number(row.scored),
      faults: Number(row.faults),
      missed: Number(row.missed),
    }));
}
