import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Browser, PASSWORD, type Server, startServer } from '../../test/access/kit.js';
import { hashOf } from './credentials-file.js';
import { ofSession } from './identity.js';

/** How a request ends: the status, and the code of the refusal. */
const said = ({ status, body }: { status: number; body: { error?: { code: string } } }) => [
  status,
  body.error?.code ?? null,
];
const WRONG = 'not my password';

async function withOperator(options: Parameters<typeof startServer>[0] = {}): Promise<{
  server: Server;
  owner: Browser;
  id: string;
}> {
  const server = await startServer(options);
  const owner = await server.owner();
  const { id } = await server.add(owner, 'Olga', 'operator');
  return { server, owner, id };
}

describe('signing in', () => {
  it('sets a cookie that no script reads and no other site sends', async () => {
    const { server, id } = await withOperator();
    const own = server.browser();
    const { status, headers, body } = await own.signIn('  oLGA ');
    expect([status, body.user.id]).toEqual([200, id]);
    const [cookie = ''] = headers.getSetCookie();
    expect(cookie).toMatch(
      /^selvedge-session=[A-Za-z0-9_-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    expect(headers.get('cache-control')).toBe('no-store');
    expect((await own.get('/api/session')).body).toMatchObject({ user: { id }, csrf: body.csrf });
    expect(server.facts('signed-in').at(-1)).toMatchObject({
      subject: id,
      body: { user: id, how: 'password' },
    });
  });

  it('is Secure and bound to the host behind a trusted proxy that ends https', async () => {
    const { server } = await withOperator({
      origins: ['https://plant.example'],
      trustProxy: ['192.0.2.1'],
    });
    const proxied = (host: string) => ({
      host,
      'x-forwarded-proto': 'https',
      'x-forwarded-for': '198.51.100.9',
    });
    const at = async (host: string, remoteAddress: string) => {
      const payload = { name: 'Olga', password: PASSWORD };
      const answer = await server.app.inject({
        method: 'POST',
        url: '/api/sign-in',
        remoteAddress,
        headers: proxied(host),
        payload,
      });
      expect(answer.statusCode).toBe(200);
      return answer.headers['set-cookie'];
    };
    expect(await at('plant.example', '192.0.2.1')).toMatch(
      /^__Host-selvedge-session=[A-Za-z0-9_-]{43}; Max-Age=43200; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
    // Anybody can write these headers: from another address they are not believed.
    const plain = await at('plant.example', '198.51.100.9');
    expect(plain).toMatch(/^selvedge-session=/);
    // Over https the cookie of plain http opens nothing.
    const cookie = String(plain).split(';')[0];
    const seen = async (remoteAddress: string) =>
      (
        await server.app.inject({
          url: '/api/passkeys',
          remoteAddress,
          headers: { ...proxied('plant.example'), cookie },
        })
      ).statusCode;
    expect(await seen('192.0.2.1')).toBe(401);
    expect(await seen('198.51.100.9')).toBe(200);
  });

  it('says the same for a wrong password, no such name and somebody deactivated', async () => {
    const { server, owner, id } = await withOperator();
    await server
      .add(owner, 'Gone', 'operator')
      .then((gone) => owner.post(`/api/users/${gone.id}`, { active: false }));
    const answers = [];
    for (const [name, password] of [
      ['Olga', WRONG],
      ['Nobody', PASSWORD],
      ['Gone', PASSWORD],
      [PASSWORD, 'Olga'],
    ])
      answers.push(await server.browser().post('/api/sign-in', { name, password }));
    expect(answers.map(said)).toEqual(Array.from({ length: 4 }, () => [401, 'sign-in-refused']));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    const refusals = server.facts('sign-in-refused').map(({ body }) => body as { user: string; why: string });
    expect(refusals.map(({ why }) => why)).toEqual(['password', 'no-such-user', 'inactive', 'no-such-user']);
    expect(refusals[0]?.user).toBe(id);
    // A password that was typed into the wrong field is written down nowhere.
    expect(JSON.stringify(server.journal.read({ limit: 1_000 }))).not.toContain(PASSWORD);
  });

  it('waits longer after each wrong password, for the name from that address only', async () => {
    const { server, owner } = await withOperator();
    await server.add(owner, 'Pia', 'operator');
    const attempt = async (password: string, name = 'Olga') =>
      (await server.browser().signIn(name, password)).status;
    for (let i = 0; i < 4; i += 1) expect(await attempt(WRONG)).toBe(401);
    for (const waitMs of [1_000, 2_000, 4_000, 8_000]) {
      server.clock.pass(waitMs - 1);
      // The right password waits too, and a try that has to wait is none.
      expect(await attempt(PASSWORD)).toBe(429);
      expect(await attempt(WRONG)).toBe(429);
      server.clock.pass(1);
      expect(await attempt(WRONG)).toBe(401);
    }
    expect(await attempt(PASSWORD, 'Pia')).toBe(200);
    // A clock that is set forward shortens nothing.
    server.clock.step(365 * 86_400_000);
    expect(await attempt(PASSWORD)).toBe(429);
    server.clock.pass(16_000);
    expect(await attempt(PASSWORD)).toBe(200);
    expect(
      server.facts('sign-in-refused').filter(({ body }) => JSON.stringify(body).includes('too-many')),
    ).toHaveLength(1);
  });

  it('tries that come at the same time do not share one', async () => {
    const { server } = await withOperator();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => server.browser().signIn('Olga', WRONG)),
    );
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(4);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(16);
  });

  it('makes an address wait that tries many names', async () => {
    const { server } = await withOperator();
    const statuses: number[] = [];
    for (let i = 0; i < 23; i += 1)
      statuses.push((await server.browser().signIn(`guess ${i}`, WRONG)).status);
    expect(statuses.indexOf(429)).toBe(21);
  });

  it('finds one user whatever the spelling of the name, and no look-alike', async () => {
    const { server, owner } = await withOperator();
    await server.add(owner, 'Ｆｉｎｎ'.normalize('NFKC'), 'operator');
    const status = async (name: string) => (await server.browser().signIn(name)).status;
    expect(await status('Ｆｉｎｎ')).toBe(200);
    expect(await status('ＯＬＧＡ')).toBe(200);
    expect(await status('Оlga')).toBe(401);
    for (const name of ['Оlga', 'OLGA', 'ＯＬＧＡ', 'O1ga', '0lga', ' olga '])
      expect(
        (await owner.post('/api/users', { name, role: 'operator', password: PASSWORD })).status,
      ).toBeOneOf([409, 422]);
    for (const name of [
      '<script>alert(1)</script>',
      'Ol\u200bga',
      'a\u202eb',
      '   ',
      'x'.repeat(81),
      '﷽'.repeat(30),
    ])
      expect(said(await owner.post('/api/users', { name, role: 'operator', password: PASSWORD }))[0]).toBe(
        422,
      );
    expect(server.access.users.list()).toHaveLength(3);
  });

  it('is refused whole where the journal cannot commit', async () => {
    const { server } = await withOperator();
    server.journal.db.exec('PRAGMA query_only = ON');
    expect(said(await server.browser().signIn('Olga'))).toEqual([503, 'record-failing']);
    expect(said(await server.browser().signIn('Olga', WRONG))).toEqual([401, 'sign-in-refused']);
    server.journal.db.exec('PRAGMA query_only = OFF');
    expect((await server.browser().signIn('Olga')).status).toBe(200);
  });
});

describe('a session', () => {
  it('that was signed out does not come back', async () => {
    const { server } = await withOperator();
    const own = server.browser();
    await own.signIn('Olga');
    const replay = server.browser();
    [replay.cookie, replay.csrf] = [own.cookie, own.csrf];
    expect((await replay.get('/api/passkeys')).status).toBe(200);
    const out = await own.post('/api/sign-out');
    expect([out.status, out.body.user, own.cookie]).toEqual([200, null, null]);
    expect(said(await replay.get('/api/passkeys'))).toEqual([401, 'sign-in-needed']);
    expect((await replay.get('/api/session')).body).toMatchObject({ user: null, csrf: null });
    expect(said(await replay.post('/api/sign-out'))).toEqual([401, 'sign-in-needed']);
  });

  it('is a new one at every sign-in, and the one before ends', async () => {
    const { server } = await withOperator();
    const own = server.browser();
    own.cookie = `selvedge-session=${'A'.repeat(43)}`;
    await own.signIn('Olga');
    const before = own.cookie;
    expect(before).not.toContain('AAAA');
    await own.signIn('Olga');
    expect(own.cookie).not.toBe(before);
    const replay = server.browser();
    replay.cookie = before;
    expect((await replay.get('/api/passkeys')).status).toBe(401);
  });

  it('ends with the user, with the role and with the password', async () => {
    const { server, owner, id } = await withOperator();
    const own = server.browser();
    for (const [path, body] of [
      [`/api/users/${id}`, { role: 'quality' }],
      [`/api/users/${id}/password`, { password: 'another horse 2' }],
      [`/api/users/${id}`, { active: false }],
    ] as const) {
      expect((await own.signIn('Olga', PASSWORD)).status).toBe(200);
      const { identity } = await sessionOf(own);
      expect(server.access.stillHere(identity)).toBe(true);
      expect((await owner.post(path, body)).status).toBe(200);
      expect(server.access.stillHere(identity)).toBe(false);
      expect((await own.get('/api/passkeys')).status).toBe(401);
      own.cookie = null;
      own.csrf = null;
      if (path.endsWith('password'))
        expect((await owner.post(path, { password: PASSWORD })).status).toBe(200);
    }
    expect((await own.signIn('Olga')).status).toBe(401);
    await owner.post(`/api/users/${id}`, { active: true });
    expect((await own.signIn('Olga')).status).toBe(200);
  });

  it('of somebody deactivated is refused where a kill came before it was ended', async () => {
    const { server, id } = await withOperator();
    const own = server.browser();
    await own.signIn('Olga');
    const { identity } = await sessionOf(own);
    const change = { user: id, role: null, active: false, by: 'user:another' };
    await server.access.write('user-changed', id, change);
    expect((await own.get('/api/session')).body.user).toBe(null);
    expect(said(await own.post('/api/sign-out'))).toEqual([401, 'sign-in-needed']);
    expect(server.access.stillHere(identity)).toBe(false);
  });

  it('lives while it is used, at most a week, and not after the clock was set back', async () => {
    const { server } = await withOperator();
    const own = server.browser();
    const alive = async () => (await own.get('/api/passkeys')).status === 200;
    await own.signIn('Olga');
    server.clock.pass(12 * 3_600_000 - 1);
    expect(await alive()).toBe(true);
    server.clock.pass(12 * 3_600_000);
    expect(await alive()).toBe(false);
    own.csrf = null;
    await own.signIn('Olga');
    for (let h = 0; h < 7 * 24 - 8; h += 8) {
      server.clock.pass(8 * 3_600_000);
      expect(await alive()).toBe(true);
    }
    server.clock.pass(8 * 3_600_000);
    expect(await alive()).toBe(false);
    own.csrf = null;
    await own.signIn('Olga');
    server.clock.step(-365 * 86_400_000);
    expect(await alive()).toBe(false);
  });

  it('has no more than so many beside it: the oldest goes', async () => {
    const { server } = await withOperator({ sessions: { mostPerUser: 3 } });
    const all: Browser[] = [];
    for (let i = 0; i < 4; i += 1) {
      const own = server.browser();
      await own.signIn('Olga');
      all.push(own);
      server.clock.pass(1_000);
    }
    const alive = await Promise.all(all.map(async (own) => (await own.get('/api/passkeys')).status));
    expect(alive).toEqual([401, 200, 200, 200]);
  });

  it('is kept as a hash only, like passwords', async () => {
    const { server } = await withOperator();
    const own = server.browser();
    await own.signIn('Olga');
    const secret = own.cookie?.split('=')[1] ?? '';
    expect(secret).toHaveLength(43);
    await server.stop();
    const file = await readFile(join(server.folder, 'access.sqlite'));
    for (const text of [secret, PASSWORD, own.csrf ?? '']) expect(file.includes(text)).toBe(false);
    expect(file.includes('$argon2id$v=19$m=64,t=1,p=1$')).toBe(true);
    const journal = await readFile(join(server.folder, 'journal.sqlite'));
    for (const text of [secret, PASSWORD, '$argon2']) expect(journal.includes(text)).toBe(false);
  });

  it('may change its own password, which ends the others', async () => {
    const { server } = await withOperator();
    const [own, other] = [server.browser(), server.browser()];
    await own.signIn('Olga');
    await other.signIn('Olga');
    const next = 'another horse 2';
    expect(said(await own.post('/api/password', { current: WRONG, password: next }))).toEqual([
      403,
      'password-wrong',
    ]);
    expect((await own.post('/api/password', { current: PASSWORD, password: next })).status).toBe(200);
    expect((await own.get('/api/passkeys')).status).toBe(200);
    expect((await other.get('/api/passkeys')).status).toBe(401);
    expect((await server.browser().signIn('Olga')).status).toBe(401);
    expect((await server.browser().signIn('Olga', next)).status).toBe(200);
  });
});

describe('a request', () => {
  it('that is too large is refused before it is read', async () => {
    const { server } = await withOperator();
    const body = JSON.stringify({ name: 'Olga', password: 'x'.repeat(200_000) });
    const answer = await server.browser().post('/api/sign-in', body);
    expect(said(answer)).toEqual([413, 'too-large']);
    const long = await server.browser().signIn('﷽'.repeat(20_000));
    expect(said(long)).toEqual([401, 'sign-in-refused']);
    // Nobody's body is not read at all.
    const text = await exchange(
      server.port,
      `POST /api/users HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\ncontent-type: application/json\r\ncontent-length: 100000000\r\n\r\n{`,
    );
    expect(text).toMatch(/^HTTP\/1\.1 401 /);
  });

  it('that is no JSON, or another JSON, is refused with what to change', async () => {
    const { server } = await withOperator();
    const own = server.browser();
    expect(said(await own.post('/api/sign-in', '{"name":'))).toEqual([400, 'bad-request']);
    expect(
      said(
        await own.post('/api/sign-in', 'name=Olga', { 'content-type': 'application/x-www-form-urlencoded' }),
      ),
    ).toEqual([415, 'not-json']);
    expect(
      said(
        await own.post('/api/sign-in', '{"name":"a","password":"b"}', { 'content-type': 'text/plain' }),
      )[0],
    ).toBe(422);
    const more = await own.post('/api/sign-in', { name: 'Olga', password: PASSWORD, role: 'owner' });
    expect(said(more)).toEqual([422, 'invalid']);
    expect(more.body.error.message).toContain('role');
    expect(
      said(await own.post('/api/sign-in', '{"name":"a","password":"b","__proto__":{"x":1}}'))[0],
    ).toBeOneOf([400, 422]);
  });

  it('is one of so many a minute for an address, and for a user apart from it', async () => {
    const { server, owner } = await withOperator({ limits: { address: 30, user: 50 } });
    const nobody = server.browser();
    const statuses: number[] = [];
    for (let i = 0; i < 40; i += 1) statuses.push((await nobody.get('/api/session')).status);
    expect(statuses.filter((status) => status === 429)).toHaveLength(40 - 30 + 1);
    expect((await owner.get('/api/users')).status).toBe(200);
    expect((await nobody.get('/nowhere')).status).toBe(429);
  });
});

/** What the server answers to these bytes, until it ends the answer. */
const exchange = (port: number, bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.setTimeout(5_000, () => socket.destroy(new Error('no answer')));
    socket.once('data', (data) => {
      resolve(data.toString());
      socket.destroy();
    });
    socket.once('error', reject);
  });

/** The identity behind a browser, as a route of the server sees it. */
async function sessionOf(own: Browser) {
  const secret = own.cookie?.split('=')[1] ?? '';
  const { body } = await own.get('/api/session');
  return { identity: ofSession(body.user, hashOf(secret), secret) };
}
