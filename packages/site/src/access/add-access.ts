import cookie from '@fastify/cookie';
import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Access } from './access.js';
import {
  createGuards,
  createNotes,
  type GuardedRoute,
  noteRoutes,
  type RequireRight,
  unguardedRoutes,
} from './guards.js';
import { foreignTo, type Identity, identify } from './identity.js';
import { answerError, tooMany } from './refusal.js';
import { oidcRoutes } from './routes/oidc.js';
import { passkeyRoutes } from './routes/passkeys.js';
import { signInRoutes } from './routes/sign-in.js';
import { tokenRoutes } from './routes/tokens.js';
import { userRoutes } from './routes/users.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** A guard for `onRequest` or `preHandler` of a route: 401 for nobody, 403 without the right. */
    requireRight: RequireRight;
    /** Every route added since `addAccess`, and what it asks. */
    guardedRoutes: readonly GuardedRoute[];
  }
  interface FastifyRequest {
    /** Who asks; null for nobody. */
    identity: Identity | null;
  }
  interface FastifyContextConfig {
    /** Says that a route is meant for everybody. */
    access?: 'public';
  }
}

/**
 * Puts access in front of every route of `app`: who asks (`request.identity`), the limit of requests, the refusal of
 * what other sites send, the error documents, `app.requireRight`, and the routes of access itself. Called on the root
 * instance before any other route; `app.ready()` then fails where a route under `/api` has neither a right nor
 * `config: { access: 'public' }`. `access` stays open: whoever opened it closes it.
 *
 * @throws Error where routes under `/api` were added before.
 */
export async function addAccess(app: FastifyInstance, access: Access): Promise<void> {
  if (/(^|\W)api\b/.test(app.printRoutes({ commonPrefix: false })))
    throw new Error('addAccess comes before the routes under /api: those before it would have no guard');
  await app.register(cookie);
  await app.register(rateLimit, { global: false });
  app.setErrorHandler(answerError);
  const note = createNotes(access);
  app.decorate('requireRight', createGuards(note));
  app.decorate('guardedRoutes', noteRoutes(app));
  app.decorateRequest('identity', null);
  const limit = app.createRateLimit({
    timeWindow: 60_000,
    keyGenerator: ({ identity, ip }) => identity?.by ?? normalizeIP(ip),
    max: ({ identity }) => access.limits[identity === null ? 'address' : kindOf(identity)],
  });
  app.addHook('onRequest', async (request, reply) => {
    let refused: unknown;
    try {
      request.identity = identify(access, request, reply);
    } catch (error) {
      refused = error;
    }
    // Also for a refused token, so that guessing them is limited.
    const counted = await limit(request);
    if (!counted.isAllowed && counted.isExceeded) throw tooMany(counted.ttl);
    if (refused !== undefined) throw refused;
    const foreign = foreignTo(access, request, request.identity);
    if (foreign === null) return;
    await note(request, foreign.code);
    throw foreign;
  });
  app.addHook('onReady', async () => {
    const open = unguardedRoutes(app);
    if (open.length > 0) throw new Error(`routes without a right: ${open.join(', ')}`);
  });
  await app.register(async (scope) => {
    const typed = scope.withTypeProvider<ZodTypeProvider>();
    typed.setValidatorCompiler(validatorCompiler);
    typed.setSerializerCompiler(serializerCompiler);
    typed.addHook('onSend', async (_request, reply) => {
      reply.header('cache-control', 'no-store');
    });
    signInRoutes(typed, access);
    if (access.usesPasskeys) passkeyRoutes(typed, access);
    if (access.oidc !== null) oidcRoutes(typed, access, access.oidc);
    userRoutes(typed, access);
    tokenRoutes(typed, access);
  });
}

const kindOf = ({ how }: Identity): 'user' | 'token' => (how === 'token' ? 'token' : 'user');
