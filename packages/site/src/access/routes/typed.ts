import { errorSchema } from '@selvedge/core/records';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyRequest,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Access } from '../access.js';
import type { Identity } from '../identity.js';
import { Refusal, signInNeeded } from '../refusal.js';

/** An instance whose routes are typed by their schemas. */
export type TypedApp = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** Bodies here are small; a passkey is the largest. */
export const BODY_LIMIT = 128 * 1024;
export const TAGS = ['access'];
export const REFUSALS = { '4xx': errorSchema } as const;

/** Who asks, behind a guard. */
export function someone({ identity }: Pick<FastifyRequest, 'identity'>): Identity {
  if (identity === null) throw signInNeeded();
  return identity;
}

/** The session of who asks, behind a guard for persons. */
export function sessionOf(request: Pick<FastifyRequest, 'identity'>): Buffer {
  const { session } = someone(request);
  if (session === null) throw signInNeeded();
  return session;
}

/**
 * Whom the company's identity provider brought gives themselves no way in beside it: when it shuts them out, they would
 * still come in. An owner may give them one, as for the day when the provider cannot be reached.
 * @throws Refusal `provider-manages` (403).
 */
export function ownWayAllowed({ oidcLinks }: Access, user: string): void {
  if (!oidcLinks.manages(user)) return;
  throw new Refusal({
    status: 403,
    code: 'provider-manages',
    message: 'You sign in through your company. An owner of the site can give you a password as well.',
  });
}
