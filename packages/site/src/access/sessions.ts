import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Database } from '@selvedge/store';
import { hashOf, newSecret } from './credentials-file.js';

export interface SessionRules {
  /** Without a request for so long a session ends. */
  readonly idleMs: number;
  /** It ends so long after sign-in, used or not. */
  readonly longestMs: number;
  /** Of one user; the oldest goes when another is made. */
  readonly mostPerUser: number;
}

/** A shift and its hand-over without a request; a week in all. */
export const SESSION_RULES: SessionRules = {
  idleMs: 12 * 3_600_000,
  longestMs: 7 * 86_400_000,
  mostPerUser: 10,
};

/** Its time of use is written no oftener. */
const TOUCH_MS = 60_000;
/** A session from further in the future than this was made before the clock was set back. */
const SKEW_MS = 600_000;

export interface FoundSession {
  readonly user: string;
  /** Names it without opening it. */
  readonly hash: Buffer;
  /** True where its time of use was just written: the cookie is then sent anew. */
  readonly touched: boolean;
}

export interface Sessions {
  /** Makes one and returns what opens it, which is kept nowhere. */
  make(user: string, nowMs: number): string;
  /** The session that `secret` opens and that has not ended; its end moves on. */
  find(secret: string, nowMs: number): FoundSession | null;
  /** True while the session is there; does not move its end. */
  lives(hash: Buffer, nowMs: number): boolean;
  end(hash: Buffer): void;
  /** Ends all of a user; `except` stays. */
  endAll(user: string, except?: Buffer): void;
}

export function createSessions(db: Database, rules: SessionRules): Sessions {
  const insert = db.prepare('INSERT INTO session (hash, user, made_at_ms, seen_at_ms) VALUES (?, ?, ?, ?)');
  const get = db.prepare('SELECT user, made_at_ms, seen_at_ms FROM session WHERE hash = ?');
  const touch = db.prepare('UPDATE session SET seen_at_ms = ? WHERE hash = ?');
  const drop = db.prepare('DELETE FROM session WHERE hash = ?');
  const dropAll = db.prepare('DELETE FROM session WHERE user = ? AND hash <> ?');
  const dropEnded = db.prepare(
    'DELETE FROM session WHERE seen_at_ms < ? OR made_at_ms < ? OR seen_at_ms > ?',
  );
  const dropOldest = db.prepare(
    `DELETE FROM session WHERE hash IN
       (SELECT hash FROM session WHERE user = ? ORDER BY made_at_ms DESC, hash LIMIT -1 OFFSET ?)`,
  );
  const live = (hash: Buffer, nowMs: number): { user: string; seenAtMs: number } | null => {
    const row = get.get(hash);
    if (row === undefined) return null;
    const seenAtMs = Number(row.seen_at_ms);
    const ended =
      nowMs - seenAtMs >= rules.idleMs ||
      nowMs - Number(row.made_at_ms) >= rules.longestMs ||
      seenAtMs - nowMs > SKEW_MS;
    return ended ? null : { user: String(row.user), seenAtMs };
  };
  return {
    make(user, nowMs) {
      const secret = newSecret();
      dropEnded.run(nowMs - rules.idleMs, nowMs - rules.longestMs, nowMs + SKEW_MS);
      dropOldest.run(user, rules.mostPerUser - 1);
      insert.run(hashOf(secret), user, nowMs, nowMs);
      return secret;
    },
    find(secret, nowMs) {
      const hash = hashOf(secret);
      const found = live(hash, nowMs);
      if (found === null) return null;
      const touched = nowMs - found.seenAtMs >= TOUCH_MS;
      if (touched) touch.run(nowMs, hash);
      return { user: found.user, hash, touched };
    },
    lives: (hash, nowMs) => live(hash, nowMs) !== null,
    end: (hash) => void drop.run(hash),
    endAll: (user, except = Buffer.alloc(0)) => void dropAll.run(user, except),
  };
}

/** What has to come back in `x-csrf-token`: made from the session's secret, so that no other session has it. */
export const csrfOf = (secret: string): string =>
  createHmac('sha256', secret).update('selvedge csrf').digest('base64url');

export function sameText(a: string, b: string): boolean {
  const [x, y] = [hashOf(a), hashOf(b)];
  return timingSafeEqual(x, y);
}
