import type { Right, Role } from '@selvedge/core/records';
import { Journal } from '@selvedge/store';
import fastify, { type FastifyInstance } from 'fastify';
import { describe, expect, it } from 'vitest';
import {
  type Browser,
  CHEAP,
  handClock,
  ownFolder,
  type Server,
  startServer,
} from '../../test/access/kit.js';
import { openAccess } from './access.js';
import { addAccess } from './add-access.js';
import { unguardedRoutes } from './guards.js';
import { usersFold } from './users-fold.js';

const RIGHTS: readonly Right[] = ['look', 'answer', 'judge', 'sign', 'configure', 'govern'];
/** Written out, so that a change of the table is seen here. */
const MAY: Readonly<Record<Role, readonly Right[]>> = {
  operator: ['look', 'answer'],
  quality: ['look', 'answer', 'judge', 'sign'],
  engineer: ['look', 'answer', 'judge', 'sign', 'configure'],
  owner: ['look', 'answer', 'judge', 'sign', 'configure', 'govern'],
};
const ROLES = Object.keys(MAY) as Role[];

/** One route to read and one to write for each right, guarded early and late. */
const routes = (app: FastifyInstance): void => {
  for (const right of RIGHTS) {
    app.get(`/api/try/${right}`, { onRequest: app.requireRight(right) }, async () => ({ done: right }));
    app.post(`/api/try/${right}`, { preHandler: app.requireRight(right) }, async ({ identity }) => ({
      done: right,
      by: identity?.by,
    }));
  }
};

async function withRoles(): Promise<{ server: Server; owner: Browser; of: Record<Role, Browser> }> {
  const server = await startServer({ routes });
  const owner = await server.owner();
  const of = {} as Record<Role, Browser>;
  for (const role of ROLES) {
    await server.add(owner, `the ${role}`, role);
    of[role] = server.browser();
    await of[role].signIn(`the ${role}`);
  }
  return { server, owner, of };
}

/** The rights whose routes let `own` in; every other one has to say 403, or 401 for nobody. */
async function opened(own: Browser, method: 'get' | 'post', otherwise = 403): Promise<Right[]> {
  const open: Right[] = [];
  for (const right of RIGHTS) {
    const { status, body } = await own[method](`/api/try/${right}`, method === 'post' ? {} : {});
    if (status === 200) open.push(right);
    else expect([status, typeof body.error.message]).toEqual([otherwise, 'string']);
  }
  return open;
}

describe('rights', () => {
  it.each(ROLES)('of the role %s are what the table says', async (role) => {
    const { of } = await withRoles();
    expect(await opened(of[role], 'get')).toEqual(MAY[role]);
    expect(await opened(of[role], 'post')).toEqual(MAY[role]);
  });

  it('of nobody are none', async () => {
    const { server } = await withRoles();
    expect(await opened(server.browser(), 'get', 401)).toEqual([]);
    expect(await opened(server.browser(), 'post', 401)).toEqual([]);
  });

  it('that are missing are journaled, once a minute for a route', async () => {
    const { server, of } = await withRoles();
    for (let i = 0; i < 3; i += 1) await of.operator.get('/api/try/sign');
    await of.operator.get('/api/try/govern');
    server.clock.pass(60_000);
    await of.operator.get('/api/try/sign');
    const [{ id } = { id: '' }] = server.access.users.list().filter(({ role }) => role === 'operator');
    expect(server.facts('right-refused').map(({ subject, body }) => [subject, body])).toEqual(
      ['sign', 'govern', 'sign'].map((right) => [id, { by: id, right, route: `GET /api/try/${right}` }]),
    );
  });

  it('over users and tokens are the owner’s alone', async () => {
    const { of } = await withRoles();
    for (const role of ['operator', 'quality', 'engineer'] as const) {
      for (const path of ['/api/users', '/api/tokens']) {
        expect((await of[role].get(path)).status).toBe(403);
        expect((await of[role].post(path, {})).status).toBe(403);
      }
      expect((await of[role].post('/api/users/user:1', { role: 'owner' })).status).toBe(403);
      expect((await of[role].post('/api/users/user:1/password', {})).status).toBe(403);
      expect((await of[role].post('/api/tokens/token:1/revoke')).status).toBe(403);
    }
  });
});

describe('a request of a session that changes something', () => {
  it('needs the token of that session', async () => {
    const { server, of } = await withRoles();
    const { csrf } = of.operator;
    for (const wrong of [null, '', 'x', of.quality.csrf, `${csrf}x`]) {
      of.operator.csrf = wrong;
      const { status, body } = await of.operator.post('/api/try/answer', {});
      expect([status, body.error.code]).toEqual([403, 'csrf']);
      expect((await of.operator.get('/api/try/answer')).status).toBe(200);
    }
    const [{ id } = { id: '' }] = server.access.users.list().filter(({ role }) => role === 'operator');
    expect(server.facts('right-refused').map(({ body }) => body)).toEqual([
      { by: id, right: 'csrf', route: 'POST /api/try/answer' },
    ]);
    of.operator.csrf = csrf;
    expect((await of.operator.post('/api/try/answer', {})).status).toBe(200);
    // Every other method too.
    const { cookie } = of.operator;
    for (const method of ['PUT', 'DELETE', 'PATCH']) {
      const answer = await fetch(`http://127.0.0.1:${server.port}/api/try/answer`, {
        method,
        headers: { cookie: cookie ?? '' },
      });
      expect(answer.status).toBe(403);
    }
  });

  it('comes from the site’s own pages', async () => {
    const { server, of } = await withRoles();
    const own = of.operator;
    const status = async (headers: Record<string, string>) =>
      (await own.post('/api/try/answer', {}, headers)).status;
    expect(await status({ origin: 'https://evil.example' })).toBe(403);
    expect(await status({ origin: 'null' })).toBe(403);
    expect(await status({ origin: `http://127.0.0.1:${server.port}` })).toBe(200);
    // No other site signs a browser in either.
    const foreign = { origin: 'https://evil.example' };
    const answer = await server.browser().post('/api/sign-in', { name: 'the owner', password: 'x' }, foreign);
    expect([answer.status, answer.body.error.code]).toEqual([403, 'foreign-origin']);
    const injected = await server.app.inject({
      method: 'POST',
      url: '/api/sign-in',
      headers: { 'sec-fetch-site': 'cross-site' },
      payload: { name: 'the owner', password: 'x' },
    });
    expect(injected.statusCode).toBe(403);
  });
});

describe('an API token', () => {
  const make = async (owner: Browser, rights: readonly Right[], endsAtMs: number | null = null) => {
    const { status, body } = await owner.post('/api/tokens', { name: 'press 4', rights, endsAtMs });
    expect(status).toBe(200);
    return body as { secret: string; token: { id: string } };
  };
  const bearer = (server: Server, secret: string): Browser => {
    const plain = server.browser();
    const headers = { authorization: `Bearer ${secret}` };
    return {
      ...plain,
      get: (path) => plain.get(path, headers),
      post: (path, body) => plain.post(path, body, headers),
    };
  };

  it.each(RIGHTS)('with the right %s has that one and needs no CSRF', async (right) => {
    const { server, owner } = await withRoles();
    const { secret, token } = await make(owner, [right]);
    const own = bearer(server, secret);
    expect(await opened(own, 'get')).toEqual([right]);
    expect(await opened(own, 'post')).toEqual([right]);
    expect((await own.post(`/api/try/${right}`, {})).body.by).toBe(token.id);
    // What belongs to a person is not a token's.
    for (const path of ['/api/tokens', '/api/sign-out', '/api/password', '/api/passkeys/options'])
      expect((await own.post(path, {})).status).toBe(403);
  });

  it('never has more than who made it', async () => {
    const { server, owner } = await withRoles();
    const second = await server.add(owner, 'second', 'owner');
    const theirs = server.browser();
    await theirs.signIn('second');
    const { secret } = await make(theirs, ['look', 'sign', 'configure', 'govern']);
    const own = bearer(server, secret);
    expect(await opened(own, 'get')).toEqual(['look', 'sign', 'configure', 'govern']);
    await owner.post(`/api/users/${second.id}`, { role: 'quality' });
    expect(await opened(own, 'get')).toEqual(['look', 'sign']);
    await owner.post(`/api/users/${second.id}`, { active: false });
    expect(await opened(own, 'get', 401)).toEqual([]);
  });

  it('is shown once, listed without its secret, and gone when revoked or past its end', async () => {
    const { server, owner } = await withRoles();
    const nowMs = server.clock.nowMs();
    const forever = await make(owner, ['look']);
    const hour = await make(owner, ['look'], nowMs + 3_600_000);
    expect(forever.secret).toMatch(/^slv_[A-Za-z0-9_-]{43}$/);
    const listed = await owner.get('/api/tokens');
    expect(JSON.stringify(listed.body)).not.toContain(forever.secret.slice(4));
    expect(listed.body.tokens).toHaveLength(2);
    const [a, b] = [bearer(server, forever.secret), bearer(server, hour.secret)];
    expect([(await a.get('/api/try/look')).status, (await b.get('/api/try/look')).status]).toEqual([
      200, 200,
    ]);
    server.clock.pass(3_600_000);
    expect((await b.get('/api/try/look')).body.error.code).toBe('token-refused');
    expect((await owner.post(`/api/tokens/${forever.token.id}/revoke`)).body.revoked).toBe(true);
    expect((await owner.post(`/api/tokens/${forever.token.id}/revoke`)).status).toBe(200);
    expect((await a.get('/api/try/look')).status).toBe(401);
    expect((await owner.post('/api/tokens/token:none/revoke')).status).toBe(404);
    expect(server.facts('token-made').map(({ subject }) => subject)).toEqual([
      forever.token.id,
      hour.token.id,
    ]);
    expect(server.facts('token-revoked').map(({ subject }) => subject)).toEqual([forever.token.id]);
    expect(
      (await owner.post('/api/tokens', { name: 'late', rights: ['look'], endsAtMs: nowMs })).status,
    ).toBe(422);
    expect((await owner.post('/api/tokens', { name: 'odd', rights: ['rule'], endsAtMs: null })).status).toBe(
      422,
    );
    expect((await owner.post('/api/tokens', { name: 'none', rights: [], endsAtMs: null })).status).toBe(422);
  });

  it('that is wrong is refused, also beside a good session', async () => {
    const { owner } = await withRoles();
    const answer = await owner.get('/api/try/look', { authorization: 'Bearer slv_guess' });
    expect([answer.status, answer.body.error.code]).toEqual([401, 'token-refused']);
  });
});

describe('the walk over all routes', () => {
  const prepared = async (): Promise<FastifyInstance> => {
    const folder = await ownFolder();
    const clock = handClock();
    const journal = await Journal.open(folder, { nowMs: clock.nowMs, projections: [usersFold] });
    const access = await openAccess({ folder, journal, site: 's', origin: 'live', clock, argon2: CHEAP });
    const app = fastify();
    app.addHook('onClose', async () => {
      access.close();
      await journal.close();
    });
    await addAccess(app, access);
    return app;
  };

  it('finds nothing among the routes of access', async () => {
    const app = await prepared();
    routes(app);
    app.get('/health', async () => ({}));
    app.get('/apiary', async () => ({}));
    expect(unguardedRoutes(app)).toEqual([]);
    await app.ready();
    const open = app.guardedRoutes.filter(({ access, url }) => access === 'public' && url.startsWith('/api'));
    expect(open.map(({ method, url }) => `${method} ${url}`).sort()).toEqual([
      'GET /api/session',
      'HEAD /api/session',
      'POST /api/setup',
      'POST /api/sign-in',
      'POST /api/sign-in/passkey',
      'POST /api/sign-in/passkey-options',
    ]);
    await app.close();
  });

  it('names every route that says nothing, wherever it was added, and the server does not start', async () => {
    const app = await prepared();
    app.get('/api/open', async () => ({}));
    app.route({ method: ['PUT', 'PATCH'], url: '/api/line/:id', handler: async () => ({}) });
    await app.register(
      async (inner) => {
        inner.addHook('onRequest', async () => {});
        inner.post('/deep', { preHandler: async () => {} }, async () => ({}));
        inner.get('/fine', { preHandler: [async () => {}, app.requireRight('look')] }, async () => ({}));
      },
      { prefix: '/api/inner' },
    );
    expect(unguardedRoutes(app).sort()).toEqual([
      'GET /api/open',
      'HEAD /api/open',
      'PATCH /api/line/:id',
      'POST /api/inner/deep',
      'PUT /api/line/:id',
    ]);
    await expect(app.ready()).rejects.toThrow('routes without a right: ');
    await app.close();
  });

  it('does not overlook what came before it', async () => {
    const app = fastify();
    app.get('/api/early', async () => ({}));
    const folder = await ownFolder();
    const clock = handClock();
    await using journal = await Journal.open(folder, { nowMs: clock.nowMs, projections: [usersFold] });
    await using access = await openAccess({
      folder,
      journal,
      site: 's',
      origin: 'live',
      clock,
      argon2: CHEAP,
    });
    await expect(addAccess(app, access)).rejects.toThrow('addAccess comes before');
    await app.close();
  });
});
