import { SITE_FACTS, type User, userSchema } from '@selvedge/core/records';
import type { Database, Projection } from '@selvedge/store';

const TABLE = 'users';

/** Who may come in, and as what: a fold of `user-added` and `user-changed`. Nobody is ever taken out, only deactivated. */
export const usersFold: Projection = {
  name: TABLE,
  version: 1,
  tables: [TABLE],
  create: (db) =>
    db.exec(`CREATE TABLE ${TABLE} (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      role TEXT NOT NULL,
      active INTEGER NOT NULL,
      seq INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID`),
  prepare: (db) => {
    const add = db.prepare(`INSERT INTO ${TABLE} (id, name, role, active, seq) VALUES (?, ?, ?, 1, ?)`);
    const change = db.prepare(
      `UPDATE ${TABLE} SET role = coalesce(?, role), active = coalesce(?, active) WHERE id = ?`,
    );
    return ({ kind, body, seq }) => {
      if (kind === 'user-added') {
        const { user, name, role } = SITE_FACTS['user-added'].parse(body);
        add.run(user, name, role, seq);
      }
      if (kind === 'user-changed') {
        const { user, role, active } = SITE_FACTS['user-changed'].parse(body);
        change.run(role, active === null ? null : Number(active), user);
      }
    };
  },
};

/** Every user, in the order in which they were added. */
export const allUsers = (db: Database): User[] =>
  db.prepare(`SELECT id, name, role, active FROM ${TABLE} ORDER BY seq`).all().map(userOf);

export function userById(db: Database, id: string): User | null {
  const row = db.prepare(`SELECT id, name, role, active FROM ${TABLE} WHERE id = ?`).get(id);
  return row === undefined ? null : userOf(row);
}

const userOf = ({ id, name, role, active }: Readonly<Record<string, unknown>>): User =>
  userSchema.parse({ id, name, role, active: Number(active) === 1 });
