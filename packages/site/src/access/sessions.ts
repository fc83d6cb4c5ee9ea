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

/** A session that is over. */
export interface EndedSession {
  readonly hash: Buffer;
  readonly user: string;
  readonly why: 'idle' | 'longest' | 'clock' | 'crowded';
}

export interface Sessions {
  /** Makes one and returns what opens it, which is kept nowhere. */
  make(user: string, nowMs: number): string;
  /** Those that are over and still kept, with the reason; `making`: whose oldest go because another will be made. */
  over(nowMs: number, making?: string): EndedSession[];
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
  const allEnded = db.prepare(
    `SELECT hash, user, made_at_ms, seen_at_ms FROM session
       WHERE seen_at_ms <= ? OR made_at_ms <= ? OR seen_at_ms > ? LIMIT 1000`,
  );
  const oldest = db.prepare(
    'SELECT hash FROM session WHERE user = ? ORDER BY made_at_ms DESC, hash LIMIT -1 OFFSET ?',
  );
  const whyOver = (madeAtMs: number, seenAtMs: number, nowMs: number): EndedSession['why'] | null => {
    if (seenAtMs - nowMs > SKEW_MS) return 'clock';
    if (nowMs - madeAtMs >= rules.longestMs) return 'longest';
    return nowMs - seenAtMs >= rules.idleMs ? 'idle' : null;
  };
  const live = (hash: Buffer, nowMs: number): { user: string; seenAtMs: number } | null => {
    const row = get.get(hash);
    if (row === undefined) return null;
    const seenAtMs = Number(row.seen_at_ms);
    const ended = whyOver(Number(row.made_at_ms), seenAtMs, nowMs) !== null;
    return ended ? null : { user: String(row.user), seenAtMs };
  };
  return {
    make(user, nowMs) {
      const secret = newSecret();
      insert.run(hashOf(secret), user, nowMs, nowMs);
      return secret;
    },
    over(nowMs, making) {
      const ended = allEnded
        .all(nowMs - rules.idleMs, nowMs - rules.longestMs, nowMs + SKEW_MS)
        .map((row): EndedSession => {
          const why = whyOver(Number(row.made_at_ms), Number(row.seen_at_ms), nowMs) ?? 'idle';
          return { hash: Buffer.from(row.hash as Uint8Array), user: String(row.user), why };
        });
      const crowded = making === undefined ? [] : oldest.all(making, rules.mostPerUser - 1);
      return [
        ...ended,
        ...crowded
          .map((row) => Buffer.from(row.hash as Uint8Array))
          .filter((hash) => !ended.some((one) => one.hash.equals(hash)))
          .map((hash): EndedSession => ({ hash, user: making ?? '', why: 'crowded' })),
      ];
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
