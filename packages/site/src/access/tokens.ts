import { type ApiToken, RIGHTS, type Right } from '@selvedge/core/records';
import type { Database, Row } from '@selvedge/store';
import { hashOf, newId, newSecret } from './credentials-file.js';

/** What a token begins with, so that a leaked one is found by a search. */
const PREFIX = 'slv_';
/** Its time of use is written no oftener. */
const TOUCH_MS = 60_000;

export interface NewToken {
  /** Who made it; it can never do more than they may. */
  readonly user: string;
  readonly name: string;
  readonly rights: readonly Right[];
  /** Null = until revoked. */
  readonly endsAtMs: number | null;
}

export interface Tokens {
  /** Makes one; `secret` is shown once and kept nowhere. */
  make(token: NewToken, nowMs: number): { readonly secret: string; readonly token: ApiToken };
  /** The token that `secret` opens, neither revoked nor past its end. */
  find(secret: string, nowMs: number): ApiToken | null;
  get(id: string): ApiToken | null;
  list(): ApiToken[];
  revoke(id: string): void;
  /** For one that could not be journaled. */
  unmake(id: string): void;
}

export function createTokens(db: Database): Tokens {
  const insert = db.prepare(
    'INSERT INTO token (id, hash, user, name, rights, made_at_ms, ends_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const byHash = db.prepare('SELECT * FROM token WHERE hash = ?');
  const byId = db.prepare('SELECT * FROM token WHERE id = ?');
  const all = db.prepare('SELECT * FROM token ORDER BY made_at_ms, id');
  const touch = db.prepare('UPDATE token SET used_at_ms = ? WHERE id = ?');
  const revoke = db.prepare('UPDATE token SET revoked = 1 WHERE id = ?');
  const drop = db.prepare('DELETE FROM token WHERE id = ?');
  const get = (id: string): ApiToken | null => {
    const row = byId.get(id);
    return row === undefined ? null : tokenOf(row);
  };
  return {
    make({ user, name, rights, endsAtMs }, nowMs) {
      const secret = `${PREFIX}${newSecret()}`;
      const id = newId('token');
      insert.run(id, hashOf(secret), user, name, JSON.stringify(rights), nowMs, endsAtMs);
      const token = { id, user, name, rights: [...rights], madeAtMs: nowMs, endsAtMs };
      return { secret, token: { ...token, usedAtMs: null, revoked: false } };
    },
    find(secret, nowMs) {
      const row = secret.startsWith(PREFIX) ? byHash.get(hashOf(secret)) : undefined;
      if (row === undefined) return null;
      const token = tokenOf(row);
      if (token.revoked || (token.endsAtMs !== null && nowMs >= token.endsAtMs)) return null;
      if (token.usedAtMs === null || nowMs - token.usedAtMs >= TOUCH_MS) touch.run(nowMs, token.id);
      return token;
    },
    get,
    list: () => all.all().map(tokenOf),
    revoke: (id) => void revoke.run(id),
    unmake: (id) => void drop.run(id),
  };
}

const isRight = (value: unknown): value is Right => typeof value === 'string' && Object.hasOwn(RIGHTS, value);
const maybe = (value: Row[string] | undefined): number | null => (value == null ? null : Number(value));

function tokenOf(row: Row): ApiToken {
  const rights: unknown = JSON.parse(String(row.rights));
  return {
    id: String(row.id),
    user: String(row.user),
    name: String(row.name),
    rights: Array.isArray(rights) ? rights.filter(isRight) : [],
    madeAtMs: Number(row.made_at_ms),
    endsAtMs: maybe(row.ends_at_ms),
    usedAtMs: maybe(row.used_at_ms),
    revoked: Number(row.revoked) === 1,
  };
}
