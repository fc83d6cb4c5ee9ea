import type { Projection } from '@selvedge/store';
import { bodyOf } from './units.js';

/**
 * Every question with its end: open, answered, overdue; of a unit shown once more (`again_unit`) also lapsed, and done
 * once its answer was counted.
 */
export const questionsFold: Projection = {
  name: 'question',
  version: 4,
  tables: ['question'],
  create: (db) => {
    db.exec(`CREATE TABLE question (
      id TEXT PRIMARY KEY, station TEXT NOT NULL, unit TEXT NOT NULL, reason TEXT NOT NULL,
      asked_at_ms INTEGER NOT NULL, deadline_at_ms INTEGER NOT NULL, otherwise TEXT NOT NULL,
      again_unit TEXT, context_of TEXT, besides TEXT, not_for TEXT,
      state TEXT NOT NULL, help INTEGER NOT NULL DEFAULT 0,
      first_label TEXT, first_bad INTEGER, first_user TEXT, first_blind INTEGER,
      label TEXT, bad INTEGER, user TEXT, answered_at_ms INTEGER, took_ms REAL, answers INTEGER NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX question_live ON question (station, asked_at_ms)
      WHERE state = 'open' OR (state = 'answered' AND again_unit IS NOT NULL);
    CREATE INDEX question_unit ON question (unit);
    CREATE INDEX question_again ON question (again_unit) WHERE again_unit IS NOT NULL;
    CREATE INDEX question_answered ON question (station, answered_at_ms, took_ms, user);`);
  },
  prepare: (db) => {
    const ask = db.prepare(
      `INSERT OR IGNORE INTO question (id, station, unit, reason, asked_at_ms, deadline_at_ms, otherwise, again_unit,
       context_of, besides, not_for, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open')`,
    );
    const help = db.prepare('UPDATE question SET help = 1 WHERE id = ?');
    const answer = db.prepare(
      `UPDATE question SET state = 'answered', label = ?, bad = ?, user = ?, answered_at_ms = ?, took_ms = ?,
       answers = answers + 1 WHERE id = ?`,
    );
    const first = db.prepare(
      'UPDATE question SET first_label = ?, first_bad = ?, first_user = ?, first_blind = ? WHERE id = ?',
    );
    const undo = db.prepare(
      `UPDATE question SET state = 'open', label = NULL, bad = NULL, user = NULL, answered_at_ms = NULL WHERE id = ?`,
    );
    const end = db.prepare(`UPDATE question SET state = ? WHERE id = ? AND state IN ('open', 'answered')`);
    return (entry) => {
      const asked = bodyOf(entry, 'asked');
      if (asked && entry.subject !== null) {
        const { again } = asked;
        ask.run(
          ...[asked.question, asked.station, entry.subject, asked.reason, entry.atMs],
          ...[asked.deadlineAtMs, asked.otherwise, again?.unit ?? null, again?.contextOf ?? null],
          again?.besides ?? null,
          again === undefined ? null : JSON.stringify(again.notFor),
        );
      }
      const shown = bodyOf(entry, 'help-shown');
      if (shown) help.run(shown.question);
      const a = bodyOf(entry, 'answered');
      if (a) answer.run(a.label, a.bad ? 1 : 0, a.user, entry.atMs, a.tookMs, a.question);
      if (a?.counts) first.run(a.label, a.bad ? 1 : 0, a.user, a.blind ? 1 : 0, a.question);
      const undone = bodyOf(entry, 'undone');
      if (undone) undo.run(undone.question);
      const late = bodyOf(entry, 'overdue');
      if (late) end.run('overdue', late.question);
      const lapsed = bodyOf(entry, 'lapsed');
      if (lapsed) end.run('lapsed', lapsed.question);
      const done = bodyOf(entry, 'second-read') ?? bodyOf(entry, 'seed-read');
      if (done) end.run('done', done.question);
    };
  },
};
