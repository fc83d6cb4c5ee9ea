import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { RIGHTS, type Right, type Role } from '@selvedge/core/records';
import { describe, expect, it, onTestFinished } from 'vitest';
import { client, equipment, owner, PASSWORD, runningSite, signedIn } from '../../test/running-site.js';
import { FrameCount } from '../sources/frame-count.js';
import { httpSource, streamOf } from '../sources/http-source.js';
import { buildApp } from './build-app.js';

/** Written out, so that a route for everybody is seen here when it is added. */
const FOR_EVERYBODY = [
  'GET /api/session',
  'GET /health',
  'POST /api/setup',
  'POST /api/sign-in',
  'POST /api/sign-in/passkey',
  'POST /api/sign-in/passkey-options',
];
const RANK: readonly Role[] = ['operator', 'quality', 'engineer', 'owner'];

/** The whole router of a plant, as it is put together for a running site, with its console's files. */
async function wholeRouter() {
  const plant = await runningSite();
  const { parts } = plant.site;
  const root = join(plant.folder, 'console');
  await mkdir(root);
  await writeFile(join(root, 'index.html'), '<!doctype html><title>console</title>');
  await writeFile(join(plant.folder, 'beside.txt'), 'nobody reads this');
  const app = await buildApp(parts, {
    ...{ consoleFolder: root, version: 'test', tls: null, trustProxy: [] },
    sources: (scope) => {
      const station = parts.live.station('press-1');
      const frames = new FrameCount({ station: 'press-1', journal: parts.journal, log: () => undefined });
      const streams = new Map([['press-1', streamOf(station, { journal: parts.journal, frames })]]);
      httpSource(scope, { path: '/in/press', largest: 1000, streams });
    },
  });
  onTestFinished(() => app.close());
  const routes = app.guardedRoutes.filter(({ method }) => method !== 'HEAD' && method !== 'OPTIONS');
  const at = (url: string) => url.replaceAll(/:\w+/g, 'x').replace('*', 'x');
  return { ...plant, app, routes, at };
}

describe('every route of the router', () => {
  it('asks for a right or stands on the list of those for everybody', async () => {
    const { routes } = await wholeRouter();
    expect(routes.length).toBeGreaterThan(50);
    const named = ({ method, url }: (typeof routes)[number]) => `${method} ${url}`;
    expect(
      routes
        .filter(({ access }) => access === 'public')
        .map(named)
        .toSorted(),
    ).toEqual(FOR_EVERYBODY);
    // Files of the console: what a browser needs before anybody has signed in.
    const files = routes.filter(({ access }) => access === null);
    expect(files.map(named).toSorted()).toEqual(['GET /', 'GET /index.html']);
  });

  it('lets nobody in without a session, and nobody of a lower role', async () => {
    const { site, address, app, routes, at } = await wholeRouter();
    const ada = await owner(site);
    await ada.post('/api/users', { name: 'Otto', role: 'operator', password: PASSWORD });
    await ada.post('/api/users', { name: 'Quinn', role: 'quality', password: PASSWORD });
    const cookies = new Map<Role, Record<string, string>>();
    for (const [name, role] of [
      ['Otto', 'operator'],
      ['Quinn', 'quality'],
    ] as const) {
      const browser = client(address);
      await browser.post('/api/sign-in', { name, password: PASSWORD });
      const { csrf } = (await (await browser.get('/api/session')).json()) as { csrf: string };
      cookies.set(role, { cookie: browser.cookie(), 'x-csrf-token': csrf });
    }
    const guarded = routes.filter(({ access }) => access !== null && access !== 'public');
    const wrong: string[] = [];
    for (const { method, url, access } of guarded) {
      const ask = async (headers: Record<string, string>) =>
        (await app.inject({ method: method as 'GET', url: at(url), headers })).statusCode;
      const nobody = await ask({});
      if (nobody !== 401) wrong.push(`${method} ${url}: nobody got ${nobody}`);
      for (const [role, headers] of cookies) {
        const least = RIGHTS[access as Right];
        if (RANK.indexOf(role) >= RANK.indexOf(least)) continue;
        const status = await ask(headers);
        if (status !== 403)
          wrong.push(`${method} ${url}: the role ${role} got ${status}, ${least} is the least`);
      }
    }
    expect(wrong).toEqual([]);
  }, 60_000);

  it('fails these tests when it asks for nothing', async () => {
    const { site } = await wholeRouter();
    const app = buildApp(site.parts, {
      ...{ consoleFolder: null, version: 'test', tls: null, trustProxy: [] },
      sources: (scope) => {
        scope.get('/api/open-to-all', async () => 'everything');
      },
    });
    await expect(app).rejects.toThrow(/GET \/api\/open-to-all/);
  });
});

describe('a path that leads out of its folder', () => {
  it('reads nothing, however it is written', async () => {
    const { site, app } = await wholeRouter();
    const ada = await owner(site);
    const outside = ['beside.txt', 'data/access.sqlite', 'data/secrets/site-key.pem', 'etc/passwd'];
    const ways = [
      '..',
      '%2e%2e',
      '..%2f..',
      '%2e%2e%2f%2e%2e',
      '..%5c..',
      '....//',
      '%252e%252e',
      '..;',
      '.%00.',
    ];
    for (const name of outside)
      for (const way of ways)
        for (const before of ['/', '/assets/', '/api/blobs/', '/api/stations/', '/api/units/']) {
          const url = `${before}${way}/${name}`;
          const answer = await app.inject({ method: 'GET', url, headers: { cookie: ada.cookie() } });
          expect(answer.body, url).not.toMatch(/nobody reads this|SQLite format|PRIVATE KEY|root:/);
        }
  });

  it('reads nothing by a raw request line either, which no client would tidy up', async () => {
    const { folder, app } = await wholeRouter();
    await writeFile(join(folder, 'data', 'beside.txt'), 'nobody reads this');
    const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
    for (const path of ['/../beside.txt', '/../../beside.txt', '//../beside.txt', '/./../data/beside.txt']) {
      const text = await new Promise<string>((resolve) => {
        const socket = connect(Number(port), '127.0.0.1', () =>
          socket.end(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nconnection: close\r\n\r\n`),
        );
        let all = '';
        socket.on('data', (bytes) => {
          all += bytes;
        });
        socket.once('close', () => resolve(all));
      });
      expect(text).toMatch(/^HTTP\/1\.1 (4\d\d)/);
      expect(text).not.toContain('nobody reads this');
    }
  });
});

describe('what was good once', () => {
  it('is not good again: a session after its end, a token after it was taken back, a code that was used', async () => {
    const { site, address } = await runningSite();
    const { code } = site;
    const ada = await owner(site);
    const { secret } = await equipment(address, ada);
    const again = client(address);
    expect(
      (await again.post('/api/setup', { code, name: 'Eve', password: PASSWORD })).status,
    ).toBeGreaterThanOrEqual(400);
    const cookie = ada.cookie();
    const tokens = (await (await ada.get('/api/tokens')).json()) as { tokens: { id: string }[] };
    await ada.post(`/api/tokens/${tokens.tokens[0]!.id}/revoke`);
    const brought = await fetch(`${address}/api/in/press/press-1`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ id: 'x', score: 1 }),
    });
    expect(brought.status).toBe(401);
    await ada.post('/api/sign-out');
    for (const path of ['/api/line', '/api/questions', '/api/events'])
      expect((await fetch(address + path, { headers: { cookie } })).status).toBe(401);
  });

  it('is nothing under an id that somebody made up', async () => {
    const { site } = await runningSite();
    const ada = await signedIn(await owner(site));
    for (const id of ['x', '0', '-1', '../x', 'question:1', `${'9'.repeat(200)}`, "' OR 1=1 --", '\u202e'])
      for (const path of [
        `/api/questions/${encodeURIComponent(id)}/answer`,
        `/api/users/${encodeURIComponent(id)}`,
        `/api/tokens/${encodeURIComponent(id)}/revoke`,
        `/api/stations/${encodeURIComponent(id)}/close`,
      ]) {
        const { status } = await ada.post(path, {
          label: 'good',
          by: 'touch',
          tookMs: 1,
          reason: 'x',
          role: 'owner',
        });
        expect(status, path).toBeGreaterThanOrEqual(400);
        expect(status, path).toBeLessThan(500);
      }
  });
});
