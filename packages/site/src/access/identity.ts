import { mayRole, RIGHTS, type Right, type User } from '@selvedge/core/records';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Access } from './access.js';
import { Refusal } from './refusal.js';
import { csrfOf, sameText } from './sessions.js';

/** Who asks. */
export interface Identity {
  /** The person, or who made the token. */
  readonly user: User;
  /** What stands in the journal: the user's id, or the token's. */
  readonly by: string;
  readonly how: 'session' | 'token';
  readonly rights: readonly Right[];
  /** Hash of the session; null for a token. */
  readonly session: Buffer | null;
  readonly token: string | null;
  readonly csrf: string | null;
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
const ALL_RIGHTS = Object.keys(RIGHTS) as Right[];

/** By the site's own https, or by what a proxy says that is trusted; from anybody else such a word is not believed. */
const secure = ({ protocol }: FastifyRequest): boolean => protocol === 'https';
/** Over https the browser itself refuses the cookie from any other host or path. */
const cookieName = (request: FastifyRequest, what = 'session'): string =>
  `${secure(request) ? '__Host-' : ''}selvedge-${what}`;

export function setSessionCookie(
  access: Access,
  { request, reply, secret }: { request: FastifyRequest; reply: FastifyReply; secret: string },
): void {
  const maxAge = Math.floor(access.idleMs / 1000);
  reply.setCookie(cookieName(request), secret, { ...cookieOptions(request), maxAge });
}

export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  reply.clearCookie(cookieName(request), cookieOptions(request));
}

const cookieOptions = (request: FastifyRequest) =>
  ({ httpOnly: true, sameSite: 'strict', secure: secure(request), path: '/' }) as const;

/** Lax: the identity provider sends the browser back, and with that navigation it has to come. Good for ten minutes. */
const oidcOptions = (request: FastifyRequest) =>
  ({ ...cookieOptions(request), sameSite: 'lax', maxAge: 600 }) as const;

/** What ties a sign-in at the identity provider to the browser in which it began. */
export function setOidcCookie(request: FastifyRequest, reply: FastifyReply, secret: string): void {
  reply.setCookie(cookieName(request, 'oidc'), secret, oidcOptions(request));
}

export const oidcCookie = (request: FastifyRequest): string | undefined =>
  request.cookies[cookieName(request, 'oidc')];

export function clearOidcCookie(request: FastifyRequest, reply: FastifyReply): void {
  const { maxAge: _, ...options } = oidcOptions(request);
  reply.clearCookie(cookieName(request, 'oidc'), options);
}

export const ofSession = (user: User, session: Buffer, secret: string): Identity => ({
  user,
  by: user.id,
  how: 'session',
  rights: ALL_RIGHTS.filter((right) => mayRole(user.role, right)),
  session,
  token: null,
  csrf: csrfOf(secret),
});

/**
 * Who asks, by the bearer token where there is one, else by the session cookie; null for nobody.
 * @throws Refusal `token-refused` (401).
 */
export function identify(access: Access, request: FastifyRequest, reply: FastifyReply): Identity | null {
  const { users, sessions, tokens, clock } = access;
  const bearer = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
  if (bearer !== undefined) {
    const token = tokens.find(bearer, clock.nowMs());
    const user = token === null ? null : users.get(token.user);
    if (token === null || user === null || !user.active)
      throw new Refusal({
        status: 401,
        code: 'token-refused',
        message: 'This token is not valid. Ask an owner of the site for another.',
      });
    const rights = token.rights.filter((right) => mayRole(user.role, right));
    return { user, by: token.id, how: 'token', rights, session: null, token: token.id, csrf: null };
  }
  const secret = request.cookies[cookieName(request)];
  if (secret === undefined) return null;
  const session = sessions.find(secret, clock.nowMs());
  const user = session === null ? null : users.get(session.user);
  if (session === null || user === null || !user.active) return null;
  if (session.touched) setSessionCookie(access, { request, reply, secret });
  return ofSession(user, session.hash, secret);
}

/**
 * The refusal (403 `csrf` or `foreign-origin`) of what another site made the browser send, else null: a session proves
 * itself by the header that only its own page knows, and no page of another origin may begin one.
 */
export function foreignTo(
  access: Access,
  request: FastifyRequest,
  identity: Identity | null,
): Refusal | null {
  if (SAFE.has(request.method) || identity?.how === 'token') return null;
  const { origin, 'sec-fetch-site': from, 'x-csrf-token': csrf } = request.headers;
  const foreign =
    (from !== undefined && from !== 'same-origin' && from !== 'none') ||
    (origin !== undefined && !isOwn(access, request, origin));
  if (foreign) {
    const message = 'This came from another site. Open the site by its own address.';
    return new Refusal({ status: 403, code: 'foreign-origin', message });
  }
  if (identity?.csrf == null) return null;
  if (typeof csrf === 'string' && sameText(csrf, identity.csrf)) return null;
  const message = 'This page is out of date. Load it again, then repeat.';
  return new Refusal({ status: 403, code: 'csrf', message });
}

const isOwn = (access: Access, request: FastifyRequest, origin: string): boolean =>
  access.origins.includes(origin) || (URL.canParse(origin) && new URL(origin).host === request.host);
