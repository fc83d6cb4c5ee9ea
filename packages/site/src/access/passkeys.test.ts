import { describe, expect, it } from 'vitest';
import { type Authenticator, createAuthenticator } from '../../test/access/authenticator.js';
import { type Answer, type Browser, type Server, startServer } from '../../test/access/kit.js';

interface Ready {
  readonly server: Server;
  readonly owner: Browser;
  /** Olga's browser, at a place where passkeys work. */
  readonly own: Browser;
  readonly id: string;
  readonly origin: string;
  /** Headers that a browser at `origin` sends. */
  readonly here: Record<string, string>;
}

async function ready(options: Parameters<typeof startServer>[0] = {}): Promise<Ready> {
  const server = await startServer(options);
  const owner = await server.owner();
  const { id } = await server.add(owner, 'Olga', 'operator');
  const own = server.browser('localhost');
  await own.signIn('Olga');
  const origin = `http://localhost:${server.port}`;
  return { server, owner, own, id, origin, here: { origin } };
}

async function register({ own, origin, here }: Ready, device: Authenticator): Promise<Answer> {
  const options = await own.post('/api/passkeys/options', undefined, here);
  expect(options.status).toBe(200);
  const credential = device.create(options.body, origin);
  return own.post('/api/passkeys', { name: 'Olga’s key', credential }, here);
}

async function signIn({ server, origin, here }: Ready, device: Authenticator, at = origin): Promise<Answer> {
  const own = server.browser('localhost');
  const options = await own.post('/api/sign-in/passkey-options', undefined, here);
  expect(options.body.allowCredentials ?? []).toEqual([]);
  return own.post('/api/sign-in/passkey', { credential: device.get(options.body, at) }, here);
}

const said = ({ status, body }: Answer) => [status, body.error?.code ?? null];

describe('a passkey', () => {
  it('is registered and signs in', async () => {
    const all = await ready();
    const device = createAuthenticator();
    const options = await all.own.post('/api/passkeys/options', undefined, all.here);
    expect(options.body).toMatchObject({
      rp: { id: 'localhost', name: 'Test plant' },
      attestation: 'none',
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    });
    expect(Buffer.from(options.body.user.id, 'base64url').toString()).toBe(all.id);
    const made = await register(all, device);
    expect([made.status, made.body.id]).toEqual([200, device.id]);
    const signed = await signIn(all, device);
    expect([signed.status, signed.body.user.id]).toEqual([200, all.id]);
    expect(all.server.facts('signed-in').at(-1)?.body).toEqual({ user: all.id, how: 'passkey' });
    const { passkeys } = (await all.own.get('/api/passkeys')).body;
    expect(passkeys).toEqual([
      { id: device.id, name: 'Olga’s key', madeAtMs: 1_700_000_000_000, usedAtMs: 1_700_000_000_000 },
    ]);
    expect(all.server.facts('credential-changed').at(-1)).toMatchObject({
      subject: all.id,
      body: { what: 'passkey-added', by: all.id },
    });
  });

  it('answers one challenge once', async () => {
    const all = await ready();
    const device = createAuthenticator();
    await register(all, device);
    const own = all.server.browser('localhost');
    const { body: options } = await own.post('/api/sign-in/passkey-options', undefined, all.here);
    const credential = device.get(options, all.origin);
    const replay = all.server.browser('localhost');
    const answers = await Promise.all(
      [own, replay].map((browser) => browser.post('/api/sign-in/passkey', { credential }, all.here)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
    // Nor one that is too old, or that another purpose had.
    const { body: old } = await own.post('/api/sign-in/passkey-options', undefined, {
      ...all.here,
    });
    all.server.clock.pass(300_001);
    const late = await replay.post(
      '/api/sign-in/passkey',
      { credential: device.get(old, all.origin) },
      all.here,
    );
    expect(said(late)).toEqual([401, 'sign-in-refused']);
    const { body: creation } = await all.own.post('/api/passkeys/options', undefined, all.here);
    const crossed = await replay.post(
      '/api/sign-in/passkey',
      { credential: device.get(creation, all.origin) },
      all.here,
    );
    expect(said(crossed)).toEqual([401, 'sign-in-refused']);
  });

  it('is refused from another page, another device, a copy, and without its user’s hand', async () => {
    const all = await ready();
    const device = createAuthenticator();
    await register(all, device);
    const refused = [401, 'sign-in-refused'];
    expect(said(await signIn(all, device, 'https://evil.example'))).toEqual(refused);
    expect(said(await signIn(all, createAuthenticator()))).toEqual(refused);
    const forged = { ...createAuthenticator(), id: device.id };
    expect(
      said(
        await signIn(all, {
          ...forged,
          get: (o, at) => ({ ...forged.get(o, at), id: device.id, rawId: device.id }),
        }),
      ),
    ).toEqual(refused);
    device.flags = 0b001;
    expect(said(await signIn(all, device))).toEqual(refused);
    device.flags = 0b101;
    expect((await signIn(all, device)).status).toBe(200);
    device.counter = 0;
    expect(said(await signIn(all, device))).toEqual(refused);
    const whys = all.server
      .facts('sign-in-refused')
      .map(({ subject, body }) => [subject, (body as { why: string }).why]);
    expect(whys).toEqual([
      [all.id, 'passkey-not-as-asked'],
      [null, 'passkey-unknown'],
      [all.id, 'passkey-signature'],
      [all.id, 'passkey-not-as-asked'],
      [all.id, 'passkey-copied'],
    ]);
  });

  it('is registered for the session that asked, from the page that asked', async () => {
    const all = await ready();
    const options = await all.own.post('/api/passkeys/options', undefined, all.here);
    const other = all.server.browser('localhost');
    await other.signIn('Ada');
    const credential = createAuthenticator().create(options.body, all.origin);
    const stolen = await other.post('/api/passkeys', { name: 'x', credential }, all.here);
    expect(said(stolen)).toEqual([422, 'passkey-refused']);
    const foreign = createAuthenticator().create(options.body, 'https://evil.example');
    expect(said(await all.own.post('/api/passkeys', { name: 'x', credential: foreign }, all.here))).toEqual([
      422,
      'passkey-refused',
    ]);
    const junk = {
      id: 'aa',
      rawId: 'aa',
      type: 'public-key',
      response: { clientDataJSON: 'aa', attestationObject: 'aa' },
    };
    expect(said(await all.own.post('/api/passkeys', { name: 'x', credential: junk }, all.here))).toEqual([
      422,
      'passkey-refused',
    ]);
    expect((await all.own.get('/api/passkeys')).body.passkeys).toEqual([]);
    const device = createAuthenticator();
    expect((await register(all, device)).status).toBe(200);
    expect(said(await register(all, device))).toEqual([409, 'passkey-known']);
  });

  it('of somebody deactivated signs nobody in', async () => {
    const all = await ready();
    const device = createAuthenticator();
    await register(all, device);
    await all.owner.post(`/api/users/${all.id}`, { active: false });
    expect(said(await signIn(all, device))).toEqual([401, 'sign-in-refused']);
    expect(all.server.facts('sign-in-refused').at(-1)).toMatchObject({
      subject: all.id,
      body: { why: 'inactive' },
    });
    expect(all.server.facts('signed-in').map(({ body }) => (body as { how: string }).how)).not.toContain(
      'passkey',
    );
  });

  it('can be removed by whose it is', async () => {
    const all = await ready();
    const device = createAuthenticator();
    await register(all, device);
    expect((await all.owner.post('/api/passkeys/remove', { id: device.id })).status).toBe(404);
    expect((await all.own.post('/api/passkeys/remove', { id: device.id })).body).toEqual({ passkeys: [] });
    expect(said(await signIn(all, device))).toEqual([401, 'sign-in-refused']);
  });

  it('works at an https origin of the site and at no address', async () => {
    const all = await ready({ origins: ['https://line3.plant.example'] });
    const here = { origin: 'https://line3.plant.example' };
    const options = await all.own.post('/api/passkeys/options', undefined, here);
    expect(options.body.rp.id).toBe('line3.plant.example');
    const device = createAuthenticator('line3.plant.example');
    const credential = device.create(options.body, here.origin);
    expect((await all.own.post('/api/passkeys', { name: 'x', credential }, here)).status).toBe(200);
    expect((await signIn({ ...all, here, origin: here.origin }, device)).status).toBe(200);
    const plain = await all.server.browser().post('/api/sign-in/passkey-options', undefined, {
      origin: `http://127.0.0.1:${all.server.port}`,
    });
    expect(said(plain)).toEqual([422, 'no-passkeys-here']);
    expect(said(await all.server.browser().post('/api/sign-in/passkey-options'))).toEqual([
      422,
      'no-passkeys-here',
    ]);
  });

  it.each(['http://plant.example', 'https://plant.example/path', 'plant.example', ''])(
    'a site does not start with the origin %s',
    async (origin) => {
      await expect(startServer({ origins: [origin] })).rejects.toThrow('is no https origin');
    },
  );
});
