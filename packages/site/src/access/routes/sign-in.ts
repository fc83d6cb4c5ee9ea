import { normalizeIP } from '@fastify/rate-limit';
import { sessionSchema, setupSchema, signInSchema } from '@selvedge/core/records';
import type { Access } from '../access.js';
import { clearSessionCookie } from '../identity.js';
import { nameKey } from '../names.js';
import { sameCode } from '../one-time-code.js';
import { conflict, Refusal, tooMany } from '../refusal.js';
import { completeSignIn, noteRefusal, signInRefused } from './complete-sign-in.js';
import { BODY_LIMIT, REFUSALS, sessionOf, someone, TAGS, type TypedApp } from './typed.js';

/** Pairs of name and address that signed in since the start: guessing from elsewhere does not make them wait. */
const MOST_KNOWN = 2_000;
const LONGEST_NAME = 200;

export function signInRoutes(app: TypedApp, access: Access): void {
  const { delays, users, passwords, sessions, clock } = access;
  const known = new Set<string>();
  const noteWaiting = createQuiet(clock.steadyMs);

  app.get(
    '/api/session',
    {
      config: { access: 'public' },
      schema: { tags: TAGS, summary: 'Who is looking', response: { 200: sessionSchema, ...REFUSALS } },
    },
    async ({ identity }) => access.session(identity),
  );

  app.post(
    '/api/setup',
    {
      config: { access: 'public' },
      bodyLimit: BODY_LIMIT,
      schema: {
        tags: TAGS,
        summary: 'The first owner, by the one-time code of the terminal',
        body: setupSchema,
        response: { 200: sessionSchema, ...REFUSALS },
      },
    },
    async (request, reply) => {
      const { code, name, password } = request.body;
      const keys = ['everybody', normalizeIP(request.ip)];
      const waitMs = Math.max(...keys.map((key) => delays.setup.waitMs(key)));
      if (waitMs > 0) throw tooMany(waitMs);
      const taken = access.takeCode();
      if (taken === null)
        throw conflict('setup-done', 'The site has an owner already. Sign in, or ask them to add you.');
      let user: string;
      try {
        if (!sameCode(code, taken.code)) {
          for (const key of keys) delays.setup.fail(key);
          throw new Refusal({
            status: 401,
            code: 'code-wrong',
            message: 'This is not the code. It stands in the terminal that started the site.',
          });
        }
        user = await firstOwner(access, name, password);
      } catch (error) {
        taken.giveBack();
        if (error instanceof Refusal && error.code === 'code-wrong')
          await noteRefusal(access, request, { user: null, why: 'code' });
        throw error;
      }
      return completeSignIn(access, { request, reply, user, how: 'code' });
    },
  );

  app.post(
    '/api/sign-in',
    {
      config: { access: 'public' },
      bodyLimit: BODY_LIMIT,
      schema: {
        tags: TAGS,
        summary: 'Sign in with a password',
        body: signInSchema,
        response: { 200: sessionSchema, ...REFUSALS },
      },
    },
    async (request, reply) => {
      // Cut, because it is remembered: what is longer is nobody's name.
      const name = nameKey(request.body.name.slice(0, LONGEST_NAME)).slice(0, LONGEST_NAME);
      const address = normalizeIP(request.ip);
      const pair = `${address} ${name}`;
      const found = users.byName(name);
      const waitMs = Math.max(
        delays.pair.waitMs(pair),
        delays.address.waitMs(address),
        known.has(pair) ? 0 : delays.name.waitMs(name),
      );
      if (waitMs > 0) {
        if (noteWaiting(pair))
          await noteRefusal(access, request, { user: found?.id ?? null, why: 'too-many' });
        throw tooMany(waitMs);
      }
      delays.pair.fail(pair);
      delays.address.fail(address);
      delays.name.fail(name);
      const pardon = (): void => {
        delays.address.pardon(address);
        delays.name.pardon(name);
      };
      const candidate = found?.active ? found.id : null;
      const right = await passwords
        .check(candidate, request.body.password, clock.nowMs())
        .catch((error: unknown) => {
          pardon();
          delays.pair.pardon(pair);
          throw error;
        });
      if (!right || candidate === null) {
        const why = found === null ? 'no-such-user' : found.active ? 'password' : 'inactive';
        await noteRefusal(access, request, { user: found?.id ?? null, why });
        throw signInRefused();
      }
      pardon();
      delays.pair.clear(pair);
      if (known.size >= MOST_KNOWN) known.clear();
      known.add(pair);
      return completeSignIn(access, { request, reply, user: candidate, how: 'password' });
    },
  );

  app.post(
    '/api/sign-out',
    {
      onRequest: app.requireRight('look', { person: true }),
      bodyLimit: BODY_LIMIT,
      schema: { tags: TAGS, summary: 'End this session', response: { 200: sessionSchema, ...REFUSALS } },
    },
    async (request, reply) => {
      // Before the fact: a session that should be gone is gone even where the journal cannot commit.
      sessions.end(sessionOf(request));
      clearSessionCookie(request, reply);
      const user = someone(request).user.id;
      await access.write('signed-out', user, { user, why: 'own' });
      return access.session(null);
    },
  );
}

/**
 * Makes the owner. Where the file of credentials was lost, an owner of the journal gets a new password under the old
 * name: who reads the terminal may.
 */
async function firstOwner(access: Access, name: string, password: string): Promise<string> {
  const { users, passwords, clock, write } = access;
  const before = users.byName(name);
  if (before === null || !before.active || before.role !== 'owner')
    return (await users.add({ name, role: 'owner', password, by: null })).id;
  const hash = await passwords.hash(password, before.name);
  await write('credential-changed', before.id, { user: before.id, what: 'password', by: before.id });
  passwords.keep(before.id, hash, clock.nowMs());
  return before.id;
}

/** True once a minute for each key. */
function createQuiet(steadyMs: () => number): (key: string) => boolean {
  const last = new Map<string, number>();
  return (key) => {
    if (steadyMs() - (last.get(key) ?? -Infinity) < 60_000) return false;
    if (last.size >= MOST_KNOWN) last.clear();
    last.set(key, steadyMs());
    return true;
  };
}
