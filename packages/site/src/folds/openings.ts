import { type Opening, openingStart, openingStep } from '@selvedge/core';
import type { Database, Projection } from '@selvedge/store';
import { bodyOf } from './units.js';

/** How far the gate of each adjusted setting is: a fold of what it was told. */
export const openingsFold: Projection = {
  name: 'opening',
  version: 1,
  tables: ['opening'],
  create: (db) => {
    db.exec(`CREATE TABLE opening (
      station TEXT NOT NULL, target TEXT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (station, target)
    ) STRICT, WITHOUT ROWID;`);
  },
  prepare: (db) => {
    const put = db.prepare('INSERT OR REPLACE INTO opening VALUES (?, ?, ?)');
    return (entry) => {
      const o = bodyOf(entry, 'opening');
      if (!o) return;
      const { alpha, delta, station, target, event } = o;
      put.run(
        station,
        target,
        JSON.stringify(openingStep(openingOf(db, station, target), event, { alpha, delta })),
      );
    };
  },
};

/** The state as the journal has it. */
export function openingOf(db: Database, station: string, target: string): Opening {
  const row = db.prepare('SELECT state FROM opening WHERE station = ? AND target = ?').get(station, target);
  return row === undefined ? openingStart() : (JSON.parse(String(row.state)) as Opening);
}
