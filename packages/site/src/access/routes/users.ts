import {
  idParamsSchema,
  newPasswordSchema,
  newUserSchema,
  ownPasswordSchema,
  sessionSchema,
  userChangeSchema,
  userSchema,
  usersSchema,
} from '@selvedge/core/records';
import type { Access } from '../access.js';
import { notFound, Refusal, tooMany } from '../refusal.js';
import { noteRefusal } from './complete-sign-in.js';
import { BODY_LIMIT, ownWayAllowed, REFUSALS, sessionOf, someone, TAGS, type TypedApp } from './typed.js';

export function userRoutes(app: TypedApp, access: Access): void {
  const { users, passwords, sessions, delays, clock, write } = access;
  const govern = app.requireRight('govern');

  app.get(
    '/api/users',
    {
      onRequest: govern,
      schema: { tags: TAGS, summary: 'Every user', response: { 200: usersSchema, ...REFUSALS } },
    },
    async () => ({ users: users.list() }),
  );

  app.post(
    '/api/users',
    {
      onRequest: govern,
      bodyLimit: BODY_LIMIT,
      schema: {
        tags: TAGS,
        summary: 'Add a user',
        body: newUserSchema,
        response: { 200: userSchema, ...REFUSALS },
      },
    },
    async (request) => users.add({ ...request.body, by: someone(request).by }),
  );

  app.post(
    '/api/users/:id',
    {
      onRequest: govern,
      bodyLimit: BODY_LIMIT,
      schema: {
        tags: TAGS,
        summary: 'Change a role, or deactivate; ends the sessions of the user',
        params: idParamsSchema,
        body: userChangeSchema,
        response: { 200: userSchema, ...REFUSALS },
      },
    },
    async (request) => users.change(request.params.id, request.body, someone(request).by),
  );

  app.post(
    '/api/users/:id/password',
    {
      onRequest: govern,
      bodyLimit: BODY_LIMIT,
      schema: {
        tags: TAGS,
        summary: 'Give a user a new password; ends the sessions of the user',
        params: idParamsSchema,
        body: newPasswordSchema,
        response: { 200: userSchema, ...REFUSALS },
      },
    },
    async (request) => {
      const user = users.get(request.params.id);
      if (user === null) throw notFound('user');
      const hash = await passwords.hash(request.body.password, user.name);
      await write('credential-changed', user.id, {
        user: user.id,
        what: 'password',
        by: someone(request).by,
      });
      passwords.keep(user.id, hash, clock.nowMs());
      sessions.endAll(user.id);
      return user;
    },
  );

  app.post(
    '/api/password',
    {
      onRequest: app.requireRight('look', { person: true }),
      bodyLimit: BODY_LIMIT,
      schema: {
        tags: TAGS,
        summary: 'Change the own password; ends the other sessions',
        body: ownPasswordSchema,
        response: { 200: sessionSchema, ...REFUSALS },
      },
    },
    async (request) => {
      const { current, password } = request.body;
      const session = sessionOf(request);
      const { user } = someone(request);
      if (!passwords.has(user.id)) ownWayAllowed(access, user.id);
      else {
        const key = `own ${user.id}`;
        const waitMs = delays.pair.waitMs(key);
        if (waitMs > 0) throw tooMany(waitMs);
        delays.pair.fail(key);
        if (!(await passwords.check(user.id, current, clock.nowMs()))) {
          await noteRefusal(access, request, { user: user.id, why: 'own-password' });
          throw new Refusal({
            status: 403,
            code: 'password-wrong',
            message: 'The current password is another one. Type it again.',
          });
        }
        delays.pair.clear(key);
      }
      const hash = await passwords.hash(password, user.name);
      await write('credential-changed', user.id, { user: user.id, what: 'password', by: user.id });
      passwords.keep(user.id, hash, clock.nowMs());
      sessions.endAll(user.id, session);
      return access.session(request.identity);
    },
  );
}
