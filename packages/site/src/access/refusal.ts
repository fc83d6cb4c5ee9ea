import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';

/** What the server answers instead of doing it: a status, one word for machines, one sentence that says what to do. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly statusCode: number;
  readonly code: string;
  readonly retryAfterMs: number | null;

  constructor({
    status,
    code,
    message,
    retryAfterMs = null,
    cause,
  }: {
    readonly status: number;
    readonly code: string;
    readonly message: string;
    readonly retryAfterMs?: number | null;
    readonly cause?: unknown;
  }) {
    super(message, { cause });
    this.statusCode = status;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

export const signInNeeded = (): Refusal =>
  new Refusal({ status: 401, code: 'sign-in-needed', message: 'Sign in first.' });

export const invalid = (code: string, message: string): Refusal =>
  new Refusal({ status: 422, code, message });

export const conflict = (code: string, message: string): Refusal =>
  new Refusal({ status: 409, code, message });

export const notFound = (what: string): Refusal =>
  new Refusal({ status: 404, code: 'not-found', message: `There is no such ${what}.` });

export function tooMany(waitMs: number): Refusal {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  const message = `Too many tries. Wait ${seconds} s, then try again.`;
  return new Refusal({ status: 429, code: 'too-many', message, retryAfterMs: seconds * 1000 });
}

/**
 * Turns everything that a route throws into an `errorSchema` document. What the server did not mean to say (a path, a
 * query) never leaves it: such an error is logged and answered with 500.
 */
export async function answerError(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { status, code, message, retryAfterMs } = plain(error);
  if (status >= 500) request.log.error({ err: error, event: 'request-failed' });
  if (retryAfterMs !== null) reply.header('retry-after', Math.ceil(retryAfterMs / 1000));
  // The rest of a body that is too large is not read: the connection ends with the answer.
  if (status === 413) reply.header('connection', 'close');
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .serializer(JSON.stringify)
    .type('application/json; charset=utf-8')
    .send({ error: { code, message } });
}

type Plain = {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly retryAfterMs: number | null;
};

function plain(error: FastifyError): Plain {
  if (error instanceof Refusal) {
    const { statusCode: status, code, message, retryAfterMs } = error;
    return { status, code, message, retryAfterMs };
  }
  const say = (status: number, code: string, message: string): Plain => ({
    status,
    code,
    message,
    retryAfterMs: null,
  });
  if (hasZodFastifySchemaValidationErrors(error)) {
    const [first] = error.validation;
    const at = (first?.instancePath ?? '').split('/').filter(Boolean).join('.');
    const where = [error.validationContext ?? 'request', at].filter(Boolean).join(' ');
    return say(422, 'invalid', `${where}: ${first?.message ?? 'not as described'}`);
  }
  const status = error.statusCode ?? 500;
  if (status === 413) return say(413, 'too-large', 'The request is too large. Send less at once.');
  if (status === 415) return say(415, 'not-json', 'Send JSON with the content type application/json.');
  if (status === 404) return say(404, 'not-found', 'There is nothing here.');
  if (status >= 400 && status < 500)
    return say(status, 'bad-request', 'The request could not be read. Send well-formed JSON.');
  if (error.code === 'cannot-commit' || error.code === 'too-many-waiting' || error.code === 'closed')
    return say(503, 'record-failing', 'The record cannot be written now, so nothing was done. Try again.');
  return say(500, 'internal', 'The server failed on this. The log says why.');
}
