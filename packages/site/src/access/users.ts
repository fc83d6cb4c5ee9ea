import type { Role, User } from '@selvedge/core/records';
import type { Database } from '@selvedge/store';
import { newId } from './credentials-file.js';
import { cleanName, nameKey, nameLooks } from './names.js';
import type { Passkeys } from './passkeys.js';
import type { Passwords } from './passwords.js';
import type { WriteFact } from './record.js';
import { conflict, invalid, notFound } from './refusal.js';
import type { Sessions } from './sessions.js';
import { allUsers, userById } from './users-fold.js';

export interface Users {
  list(): User[];
  get(id: string): User | null;
  byName(raw: string): User | null;
  /** Active owners with a password or a passkey. */
  owners(): User[];
  hasWayIn(id: string): boolean;
  /** @throws Refusal `name-invalid`, `password-weak` (422), `name-taken` (409). */
  add(user: NewUser): Promise<User>;
  /** @throws Refusal `not-found` (404), `last-owner` (409). Ends the sessions of who is changed. */
  change(id: string, change: UserChange, by: string): Promise<User>;
}

export interface NewUser {
  readonly name: string;
  readonly role: Role;
  /** Null for whom an identity provider brought: they have no way in of the site's own. */
  readonly password: string | null;
  /** Null for the first owner. */
  readonly by: string | null;
}

export interface UserChange {
  readonly role?: Role | undefined;
  readonly active?: boolean | undefined;
}

export function createUsers({
  db,
  write,
  passwords,
  passkeys,
  sessions,
  nowMs,
}: {
  readonly db: Database;
  readonly write: WriteFact;
  readonly passwords: Passwords;
  readonly passkeys: Passkeys;
  readonly sessions: Sessions;
  readonly nowMs: () => number;
}): Users {
  const oneAtATime = createTurns();
  const hasWayIn = (id: string): boolean => passwords.has(id) || passkeys.list(id).length > 0;
  const owners = (): User[] =>
    allUsers(db).filter(({ id, role, active }) => active && role === 'owner' && hasWayIn(id));
  const get = (id: string): User => {
    const user = userById(db, id);
    if (user === null) throw notFound('user');
    return user;
  };
  return {
    list: () => allUsers(db),
    get: (id) => userById(db, id),
    byName: (raw) => allUsers(db).find(({ name }) => nameKey(name) === nameKey(raw)) ?? null,
    owners,
    hasWayIn,
    async add({ name: raw, role, password, by }) {
      const clean = cleanName(raw);
      if (!clean.ok) throw invalid('name-invalid', clean.why);
      const { name } = clean;
      const hash = password === null ? null : await passwords.hash(password, name);
      return oneAtATime(async () => {
        if (allUsers(db).some((user) => nameLooks(user.name) === nameLooks(name)))
          throw conflict(
            'name-taken',
            'There is a user with this name or one that looks like it. Choose another.',
          );
        const id = newId('user');
        // Before the fact: a kill between the two leaves a password of nobody, not a user without one.
        if (hash !== null) passwords.keep(id, hash, nowMs());
        try {
          await write('user-added', id, { user: id, name, role, by });
        } catch (error) {
          passwords.forget(id);
          throw error;
        }
        return get(id);
      });
    },
    change: (id, { role, active }, by) =>
      oneAtATime(async () => {
        const user = get(id);
        const next = { role: role ?? user.role, active: active ?? user.active };
        if (next.role === user.role && next.active === user.active) return user;
        const stays = next.active && next.role === 'owner';
        if (!stays && owners().some((owner) => owner.id === id) && owners().length === 1)
          throw conflict('last-owner', 'This is the last owner. Make another user owner first.');
        await write('user-changed', id, { user: id, role: role ?? null, active: active ?? null, by });
        sessions.endAll(id);
        return get(id);
      }),
  };
}

/** Runs one after the other what has to see what the one before did. */
function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    last = turn.catch(() => {});
    return turn;
  };
}
