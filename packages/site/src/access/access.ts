import type { ConsoleLanguage, Origin, Session } from '@selvedge/core/records';
import type { Journal } from '@selvedge/store';
import { createChallenges } from './challenges.js';
import type { AccessClock } from './clock.js';
import { openCredentials } from './credentials-file.js';
import { createDelays, type Delays } from './delays.js';
import type { Identity } from './identity.js';
import { createOidcLinks, type OidcLinks } from './oidc-links.js';
import { createOidcProvider, type OidcOptions, type OidcProvider } from './oidc-provider.js';
import { makeCode } from './one-time-code.js';
import { createPasskeys, type Passkeys } from './passkeys.js';
import { type Argon2Cost, createPasswords, OWASP_ARGON2, type Passwords } from './passwords.js';
import { factWriter, type WriteFact } from './record.js';
import { createSessions, SESSION_RULES, type SessionRules, type Sessions } from './sessions.js';
import { createTokens, type Tokens } from './tokens.js';
import { createUsers, type Users } from './users.js';

/** Requests a minute, by who asks. */
export interface RequestLimits {
  /** Of one address (IPv6: its /64) that is not signed in. */
  readonly address: number;
  /** Of one user. */
  readonly user: number;
  /** Of one API token: equipment sends a unit a request. */
  readonly token: number;
}

export interface AccessOptions {
  /** The site's folder; `access.sqlite` is in it. */
  readonly folder: string;
  /** Opened with `usersFold` among its projections. */
  readonly journal: Journal;
  readonly site: string;
  readonly origin: Origin;
  /** The plant's, of the IANA list: pages show every time in it. */
  readonly timeZone?: string;
  /** Names of the plant's words, and its own kinds of interventions, for whoever is signed in. */
  readonly words?: Session['words'];
  readonly interventions?: Session['interventions'];
  readonly clock: AccessClock;
  /** Where browsers find the site, e.g. `https://line3.plant.example`: passkeys work there and on http://localhost. */
  readonly origins?: readonly string[];
  readonly argon2?: Argon2Cost;
  readonly sessions?: Partial<SessionRules>;
  readonly limits?: Partial<RequestLimits>;
  /** Languages of the console, the first one for whoever has not chosen. */
  readonly languages?: readonly ConsoleLanguage[];
  /** False where nobody signs in by a passkey here; default true. */
  readonly passkeys?: boolean;
  /** The identity provider of the company. */
  readonly oidc?: OidcOptions;
}

/** Sessions that are over are looked for so often. */
const SWEEP_MS = 60_000;

/** Failures before waiting, and how it grows; by whom. */
const DELAYS = {
  pair: { free: 3, firstMs: 1_000, mostMs: 900_000 },
  name: { free: 10, firstMs: 1_000, mostMs: 60_000 },
  address: { free: 20, firstMs: 1_000, mostMs: 60_000 },
  setup: { free: 5, firstMs: 1_000, mostMs: 60_000 },
} as const;

export interface Access extends AsyncDisposable {
  readonly site: string;
  readonly origins: readonly string[];
  readonly clock: AccessClock;
  readonly limits: RequestLimits;
  readonly users: Users;
  readonly passwords: Passwords;
  readonly passkeys: Passkeys;
  readonly sessions: Sessions;
  readonly tokens: Tokens;
  readonly idleMs: number;
  readonly delays: Readonly<Record<keyof typeof DELAYS, Delays>>;
  readonly write: WriteFact;
  readonly oidc: OidcProvider | null;
  readonly oidcLinks: OidcLinks;
  /** False where passkeys are switched off. */
  readonly usesPasskeys: boolean;
  /** Ends and journals sessions that are over; of `making` also the oldest, so that one more has room. */
  endOld(making?: string): Promise<void>;
  /** True while no active owner has a password or a passkey. */
  needsOwner(): boolean;
  /** What lets the first owner in, `XXXX-XXXX-XXXX`, to be printed in the terminal; null once there is an owner. */
  oneTimeCode(): string | null;
  /** Uses the code up, so that nobody else can while an owner is made; `giveBack` where that failed. */
  takeCode(): { readonly code: string; giveBack(): void } | null;
  session(identity: Identity | null): Session;
  /** True while `identity` may still look: for streams that outlive their request, asked every few seconds. */
  stillHere(identity: Identity): boolean;
  close(): void;
}

/**
 * Opens who may come in: users are a fold of the journal, what proves who they are is in a file of its own.
 * @throws StoreError of `openCredentials`; RangeError for an origin that is no https origin.
 */
export async function openAccess(options: AccessOptions): Promise<Access> {
  const { journal, clock, site, origin, timeZone = 'Etc/UTC' } = options;
  const origins = (options.origins ?? []).map(httpsOrigin);
  const rules = { ...SESSION_RULES, ...options.sessions };
  const db = await openCredentials(options.folder);
  let open = true;
  const words = [site, 'selvedge'];
  const passwords = await createPasswords(db, options.argon2 ?? OWASP_ARGON2, words);
  const passkeys = createPasskeys(db, createChallenges(clock.steadyMs));
  const sessions = createSessions(db, rules);
  const tokens = createTokens(db);
  const write = factWriter(journal, clock.nowMs);
  const users = createUsers({ db: journal.db, write, passwords, passkeys, sessions, nowMs: clock.nowMs });
  const needsOwner = (): boolean => users.owners().length === 0;
  let code = needsOwner() ? makeCode() : null;
  const oidc = options.oidc === undefined ? null : createOidcProvider(options.oidc, clock.steadyMs);
  const oidcLinks = createOidcLinks(db);
  const usesPasskeys = options.passkeys ?? true;
  let ending: Promise<void> = Promise.resolve();
  // One after the other, so that no end is written twice; written first, so that none is lost.
  const endOld = (making?: string): Promise<void> => {
    const turn = ending.then(async () => {
      for (const { hash, user, why } of open ? sessions.over(clock.nowMs(), making) : []) {
        await write('signed-out', user, { user, why });
        if (open) sessions.end(hash);
      }
    });
    ending = turn.catch(() => {});
    return turn;
  };
  // Nobody asks for a session that is over: it is looked for, so that the journal has its end.
  const sweep = setInterval(() => void endOld().catch(() => {}), SWEEP_MS);
  sweep.unref();
  const close = (): void => {
    if (!open) return;
    open = false;
    clearInterval(sweep);
    // The file alone is then the whole of it, for whoever copies it.
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    db.close();
  };
  return {
    site,
    origins,
    clock,
    limits: { address: 600, user: 3_000, token: 120_000, ...options.limits },
    users,
    passwords,
    passkeys,
    sessions,
    tokens,
    idleMs: rules.idleMs,
    delays: {
      pair: createDelays(DELAYS.pair, clock.steadyMs),
      name: createDelays(DELAYS.name, clock.steadyMs),
      address: createDelays(DELAYS.address, clock.steadyMs),
      setup: createDelays(DELAYS.setup, clock.steadyMs),
    },
    write,
    oidc,
    oidcLinks,
    usesPasskeys,
    endOld,
    needsOwner,
    oneTimeCode: () => code,
    takeCode() {
      if (code === null) return null;
      const taken = code;
      code = null;
      return {
        code: taken,
        giveBack: () => {
          code = taken;
        },
      };
    },
    session: (identity) => ({
      site,
      origin,
      timeZone,
      needsOwner: needsOwner(),
      user: identity?.user ?? null,
      csrf: identity?.csrf ?? null,
      languages: [...(options.languages ?? (['en', 'zh', 'id'] as const))],
      ways: { passkey: usesPasskeys, oidc: oidc?.name ?? null },
      // Whoever stands outside learns nothing of what is made here.
      words: identity === null ? {} : (options.words ?? {}),
      interventions: identity === null ? [] : [...(options.interventions ?? [])],
      nowMs: clock.nowMs(),
    }),
    stillHere({ user, session, token }) {
      const now = users.get(user.id);
      if (now === null || !now.active || now.role !== user.role) return false;
      if (session !== null) return sessions.lives(session, clock.nowMs());
      const known = token === null ? null : tokens.get(token);
      return known !== null && !known.revoked && (known.endsAtMs ?? Infinity) > clock.nowMs();
    },
    close,
    [Symbol.asyncDispose]: async () => close(),
  };
}

function httpsOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== 'https:' || url.origin !== text.replace(/\/$/, ''))
    throw new RangeError(`${text} is no https origin. Write it like https://line3.plant.example`);
  return url.origin;
}
