import { errorSchema } from '@selvedge/core/records';
import type { Ask, Schema } from './paths.js';

/** Why something was not had: `unreached` = no server, `unread` = an answer that this page does not understand. */
export interface Fault {
  readonly kind: 'unreached' | 'unread' | 'refused';
  /** HTTP status of a refusal, else 0. */
  readonly status: number;
  readonly code: string;
  /** What the server said, in English; empty where nothing was said. */
  readonly message: string;
}

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fault: Fault };

/** Everything that goes to the server of this site; nothing goes anywhere else. */
export interface Client {
  get<T>(ask: Ask<T>): Promise<Result<T>>;
  /** Posts a body with the token against forged requests. */
  send<T>(path: string, body: unknown, schema: Schema<T>): Promise<Result<T>>;
  setCsrf(token: string | null): void;
}

/** Any answer will do. */
export const anything: Schema<unknown> = { safeParse: (data) => ({ success: true, data }) };

const PATIENCE_MS = 8000;

/**
 * @param heard told after each exchange whether the server was reached
 * @param renew gets the session anew, and with it the token
 */
export function createClient(
  fetcher: typeof fetch,
  heard: (reached: boolean) => void,
  renew: () => Promise<void>,
): Client {
  let csrf: string | null = null;
  const exchange = async <T>(path: string, init: RequestInit, schema: Schema<T>): Promise<Result<T>> => {
    let response: Response;
    let text: string;
    try {
      response = await fetcher(path, {
        ...init,
        credentials: 'same-origin',
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      text = await response.text();
    } catch {
      heard(false);
      return failure('unreached', 0, 'unreached', '');
    }
    // A proxy that answers for a dead server is no server.
    const reached = response.status !== 502 && response.status !== 503 && response.status !== 504;
    heard(reached);
    const body = parsed(text);
    if (!response.ok) {
      const said = errorSchema.safeParse(body);
      if (!reached) return failure('unreached', response.status, 'unreached', '');
      return said.success
        ? failure('refused', response.status, said.data.error.code, said.data.error.message)
        : failure('refused', response.status, 'refused', '');
    }
    const value = schema.safeParse(body);
    return value.success
      ? { ok: true, value: value.data }
      : failure('unread', response.status, 'unread', String(value.error));
  };
  const post = <T>(path: string, body: unknown, schema: Schema<T>): Promise<Result<T>> =>
    exchange(
      path,
      {
        method: 'POST',
        headers: {
          accept: 'application/json',
          'content-type': 'application/json',
          ...(csrf === null ? {} : { 'x-csrf-token': csrf }),
        },
        body: JSON.stringify(body ?? {}),
      },
      schema,
    );
  return {
    get: ({ path, schema }) => exchange(path, { headers: { accept: 'application/json' } }, schema),
    async send(path, body, schema) {
      const first = await post(path, body, schema);
      // Somebody signed in anew in another tab: this page's token is of the session before.
      if (first.ok || first.fault.code !== 'csrf') return first;
      await renew();
      return post(path, body, schema);
    },
    setCsrf(token) {
      csrf = token;
    },
  };
}

function failure(kind: Fault['kind'], status: number, code: string, message: string): Result<never> {
  return { ok: false, fault: { kind, status, code, message } };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
