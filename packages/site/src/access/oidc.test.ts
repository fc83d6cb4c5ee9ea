import { describe, expect, it } from 'vitest';
import { PASSWORD } from '../../test/access/kit.js';
import { ADDRESS, withProvider } from '../../test/access/oidc-kit.js';

describe('somebody of the identity provider', () => {
  it('comes in by issuer and subject, as the highest role of their groups, and keeps one name', async () => {
    const { server, provider, browser } = await withProvider();
    await server.owner();
    const own = browser();
    expect((await own.get('/api/session')).body.ways).toEqual({ passkey: true, oidc: 'Plant account' });
    expect(await own.signIn()).toBe('/');
    const { user } = (await own.get('/api/session')).body;
    expect(user).toMatchObject({ name: 'Ada Lovelace', role: 'quality', active: true });
    expect(own.site.has('__Host-selvedge-session')).toBe(true);
    expect(own.site.has('__Host-selvedge-oidc')).toBe(false);
    expect(server.facts('user-added').at(-1)?.body).toEqual({
      ...{ user: user.id, name: 'Ada Lovelace', role: 'quality', by: 'oidc' },
    });
    expect(server.facts('signed-in').at(-1)?.body).toEqual({ user: user.id, how: 'oidc' });
    // Another name and another address of mail make nobody else of them; the role follows the groups.
    await provider.set({
      people: { ada: { name: 'A. King', groups: ['ops'], email: 'king@plant.example' } },
    });
    const later = browser();
    expect(await later.signIn()).toBe('/');
    expect((await later.get('/api/session')).body.user).toEqual({ ...user, role: 'operator' });
    expect(server.facts('user-changed').at(-1)?.body).toMatchObject({ role: 'operator', by: 'oidc' });
    // The session of the higher role is over.
    expect((await own.get('/api/session')).body.user).toBe(null);
  });

  it('is sent there with PKCE, a state and a nonce, in a cookie that no script reads', async () => {
    const { server, browser } = await withProvider();
    await server.owner();
    const own = browser();
    const { location, setCookie } = await own.get('/api/sign-in/oidc');
    const asked = Object.fromEntries(new URL(location).searchParams);
    expect(asked).toMatchObject({
      ...{ client_id: 'selvedge', response_type: 'code', scope: 'openid profile' },
      ...{ code_challenge_method: 'S256', redirect_uri: `${ADDRESS}/api/sign-in/oidc/callback` },
    });
    for (const part of ['state', 'nonce', 'code_challenge'])
      expect(asked[part]).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(setCookie).toEqual([
      expect.stringMatching(
        /^__Host-selvedge-oidc=[A-Za-z0-9_-]{43}; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
      ),
    ]);
    // The secret of the client is nowhere that a browser looks.
    expect(location).not.toContain('secret');
  });

  it('without a group that gives a role stays outside, also when they had one before', async () => {
    const { server, provider, browser } = await withProvider();
    await server.owner();
    await provider.set({ account: 'bob' });
    expect(await browser().signIn()).toBe('/sign-in?refused=no-role');
    expect(server.access.users.list().map(({ name }) => name)).toEqual(['Ada']);
    expect(server.facts('sign-in-refused').at(-1)?.body).toEqual({ user: 'unknown', why: 'oidc no-role' });
    await provider.set({ account: 'ada' });
    const own = browser();
    expect(await own.signIn()).toBe('/');
    await provider.set({ people: { ada: { name: 'Ada Lovelace', groups: 'staff' } } });
    expect(await browser().signIn()).toBe('/sign-in?refused=no-role');
    expect((await own.get('/api/session')).body.user).toBe(null);
  });

  it('has a claim elsewhere and as one word', async () => {
    const { server, provider, browser } = await withProvider({ rolesClaim: 'realm.access.roles' });
    await server.owner();
    await provider.set({ account: 'bob' });
    const own = browser();
    expect(await own.signIn()).toBe('/');
    expect((await own.get('/api/session')).body.user).toMatchObject({ name: 'Bob', role: 'quality' });
  });

  it('whom an owner switched off stays outside', async () => {
    const { server, browser } = await withProvider();
    const owner = await server.owner();
    await browser().signIn();
    const user = server.access.users.byName('Ada Lovelace');
    await owner.post(`/api/users/${user?.id}`, { active: false });
    expect(await browser().signIn()).toBe('/sign-in?refused=inactive');
    expect(server.facts('sign-in-refused').at(-1)?.body).toEqual({ user: user?.id, why: 'oidc inactive' });
  });

  it('gives themselves no way in beside it; an owner may, for when the provider is away', async () => {
    const { server, provider, browser } = await withProvider();
    const owner = await server.owner();
    const own = browser();
    await own.signIn();
    await own.get('/api/session');
    const set = await own.post('/api/password', { current: '', password: PASSWORD });
    expect([set.status, set.body.error.code]).toEqual([403, 'provider-manages']);
    expect((await own.post('/api/passkeys/options', {})).body.error.code).toBe('provider-manages');
    const user = server.access.users.byName('Ada Lovelace');
    expect((await owner.post(`/api/users/${user?.id}/password`, { password: PASSWORD })).status).toBe(200);
    await provider.set({ down: true });
    expect((await server.browser().signIn('Ada Lovelace')).status).toBe(200);
  });
});

describe('a user of the site', () => {
  it('is never taken over by a name or an address of mail, and links the account by their own session', async () => {
    const { server, provider, browser } = await withProvider();
    const owner = await server.owner();
    const { id } = await server.add(owner, 'Olga', 'quality');
    await provider.set({ account: 'olga' });
    expect(await browser().signIn()).toBe('/sign-in?refused=name-taken');
    const own = browser();
    await own.post('/api/sign-in', { name: 'Olga', password: PASSWORD });
    expect(await own.signIn('?link')).toBe('/');
    expect(server.facts('credential-changed').at(-1)?.body).toEqual({
      ...{ user: id, what: 'oidc-linked', by: id },
    });
    const later = browser();
    expect(await later.signIn()).toBe('/');
    // The site gave the role, so the claim (operator) changes nothing.
    expect((await later.get('/api/session')).body.user).toMatchObject({ id, role: 'quality' });
    // Somebody else cannot link the same account.
    await server.add(owner, 'Pia', 'operator');
    const other = browser();
    await other.post('/api/sign-in', { name: 'Pia', password: PASSWORD });
    expect(await other.signIn('?link')).toBe('/sign-in?refused=linked-already');
    // Nobody links without being signed in, nor after they signed out meanwhile.
    expect(await browser().start('?link')).toBe('/sign-in');
    await provider.set({ account: 'ada' });
    const back = await other.atProvider(await other.start('?link'));
    await other.post('/api/sign-out', {});
    expect(await other.back(back)).toBe('/sign-in?refused=expired');
  });
});

describe('an answer of the provider', () => {
  const refusals = (server: { facts(kind: string): { body: unknown }[] }) =>
    server.facts('sign-in-refused').map(({ body }) => (body as { why: string }).why);

  it('with a forged state is refused, and does not use up the one that was begun', async () => {
    const { server, browser } = await withProvider();
    await server.owner();
    const own = browser();
    const back = await own.atProvider(await own.start());
    const forged = new URL(back);
    forged.searchParams.set('state', 'A'.repeat(43));
    expect(await own.back(forged.href)).toBe('/sign-in?refused=not-as-asked');
    forged.searchParams.delete('state');
    expect(await own.back(forged.href)).toBe('/sign-in?refused=not-as-asked');
    expect(refusals(server)).toEqual(['oidc not-as-asked state', 'oidc not-as-asked state']);
    expect(await own.back(back)).toBe('/');
  });

  it('is good in the browser in which it began and in no other', async () => {
    const { server, browser } = await withProvider();
    await server.owner();
    const [attacker, victim] = [browser(), browser()];
    const back = await attacker.atProvider(await attacker.start());
    expect(await victim.back(back)).toBe('/sign-in?refused=expired');
    await victim.start();
    expect(await victim.back(back)).toBe('/sign-in?refused=not-as-asked');
    expect((await victim.get('/api/session')).body.user).toBe(null);
  });

  it('is good once: a code that is replayed opens nothing', async () => {
    const { server, browser } = await withProvider();
    await server.owner();
    const own = browser();
    const back = await own.atProvider(await own.start());
    const kept = new Map(own.site);
    expect(await own.back(back)).toBe('/');
    const replay = browser();
    for (const [name, value] of kept) replay.site.set(name, value);
    expect(await replay.back(back)).toBe('/sign-in?refused=expired');
    // The same code within another sign-in: the provider itself refuses it.
    const state = new URL(await replay.start()).searchParams.get('state') ?? '';
    const again = new URL(back);
    again.searchParams.set('state', state);
    expect(await replay.back(again.href)).toBe('/sign-in?refused=not-as-asked');
    expect(refusals(server)).toEqual(['oidc not-as-asked invalid_grant']);
  });

  it('with another nonce, or made for another verifier, is refused', async () => {
    const { server, browser } = await withProvider();
    await server.owner();
    const own = browser();
    const changed = async (part: string, value: string) => {
      const url = new URL(await own.start());
      url.searchParams.set(part, value);
      return own.back(await own.atProvider(url.href));
    };
    expect(await changed('nonce', 'A'.repeat(43))).toBe('/sign-in?refused=not-as-asked');
    expect(await changed('code_challenge', 'A'.repeat(43))).toBe('/sign-in?refused=not-as-asked');
    expect(refusals(server)).toEqual([
      'oidc not-as-asked OAUTH_JWT_CLAIM_COMPARISON_FAILED nonce',
      'oidc not-as-asked invalid_grant',
    ]);
  });

  it('with a token for another audience, or a code that was given to another client, is refused', async () => {
    const { server, provider, browser } = await withProvider();
    await server.owner();
    const own = browser();
    // The same person, the same nonce, the same provider: only the client is another one.
    const asked = new URL(await own.start());
    const other = new URL(asked);
    other.searchParams.set('client_id', 'another');
    for (const part of ['code_challenge', 'code_challenge_method']) other.searchParams.delete(part);
    const code = new URL(await own.atProvider(other.href)).searchParams.get('code') ?? '';
    const answer = await fetch(`${provider.issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`another:${encodeURIComponent('secret of another')}`)}` },
      body: new URLSearchParams({
        ...{ grant_type: 'authorization_code', code },
        redirect_uri: `${ADDRESS}/api/sign-in/oidc/callback`,
      }),
    });
    const { id_token: idToken } = (await answer.json()) as { id_token: string };
    expect(idToken.split('.')).toHaveLength(3);
    await provider.set({ idToken });
    expect(await own.back(await own.atProvider(asked.href))).toBe('/sign-in?refused=not-as-asked');
    expect(refusals(server)).toEqual(['oidc not-as-asked OAUTH_JWT_CLAIM_COMPARISON_FAILED aud']);
    // A code that was given to another client is none for this one.
    await provider.set({ idToken: null });
    const mine = new URL(await own.start());
    const theirs = new URL(mine);
    theirs.searchParams.set('client_id', 'another');
    expect(await own.back(await own.atProvider(theirs.href))).toBe('/sign-in?refused=not-as-asked');
    expect(refusals(server).at(-1)).toBe('oidc not-as-asked invalid_grant');
    expect(server.access.users.list()).toHaveLength(1);
  });

  it('with claims that nobody signed is refused', async () => {
    const { server, provider, browser } = await withProvider();
    await server.owner();
    const own = browser();
    const url = new URL(await own.start());
    const nowS = Math.floor(Date.now() / 1000);
    const part = (claims: object) => Buffer.from(JSON.stringify(claims)).toString('base64url');
    const claims = {
      ...{ iss: provider.issuer, aud: 'selvedge', sub: 'ada', iat: nowS, exp: nowS + 60, groups: ['bosses'] },
      ...{ nonce: url.searchParams.get('nonce'), name: 'Eve' },
    };
    const head = { alg: 'RS256', kid: 'keystore-CHANGE-ME', typ: 'JWT' };
    await provider.set({ idToken: `${part(head)}.${part(claims)}.${'A'.repeat(342)}` });
    expect(await own.back(await own.atProvider(url.href))).toBe('/sign-in?refused=not-as-asked');
    expect(refusals(server)[0]).toBe('oidc not-as-asked OAUTH_INVALID_RESPONSE');
    expect(server.access.users.list()).toHaveLength(1);
  });

  it('may be as late as the clocks may be apart, and no later', async () => {
    const { server, provider, browser } = await withProvider();
    await server.owner();
    // Its ID tokens are good for an hour.
    await provider.set({ behindMs: 3_600_000 + 10_000 });
    expect(await browser().signIn()).toBe('/');
    await provider.set({ behindMs: 3_600_000 + 60_000 });
    expect(await browser().signIn()).toBe('/sign-in?refused=not-as-asked');
    expect(refusals(server)).toEqual(['oidc not-as-asked OAUTH_JWT_TIMESTAMP_CHECK_FAILED exp']);
  });

  it('of another issuer is refused', async () => {
    const { server, browser } = await withProvider();
    await server.owner();
    const own = browser();
    const back = new URL(await own.atProvider(await own.start()));
    back.searchParams.set('iss', 'https://evil.example');
    expect(await own.back(back.href)).toBe('/sign-in?refused=not-as-asked');
  });

  it('that says no, and what it says, is kept out of the page and of the record', async () => {
    const { server, provider, browser } = await withProvider();
    await server.owner();
    await provider.set({ account: null });
    expect(await browser().signIn()).toBe('/sign-in?refused=cancelled');
    expect(JSON.stringify(server.journal.read({ limit: 1_000 }))).not.toContain('script');
  });

  it('that does not come leaves the password, and counts as no try', async () => {
    const { server, provider, browser } = await withProvider();
    await server.owner();
    const own = browser();
    const back = await own.atProvider(await own.start());
    await provider.set({ down: true });
    expect(await own.back(back)).toBe('/sign-in?refused=away');
    expect((await own.post('/api/sign-in', { name: 'Ada', password: PASSWORD })).status).toBe(200);
  });

  it('comes from nowhere where the provider was never reached', async () => {
    const { server, provider, browser } = await withProvider();
    await server.owner();
    await provider.set({ down: true });
    expect(await browser().start()).toBe('/sign-in?refused=away');
    await provider.set({ down: false });
    expect(await browser().signIn()).toBe('/');
  });
});

describe('the way to the provider', () => {
  it('is not there where none is configured, and begins at the address of the site', async () => {
    const { server, browser } = await withProvider();
    const answer = await server.app.inject({
      url: '/api/sign-in/oidc?link',
      headers: { host: 'other.example' },
    });
    expect(answer.headers.location).toBe(`${ADDRESS}/api/sign-in/oidc?link`);
    // After ten minutes nothing is under way any more.
    await server.owner();
    const own = browser();
    const back = await own.atProvider(await own.start());
    server.clock.pass(600_000);
    expect(await own.back(back)).toBe('/sign-in?refused=expired');
  });
});
