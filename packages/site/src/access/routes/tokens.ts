import {
  apiTokenSchema,
  idParamsSchema,
  madeTokenSchema,
  newTokenSchema,
  tokensSchema,
} from '@selvedge/core/records';
import type { Access } from '../access.js';
import { conflict, invalid, notFound } from '../refusal.js';
import { BODY_LIMIT, REFUSALS, someone, TAGS, type TypedApp } from './typed.js';

/** That are good at the same time. */
const MOST = 200;

export function tokenRoutes(app: TypedApp, access: Access): void {
  const { tokens, clock, write } = access;
  const govern = app.requireRight('govern');

  app.get(
    '/api/tokens',
    {
      onRequest: govern,
      schema: { tags: TAGS, summary: 'Every API token', response: { 200: tokensSchema, ...REFUSALS } },
    },
    async () => ({ tokens: tokens.list() }),
  );

  app.post(
    '/api/tokens',
    {
      // A leaked token may not make others.
      onRequest: app.requireRight('govern', { person: true }),
      bodyLimit: BODY_LIMIT,
      schema: {
        tags: TAGS,
        summary: 'Make an API token; its secret is shown once',
        body: newTokenSchema,
        response: { 200: madeTokenSchema, ...REFUSALS },
      },
    },
    async (request) => {
      const { user, by } = someone(request);
      const { name, endsAtMs } = request.body;
      const rights = [...new Set(request.body.rights)];
      const nowMs = clock.nowMs();
      if (endsAtMs !== null && endsAtMs <= nowMs)
        throw invalid('token-ended', 'The token would have ended already. Choose a later time.');
      const good = tokens.list().filter((token) => !token.revoked && (token.endsAtMs ?? Infinity) > nowMs);
      if (good.length >= MOST)
        throw conflict('too-many-tokens', `There are ${MOST} tokens already. Revoke one first.`);
      const made = tokens.make({ user: user.id, name, rights, endsAtMs }, nowMs);
      try {
        await write('token-made', made.token.id, { token: made.token.id, name, rights, by });
      } catch (error) {
        tokens.unmake(made.token.id);
        throw error;
      }
      return made;
    },
  );

  app.post(
    '/api/tokens/:id/revoke',
    {
      onRequest: govern,
      schema: {
        tags: TAGS,
        summary: 'Revoke an API token',
        params: idParamsSchema,
        response: { 200: apiTokenSchema, ...REFUSALS },
      },
    },
    async (request) => {
      const token = tokens.get(request.params.id);
      if (token === null) throw notFound('token');
      if (token.revoked) return token;
      // Before the fact: a token that should be gone is gone even where the journal cannot commit.
      tokens.revoke(token.id);
      await write('token-revoked', token.id, { token: token.id, by: someone(request).by });
      return { ...token, revoked: true };
    },
  );
}
