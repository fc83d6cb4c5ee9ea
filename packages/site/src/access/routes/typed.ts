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
import type { Identity } from '../identity.js';
import { signInNeeded } from '../refusal.js';

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
