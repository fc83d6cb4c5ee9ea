import type { Projection } from '@selvedge/store';
import { bodyOf } from './units.js';

/** Every question with its end: open, answered, or overdue. */
export const questionsFold: Projection = {
  name: 'question',
  version: 1,
  tables: ['question'],
  create: (db) => {
    db.exec(`CREATE TABLE question (
      id TEXT PRIMARY KEY, station TEXT NOT NULL, unit TEXT NOT NULL, reason TEXT NOT NULL,
      asked_at_ms INTEGER NOT NULL, deadline_at_ms INTEGER NOT NULL, otherwise TEXT NOT NULL,
      state TEXT NOT NULL, help INTEGER NOT NULL DEFAULT 0,
      label TEXT, bad INTEGER, user TEXT, answered_at_ms INTEGER, took_ms REAL, answers INTEGER NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX question_open ON question (state, deadline_at_ms);
    CREATE INDEX question_unit ON question (unit);`);
  },
  prepare: (db) => {
    const ask = db.prepare(
      `INSERT OR IGNORE INTO question (id, station, unit, reason, asked_at_ms, deadline_at_ms, otherwise, state)
       VALUES (?, ?, ?, ?, ?, ?, ?, 'open')`,
    );
    const help = db.prepare('UPDATE question SET help = 1 WHERE id = ?');
    const answer = db.prepare(
      `UPDATE question SET state = 'answered', label = ?, bad = ?, user = ?, answered_at_ms = ?, took_ms = ?,
       answers = answers + 1 WHERE id = ?`,
    );
    const undo = db.prepare(
      `UPDATE question SET state = 'open', label = NULL, bad = NULL, user = NULL, answered_at_ms = NULL WHERE id = ?`,
    );
    const overdue = db.prepare(`UPDATE question SET state = 'overdue' WHERE id = ? AND state = 'open'`);
    return (entry) => {
      const asked = bodyOf(entry, 'asked');
      if (asked && entry.subject !== null)
        ask.run(
          ...[asked.question, asked.station, entry.subject, asked.reason, entry.atMs],
          ...[asked.deadlineAtMs, asked.otherwise],
        );
      const shown = bodyOf(entry, 'help-shown');
      if (shown) help.run(shown.question);
      const a = bodyOf(entry, 'answered');
      if (a) answer.run(a.label, a.bad ? 1 : 0, a.user, entry.atMs, a.tookMs, a.question);
      const undone = bodyOf(entry, 'undone');
      if (undone) undo.run(undone.question);
      const late = bodyOf(entry, 'overdue');
      if (late) overdue.run(late.question);
    };
  },
};
