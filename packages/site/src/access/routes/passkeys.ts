import { normalizeIP } from '@fastify/rate-limit';
import {
  newPasskeySchema,
  passkeySchema,
  passkeySignInSchema,
  passkeysSchema,
  removePasskeySchema,
  sessionSchema,
  webAuthnOptionsSchema,
} from '@selvedge/core/records';
import type { FastifyRequest } from 'fastify';
import type { Access } from '../access.js';
import type { Place } from '../passkeys.js';
import { conflict, invalid, notFound, Refusal, tooMany } from '../refusal.js';
import { completeSignIn, noteRefusal } from './complete-sign-in.js';
import { BODY_LIMIT, ownWayAllowed, REFUSALS, sessionOf, someone, TAGS, type TypedApp } from './typed.js';

export function passkeyRoutes(app: TypedApp, access: Access): void {
  const { passkeys, passwords, delays, users, clock, write } = access;
  const person = app.requireRight('look', { person: true });

  app.get(
    '/api/passkeys',
    {
      onRequest: person,
      schema: { tags: TAGS, summary: 'The own passkeys', response: { 200: passkeysSchema, ...REFUSALS } },
    },
    async (request) => ({ passkeys: passkeys.list(someone(request).user.id) }),
  );

  app.post(
    '/api/passkeys/options',
    {
      onRequest: person,
      schema: {
        tags: TAGS,
        summary: 'Options to create a passkey',
        response: { 200: webAuthnOptionsSchema, ...REFUSALS },
      },
    },
    async (request) => {
      const session = sessionOf(request).toString('hex');
      if (!passwords.has(someone(request).user.id)) ownWayAllowed(access, someone(request).user.id);
      const options = await passkeys.creationOptions(
        someone(request).user,
        access.site,
        placeOf(access, request),
        session,
      );
      return { ...options };
    },
  );

  app.post(
    '/api/passkeys',
    {
      onRequest: person,
      bodyLimit: BODY_LIMIT,
      schema: {
        tags: TAGS,
        summary: 'Add a passkey to the own name',
        body: newPasskeySchema,
        response: { 200: passkeySchema, ...REFUSALS },
      },
    },
    async (request) => {
      const { user } = someone(request);
      const { name, credential } = request.body;
      const session = sessionOf(request).toString('hex');
      const about = { user, name, place: placeOf(access, request), session };
      const passkey = await passkeys.add(credential, about, clock.nowMs());
      try {
        await write('credential-changed', user.id, { user: user.id, what: 'passkey-added', by: user.id });
      } catch (error) {
        passkeys.remove(user.id, passkey.id);
        throw error;
      }
      return passkey;
    },
  );

  app.post(
    '/api/passkeys/remove',
    {
      onRequest: person,
      bodyLimit: BODY_LIMIT,
      schema: {
        tags: TAGS,
        summary: 'Remove one of the own passkeys',
        body: removePasskeySchema,
        response: { 200: passkeysSchema, ...REFUSALS },
      },
    },
    async (request) => {
      const { user } = someone(request);
      const own = passkeys.list(user.id);
      const { id } = request.body;
      if (!own.some((passkey) => passkey.id === id)) throw notFound('passkey');
      if (own.length === 1 && !passwords.has(user.id))
        throw conflict('last-way-in', 'This is your only way to sign in. Set a password first.');
      passkeys.remove(user.id, id);
      await write('credential-changed', user.id, { user: user.id, what: 'passkey-removed', by: user.id });
      return { passkeys: passkeys.list(user.id) };
    },
  );

  app.post(
    '/api/sign-in/passkey-options',
    {
      config: { access: 'public' },
      bodyLimit: BODY_LIMIT,
      schema: {
        tags: TAGS,
        summary: 'Options to sign in with a passkey',
        response: { 200: webAuthnOptionsSchema, ...REFUSALS },
      },
    },
    async (request) => ({ ...(await passkeys.requestOptions(placeOf(access, request))) }),
  );

  app.post(
    '/api/sign-in/passkey',
    {
      config: { access: 'public' },
      bodyLimit: BODY_LIMIT,
      schema: {
        tags: TAGS,
        summary: 'Sign in with a passkey',
        body: passkeySignInSchema,
        response: { 200: sessionSchema, ...REFUSALS },
      },
    },
    async (request, reply) => {
      const address = normalizeIP(request.ip);
      const waitMs = delays.address.waitMs(address);
      if (waitMs > 0) throw tooMany(waitMs);
      const place = placeOf(access, request);
      delays.address.fail(address);
      const found = await passkeys.check(request.body.credential, place, clock.nowMs());
      const active = found.user !== null && users.get(found.user)?.active === true;
      if (!found.ok || !active) {
        const why = found.ok ? 'inactive' : found.why;
        await noteRefusal(access, request, { user: found.user, why });
        throw new Refusal({
          status: 401,
          code: 'sign-in-refused',
          message: 'This passkey was not accepted. Try again, or sign in with your password.',
        });
      }
      delays.address.pardon(address);
      return completeSignIn(access, { request, reply, user: found.user, how: 'passkey' });
    },
  );
}

/**
 * Where the browser stands: one of the site's https origins, or this machine by the name `localhost`. Elsewhere
 * browsers have no passkeys (WebAuthn level 3, section 5.1.3: a secure context, and a domain that is no address).
 * @throws Refusal `no-passkeys-here` (422).
 */
function placeOf(access: Access, request: FastifyRequest): Place {
  const { origin = '' } = request.headers;
  const url = URL.canParse(origin) ? new URL(origin) : null;
  const local = url?.hostname === 'localhost' && url.host === request.host;
  if (url === null || !(local || access.origins.includes(origin)))
    throw invalid(
      'no-passkeys-here',
      'Passkeys work at an https address of the site and at http://localhost. Sign in with a password here.',
    );
  return { origin, host: url.hostname };
}
