import { type Algorithm, hash, type Options, parseOptions, verify } from '@node-rs/argon2';
import type { Database } from '@selvedge/store';
import { invalid, tooMany } from './refusal.js';
import { weakness } from './weak-password.js';

/** Cost of one argon2id hash. */
export interface Argon2Cost {
  /** KiB. */
  readonly memoryCost: number;
  readonly timeCost: number;
  readonly parallelism: number;
}

/** OWASP Password Storage Cheat Sheet, argon2id: 19 MiB, 2 passes, 1 lane. */
export const OWASP_ARGON2: Argon2Cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Hashes run on the threads that also write content to disk (four by default): half of them stay free. */
const AT_ONCE = 2;
const MOST_WAITING = 32;

export interface Passwords {
  /** @throws Refusal `password-weak` (422), `too-many` (429). */
  hash(password: string, name: string): Promise<string>;
  keep(user: string, hash: string, atMs: number): void;
  /** True where it is the user's. Takes as long for a user that is not there (`null`) or has no password. */
  check(user: string | null, password: string, atMs: number): Promise<boolean>;
  has(user: string): boolean;
  forget(user: string): void;
}

/** `words`: what everybody here knows, as the name of the site; no password is little more than that. */
export async function createPasswords(
  db: Database,
  cost: Argon2Cost,
  words: readonly string[] = [],
): Promise<Passwords> {
  const options: Options = { ...cost, algorithm: 2 satisfies Algorithm.Argon2id };
  const inLane = createLanes();
  const find = db.prepare('SELECT hash FROM password WHERE user = ?');
  const put = db.prepare('INSERT OR REPLACE INTO password (user, hash, set_at_ms) VALUES (?, ?, ?)');
  const drop = db.prepare('DELETE FROM password WHERE user = ?');
  /** Nobody's: checked in place of a user that is not there. */
  const nobodys = await hash(crypto.randomUUID(), options);
  const keep = (user: string, hashed: string, atMs: number): void => void put.run(user, hashed, atMs);
  return {
    async hash(password, name) {
      const text = password.normalize('NFKC');
      const weak = weakness(password, [name, ...words]);
      if (weak !== null) throw invalid('password-weak', weak);
      return inLane(() => hash(text, options));
    },
    keep,
    async check(user, password, atMs) {
      const row = user === null ? undefined : find.get(user);
      const known = row === undefined ? nobodys : String(row.hash);
      const text = password.normalize('NFKC');
      const right = (await inLane(() => verify(known, text))) && row !== undefined;
      if (right && user !== null && outdated(known, cost))
        keep(user, await inLane(() => hash(text, options)), atMs);
      return right;
    },
    has: (user) => find.get(user) !== undefined,
    forget: (user) => void drop.run(user),
  };
}

/** True where a hash was made at another cost than today's. */
function outdated(known: string, cost: Argon2Cost): boolean {
  const { memoryCost, timeCost, parallelism } = parseOptions(known);
  return memoryCost !== cost.memoryCost || timeCost !== cost.timeCost || parallelism !== cost.parallelism;
}

/** Runs few at once and refuses when too many wait, so that guessing cannot take the threads of the record. */
function createLanes(): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= AT_ONCE) {
      if (waiting.length >= MOST_WAITING) throw tooMany(2_000);
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
