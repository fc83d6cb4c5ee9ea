import { normalizeIP } from '@fastify/rate-limit';
import type { User } from '@selvedge/core/records';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Access } from '../access.js';
import { clearOidcCookie, oidcCookie, setOidcCookie } from '../identity.js';
import {
  OIDC_CALLBACK,
  OIDC_START,
  OidcFault,
  type OidcPerson,
  type OidcProvider,
} from '../oidc-provider.js';
import { Refusal, tooMany } from '../refusal.js';
import { completeSignIn, noteRefusal } from './complete-sign-in.js';
import type { TypedApp } from './typed.js';

/** What came of a sign-in: the page says it in the reader's language, with whom to ask. */
type Refused =
  | OidcFault['code']
  | 'no-role'
  | 'inactive'
  | 'name-taken'
  | 'name-invalid'
  | 'last-owner'
  | 'linked-already';

/** Where the browser lands when somebody did not come in. */
const refusedAt = (why: Refused): string => `/sign-in?refused=${why}`;
const PUBLIC = { access: 'public' } as const;
/** Browsers are sent to these addresses and back; no program calls them. */
const HIDDEN = { hide: true } as const;

/**
 * Sign-in through the identity provider: the start sends the browser there, the callback takes it back. Both are plain
 * navigations, so they answer with a redirection and never with a document.
 */
export function oidcRoutes(app: TypedApp, access: Access, provider: OidcProvider): void {
  const { delays } = access;
  const { host } = new URL(provider.address);

  app.get(OIDC_START, { config: PUBLIC, schema: HIDDEN }, async (request, reply) => {
    // What begins at another name of the site could not end at this one: cookies belong to a host.
    if (request.host !== host) return reply.redirect(new URL(request.url, provider.address).href, 303);
    const { identity } = request;
    const wanted = 'link' in (request.query as object);
    const linking =
      wanted && identity?.session ? { user: identity.user.id, session: identity.session } : null;
    if (wanted && linking === null) return reply.redirect('/sign-in', 303);
    try {
      const { url, secret } = await provider.begin(linking);
      setOidcCookie(request, reply, secret);
      return reply.redirect(url, 303);
    } catch (error) {
      if (!(error instanceof OidcFault)) throw error;
      request.log.warn({ event: 'oidc-refused', code: error.code, detail: error.detail });
      return reply.redirect(refusedAt(error.code), 303);
    }
  });

  app.get(OIDC_CALLBACK, { config: PUBLIC, schema: HIDDEN }, async (request, reply) => {
    const address = normalizeIP(request.ip);
    const waitMs = delays.address.waitMs(address);
    if (waitMs > 0) throw tooMany(waitMs);
    delays.address.fail(address);
    const { search } = new URL(request.url, provider.address);
    let person: OidcPerson;
    try {
      person = await provider.finish(search, oidcCookie(request));
    } catch (error) {
      if (!(error instanceof OidcFault)) throw error;
      const { code, detail } = error;
      request.log.warn({ event: 'oidc-refused', code, detail });
      if (code === 'away' || code === 'cancelled') delays.address.pardon(address);
      // Whoever began nothing here is nobody: anyone can call this address.
      if (code !== 'expired') {
        const why = `oidc ${code} ${detail}`.trim().slice(0, 200);
        await noteRefusal(access, request, { user: null, why });
      }
      return reply.redirect(refusedAt(code), 303);
    }
    clearOidcCookie(request, reply);
    delays.address.pardon(address);
    return enter(access, person, { request, reply });
  });
}

async function enter(
  access: Access,
  person: OidcPerson,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
): Promise<FastifyReply> {
  try {
    const found =
      person.linking === null ? await userOf(access, person) : await linked(access, person, person.linking);
    if (typeof found === 'string') {
      const user = access.oidcLinks.find(person)?.user ?? null;
      await noteRefusal(access, request, { user, why: `oidc ${found}` });
      return reply.redirect(refusedAt(found), 303);
    }
    access.oidcLinks.used(person, access.clock.nowMs());
    await completeSignIn(access, { request, reply, user: found.id, how: 'oidc' });
    return reply.redirect('/', 303);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const why = WHY[error.code];
    if (why === undefined) throw error;
    await noteRefusal(access, request, { user: null, why: `oidc ${why}` });
    return reply.redirect(refusedAt(why), 303);
  }
}

/** Refusals of `Users` that are the person's to know. */
const WHY: Readonly<Record<string, Refused>> = {
  'name-taken': 'name-taken',
  'name-invalid': 'name-invalid',
  'last-owner': 'last-owner',
  'sign-in-refused': 'inactive',
};

/**
 * The user of a person, known by issuer and subject alone; made at their first sign-in. The role follows the claim at
 * every sign-in where the provider brought the user; somebody whose claim gives none is signed out everywhere.
 */
async function userOf(access: Access, person: OidcPerson): Promise<User | Refused> {
  const { oidcLinks, users, sessions, clock } = access;
  const { role } = person;
  const link = oidcLinks.find(person);
  if (link === null) {
    if (role === null) return 'no-role';
    const user = await users.add({ name: spelled(person), role, password: null, by: BY });
    oidcLinks.keep(person, { user: user.id, managed: true }, clock.nowMs());
    return user;
  }
  const user = users.get(link.user);
  if (user === null || !user.active) return 'inactive';
  if (!link.managed) return user;
  if (role === null) {
    sessions.endAll(user.id);
    return 'no-role';
  }
  return users.change(user.id, { role }, BY);
}

/** Who stands in the journal for what a claim of the provider did. */
const BY = 'oidc';

/** Joins a person of the provider to the user whose session asked for it. */
async function linked(
  access: Access,
  person: OidcPerson,
  { user: id, session }: NonNullable<OidcPerson['linking']>,
): Promise<User | Refused> {
  const { oidcLinks, users, sessions, clock, write } = access;
  const user = users.get(id);
  if (user === null || !user.active || !sessions.lives(session, clock.nowMs())) return 'expired';
  const link = oidcLinks.find(person);
  if (link !== null) return link.user === user.id ? user : 'linked-already';
  oidcLinks.keep(person, { user: user.id, managed: false }, clock.nowMs());
  try {
    await write('credential-changed', user.id, { user: user.id, what: 'oidc-linked', by: user.id });
  } catch (error) {
    oidcLinks.forget(person);
    throw error;
  }
  sessions.end(session);
  return user;
}

/** The name without what a name here may not hold. */
const spelled = ({ name }: OidcPerson): string =>
  name
    .normalize('NFKC')
    .replace(/[^\p{L}\p{M}\p{N} .'’\-_@+·]/gu, ' ')
    .slice(0, 80);
