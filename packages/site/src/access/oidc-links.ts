import type { Database } from '@selvedge/store';

/** Somebody of an identity provider: what it never gives to anybody else (OpenID Connect Core 1.0, section 2, `sub`). */
export interface Subject {
  readonly issuer: string;
  readonly subject: string;
}

export interface OidcLink {
  readonly user: string;
  /** True where the provider brought the user and its claim says the role; false where a user of the site linked it. */
  readonly managed: boolean;
}

/** Who of an identity provider is which user of the site. Names and addresses of mail play no part in it. */
export interface OidcLinks {
  find(of: Subject): OidcLink | null;
  keep(of: Subject, link: OidcLink, nowMs: number): void;
  used(of: Subject, nowMs: number): void;
  forget(of: Subject): void;
  /** True where the provider says who the user is and what they may. */
  manages(user: string): boolean;
}

export function createOidcLinks(db: Database): OidcLinks {
  const get = db.prepare('SELECT user, managed FROM oidc WHERE issuer = ? AND subject = ?');
  const put = db.prepare(
    'INSERT INTO oidc (issuer, subject, user, managed, made_at_ms, used_at_ms) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const touch = db.prepare('UPDATE oidc SET used_at_ms = ? WHERE issuer = ? AND subject = ?');
  const drop = db.prepare('DELETE FROM oidc WHERE issuer = ? AND subject = ?');
  const managed = db.prepare('SELECT 1 FROM oidc WHERE user = ? AND managed = 1');
  return {
    find({ issuer, subject }) {
      const row = get.get(issuer, subject);
      return row === undefined ? null : { user: String(row.user), managed: Number(row.managed) === 1 };
    },
    keep: ({ issuer, subject }, link, nowMs) =>
      void put.run(issuer, subject, link.user, Number(link.managed), nowMs, nowMs),
    used: ({ issuer, subject }, nowMs) => void touch.run(nowMs, issuer, subject),
    forget: ({ issuer, subject }) => void drop.run(issuer, subject),
    manages: (user) => managed.get(user) !== undefined,
  };
}
