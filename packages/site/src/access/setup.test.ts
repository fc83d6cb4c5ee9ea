import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { handClock, ownFolder, PASSWORD, startServer } from '../../test/access/kit.js';
import { CREDENTIALS_FILE } from './credentials-file.js';
import { makeCode, sameCode } from './one-time-code.js';

const setUp = (code: string | null, name = 'Ada') => ({ code: code ?? '', name, password: PASSWORD });

describe('the first owner', () => {
  it('is made with the code of the terminal, once', async () => {
    const { browser, access, facts } = await startServer();
    const own = browser();
    expect((await own.get('/api/session')).body).toEqual({
      site: 'Test plant',
      origin: 'simulated',
      needsOwner: true,
      user: null,
      csrf: null,
      languages: ['en', 'zh', 'id'],
      timeZone: 'Etc/UTC',
      ways: { passkey: true, oidc: null },
      words: {},
      interventions: [],
      nowMs: 1_700_000_000_000,
    });
    const code = access.oneTimeCode();
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$/);
    const { status, body } = await own.post('/api/setup', setUp(code));
    expect(status).toBe(200);
    expect(body).toMatchObject({ needsOwner: false, user: { name: 'Ada', role: 'owner', active: true } });
    expect(access.oneTimeCode()).toBe(null);
    const again = await browser().post('/api/setup', setUp(code, 'Eve'));
    expect([again.status, again.body.error.code]).toEqual([409, 'setup-done']);
    expect((await own.get('/api/users')).body.users).toHaveLength(1);
    expect(facts('user-added').map(({ body: fact }) => fact)).toEqual([
      { user: body.user.id, name: 'Ada', role: 'owner', by: null },
    ]);
    expect(facts('signed-in')[0]?.body).toEqual({ user: body.user.id, how: 'code' });
  });

  it('is not made with another code, and guessing waits longer and longer', async () => {
    const { browser, access, clock, facts } = await startServer();
    const own = browser();
    const statuses: number[] = [];
    for (let i = 0; i < 7; i += 1)
      statuses.push((await own.post('/api/setup', setUp('0000-0000-0000'))).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 401, 429]);
    expect(facts('sign-in-refused')[0]).toMatchObject({
      subject: null,
      body: { user: 'unknown', why: 'code' },
    });
    // The right code waits as well.
    const early = await own.post('/api/setup', setUp(access.oneTimeCode()));
    expect([early.status, early.headers.get('retry-after')]).toEqual([429, '1']);
    clock.pass(1_000);
    expect((await own.post('/api/setup', setUp('0000-0000-0000'))).status).toBe(401);
    clock.pass(1_000);
    expect((await own.post('/api/setup', setUp('0000-0000-0000'))).status).toBe(429);
    clock.pass(1_000);
    expect((await own.post('/api/setup', setUp(access.oneTimeCode()))).status).toBe(200);
  });

  it('is one, whoever asks at the same time', async () => {
    const { browser, access, facts } = await startServer();
    const code = access.oneTimeCode();
    const answers = await Promise.all(
      ['Ada', 'Eve', 'Bob', 'Zoe'].map((name) => browser().post('/api/setup', setUp(code, name))),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    expect(facts('user-added')).toHaveLength(1);
  });

  it('may try again after a password that is too weak', async () => {
    const { browser, access } = await startServer();
    const own = browser();
    for (const password of ['short horse 12', 'aaaaaaaaaaaaaaaa', 'Ada at Test plant 2026!'])
      expect((await own.post('/api/setup', { ...setUp(access.oneTimeCode()), password })).status).toBe(422);
    expect((await own.post('/api/setup', setUp(access.oneTimeCode()))).status).toBe(200);
  });

  it('has a new code at every start and keeps the old owner after one', async () => {
    const folder = await ownFolder();
    const first = await startServer({ folder });
    const code = first.access.oneTimeCode();
    await first.stop();
    const second = await startServer({ folder });
    expect(second.access.oneTimeCode()).not.toBe(code);
    expect((await second.browser().post('/api/setup', setUp(code))).status).toBe(401);
    await second.owner();
    await second.stop();
    const third = await startServer({ folder });
    expect(third.access.oneTimeCode()).toBe(null);
    expect((await third.browser().signIn('Ada')).status).toBe(200);
  });

  it('comes back under the old name where the credentials were lost', async () => {
    const folder = await ownFolder();
    const clock = handClock();
    const first = await startServer({ folder, clock });
    await first.owner();
    expect((await stat(join(folder, CREDENTIALS_FILE))).mode & 0o777).toBe(0o600);
    await first.stop();
    await rm(join(folder, CREDENTIALS_FILE));
    const second = await startServer({ folder, clock });
    const own = second.browser();
    expect((await own.signIn('Ada')).status).toBe(401);
    const { status, body } = await own.post('/api/setup', setUp(second.access.oneTimeCode()));
    expect([status, body.user.name]).toEqual([200, 'Ada']);
    expect(second.facts('user-added')).toHaveLength(1);
    expect(second.facts('credential-changed')).toHaveLength(1);
  });
});

describe('a code', () => {
  it('is read as people read it', () => {
    const code = '01AB-CDEF-GH10';
    for (const typed of [code, 'o1abcdefghIO', ' 0lab cdef-gh1o ']) expect(sameCode(typed, code)).toBe(true);
    for (const typed of ['', '01AB-CDEF-GH11', '01AB-CDEF-GH1', `${code}0`, 'x'.repeat(5_000)])
      expect(sameCode(typed, code)).toBe(false);
    expect(new Set(Array.from({ length: 200 }, makeCode)).size).toBe(200);
  });
});
