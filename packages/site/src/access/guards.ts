import { RIGHTS, type Right } from '@selvedge/core/records';
import type { FastifyInstance, FastifyRequest, onRequestAsyncHookHandler, RouteOptions } from 'fastify';
import type { Access } from './access.js';
import { Refusal, signInNeeded } from './refusal.js';

/** What a route asks of who calls it. */
export interface GuardOptions {
  /** True where a token may not: what belongs to a person at a screen. */
  readonly person?: boolean;
}

/** Stands as `onRequest` (before a body is read) or as `preHandler`. */
export type Guard = onRequestAsyncHookHandler & { readonly [GUARD]: Right };
export type RequireRight = (right: Right, options?: GuardOptions) => Guard;

const GUARD = Symbol('right');
/** One refusal of a kind is journaled in this time. */
const QUIET_MS = 60_000;
const MOST_QUIET = 1_000;

export interface GuardedRoute {
  readonly method: string;
  readonly url: string;
  /** Null where the route says nothing. */
  readonly access: Right | 'public' | null;
}

/** Journals that somebody known was refused, once a minute for each route and reason. */
export type NoteRefused = (request: FastifyRequest, right: string) => Promise<void>;

export function createNotes(access: Access): NoteRefused {
  const quiet = new Map<string, number>();
  return async (request, right) => {
    if (request.identity === null) return;
    const { by } = request.identity;
    const route = `${request.method} ${request.routeOptions.url ?? ''}`;
    const key = `${by} ${right} ${route}`;
    const nowMs = access.clock.steadyMs();
    if (nowMs - (quiet.get(key) ?? -Infinity) < QUIET_MS) return;
    if (quiet.size >= MOST_QUIET) quiet.clear();
    quiet.set(key, nowMs);
    await access.write('right-refused', by, { by, right, route }).catch((err: unknown) => {
      request.log.error({ err, event: 'refusal-not-journaled' });
    });
  };
}

/** Makes `requireRight`. */
export function createGuards(note: NoteRefused): RequireRight {
  return (right, { person = false } = {}) => {
    const guard: onRequestAsyncHookHandler = async (request) => {
      const { identity } = request;
      if (identity === null) throw signInNeeded();
      const forPersons = person && identity.how === 'token';
      if (!forPersons && identity.rights.includes(right)) return;
      await note(request, right);
      if (forPersons) {
        const message = 'A token may not do this. Sign in as a person.';
        throw new Refusal({ status: 403, code: 'person-needed', message });
      }
      const message =
        identity.how === 'token'
          ? `This token lacks the right ${right}. Ask an owner of the site for one that has it.`
          : `This needs the role ${RIGHTS[right]} or a higher one. Ask an owner of the site.`;
      throw new Refusal({ status: 403, code: 'right-missing', message });
    };
    return Object.assign(guard, { [GUARD]: right });
  };
}

/** Notes every route that is added from now on, with what it asks; `HEAD` routes that follow from a `GET` included. */
export function noteRoutes(app: FastifyInstance): readonly GuardedRoute[] {
  const routes: GuardedRoute[] = [];
  app.addHook('onRoute', (route) => {
    for (const method of [route.method].flat())
      routes.push({ method, url: route.url, access: accessOf(route) });
  });
  return routes;
}

function accessOf(route: RouteOptions): Right | 'public' | null {
  const hooks: unknown[] = [route.onRequest, route.preParsing, route.preValidation, route.preHandler].flat();
  for (const hook of hooks) {
    if (typeof hook === 'function' && GUARD in hook) return (hook as Guard)[GUARD];
  }
  return route.config?.access ?? null;
}

/** Routes under `/api` that ask for no right and are not marked public, as `METHOD url`. */
export const unguardedRoutes = (app: FastifyInstance): string[] =>
  app.guardedRoutes
    .filter(({ url, access }) => access === null && /^\/api(\/|$|\?|\*)/.test(url))
    .map(({ method, url }) => `${method} ${url}`);
