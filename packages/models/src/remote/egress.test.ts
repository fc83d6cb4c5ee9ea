import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { httpServer, json } from '../../test/http-server.js';
import { openEgress } from './egress.js';
import { isAllowed, plainAddress, targetOf } from './host-address.js';

const PATIENT = 120_000;
const get = (url: string, withinMs = 60_000) =>
  ({ url, method: 'GET', withinMs, mostBytes: 10_000 }) as const;
const target = (url: string) => targetOf(new URL(url));
/** An address of this machine that is not its loopback: to go there is to leave. */
const outside = Object.values(networkInterfaces())
  .flat()
  .find((one) => one !== undefined && !one.internal && one.family === 'IPv4')?.address;

describe('the way out', () => {
  it('knows one spelling of a host', () => {
    for (const [url, host] of [
      ['http://127.1/', '127.0.0.1'],
      ['http://2130706433/', '127.0.0.1'],
      ['http://0x7f.0.0.1/', '127.0.0.1'],
      ['http://0177.0.0.01/', '127.0.0.1'],
      ['http://[::ffff:10.0.0.5]/', '10.0.0.5'],
      ['http://[0:0:0:0:0:0:0:1]/', '::1'],
      ['http://MODELS.Plant.Example./', 'models.plant.example'],
      ['http://b\u00fccher.example/', 'xn--bcher-kva.example'],
    ] as const)
      expect(target(url).host).toBe(host);
    expect(() => target('http://allowed@evil.example/')).toThrow(/user/);
    expect(() => target('ftp://evil.example/')).toThrow(/neither/);
    expect(plainAddress('fe80::1%eth0')).toBe('fe80::1');
  });

  it('takes an entry for a host and its port, and for nothing that looks alike', () => {
    const allowed = ['Models.Plant.example.:8000', '10.0.0.5', '[fd00::2]:80', 'a.example:443'];
    for (const url of [
      'http://models.plant.example:8000/',
      'http://10.0.0.5:9/',
      'http://[fd00:0::2]/',
      'https://a.example/',
    ])
      expect(isAllowed(target(url), allowed)).toBe(true);
    for (const url of [
      'http://models.plant.example/',
      'http://models.plant.example.evil.example:8000/',
      'http://evil-models.plant.example:8000/',
      'http://10.0.0.50/',
      'http://[fd00::2]:81/',
      'http://a.example/',
    ])
      expect(isAllowed(target(url), allowed)).toBe(false);
    expect(
      isAllowed(target('http://evil.example/'), ['10.0.0.5@evil.example', 'x/evil.example', '', '*']),
    ).toBe(false);
  });

  it(
    'needs no leave for the loopback, whatever a proxy variable says',
    async () => {
      const server = await httpServer((_, response) => json(response, {}));
      const before = { ...process.env };
      Object.assign(process.env, {
        http_proxy: 'http://192.0.2.1:9',
        HTTP_PROXY: 'http://192.0.2.1:9',
        NODE_USE_ENV_PROXY: '1',
      });
      onTestFinished(() => {
        process.env = before;
      });
      const egress = openEgress({ allowedHosts: [] });
      for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '2130706433'])
        expect((await egress.ask(get(`http://${host}:${server.port}/`))).status).toBe(200);
      expect(server.asked).toHaveLength(4);
      expect(server.sockets()).toBe(4);
    },
    PATIENT,
  );

  it.skipIf(outside === undefined)(
    'sends no byte to a host that nobody has allowed, and goes to one that is',
    async () => {
      const server = await httpServer((_, response) => json(response, {}), { host: outside! });
      await expect(
        openEgress({ allowedHosts: [`${outside}:1`, '10.0.0.5'] }).ask(get(server.url)),
      ).rejects.toThrow(/nobody has allowed/);
      expect(server.sockets()).toBe(0);
      expect(
        (await openEgress({ allowedHosts: [`${outside}:${server.port}`] }).ask(get(server.url))).status,
      ).toBe(200);
    },
    PATIENT,
  );

  it(
    'looks a name up only where it is allowed, and goes nowhere special by a name',
    async () => {
      const server = await httpServer((_, response) => json(response, {}));
      const looked: string[] = [];
      const leading = (...addresses: string[]) =>
        openEgress({
          allowedHosts: ['a.example', '0.0.0.0'],
          lookup: async (name) => {
            looked.push(name);
            return addresses;
          },
        });
      await expect(leading('10.0.0.1').ask(get('http://b.example/'))).rejects.toThrow(/nobody has allowed/);
      expect(looked).toEqual([]);
      for (const address of [
        '127.0.0.1',
        '::1',
        '::ffff:127.0.0.1',
        '169.254.169.254',
        'fe80::1%2',
        '0.0.0.0',
        '224.0.0.1',
      ])
        await expect(leading(address).ask(get(`http://a.example:${server.port}/`))).rejects.toThrow(
          /leads to/,
        );
      await expect(leading('10.0.0.1').ask(get('http://localhost/'))).rejects.toThrow(/leads to/);
      await expect(leading().ask(get(`http://0.0.0.0:${server.port}/`))).rejects.toThrow(
        /no address of anybody/,
      );
      expect(server.sockets()).toBe(0);
    },
    PATIENT,
  );

  it.skipIf(outside === undefined)(
    'does not follow a name that leads elsewhere than at first',
    async () => {
      const server = await httpServer((_, response) => json(response, {}), { host: outside! });
      let leads: string = outside!;
      const egress = openEgress({ allowedHosts: ['a.example'], lookup: async () => [leads] });
      const url = `http://A.example.:${server.port}/`;
      expect((await egress.ask(get(url))).status).toBe(200);
      leads = '192.0.2.200';
      await expect(egress.ask(get(url))).rejects.toThrow(/leads to 192\.0\.2\.200 now/);
    },
    PATIENT,
  );

  it(
    'follows no redirect, unpacks nothing, reads no body without end, and waits for none that drips',
    async () => {
      const elsewhere = await httpServer((_, response) => json(response, {}));
      let written = 0;
      const server = await httpServer(({ path }, response) => {
        if (path === '/redirect') response.writeHead(307, { location: elsewhere.url }).end();
        else if (path === '/bomb')
          response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(20_000_000)));
        else if (path === '/endless') {
          const chunk = Buffer.alloc(4_096);
          const more = (): void => {
            while (!response.destroyed && response.write(chunk)) written += chunk.length;
          };
          response.on('drain', more);
          more();
        } else if (path === '/drip') {
          const timer = setInterval(() => response.write(' '), 20);
          response.on('close', () => clearInterval(timer));
        } else if (path === '/cut') {
          response.writeHead(200, { 'content-length': '100' });
          response.write('half', () => response.destroy());
        } else response.socket?.destroy();
      });
      const egress = openEgress({ allowedHosts: [] });
      const fails = (path: string, withinMs?: number) =>
        expect(egress.ask(get(server.url + path, withinMs))).rejects;
      await fails('/redirect').toThrow(/307.*not followed/);
      await fails('/bomb').toThrow(/packed/);
      await fails('/endless').toThrow(/longer than 10000/);
      await fails('/drip', 400).toThrow(/within 400 ms/);
      await fails('/cut').toThrow(/cut off|aborted|ECONNRESET/);
      await fails('/hang-up').toThrow(/.+/);
      expect(elsewhere.sockets()).toBe(0);
      expect(written).toBeLessThan(50_000_000);
    },
    PATIENT,
  );

  it.skipIf(spawnSync('openssl', ['version']).status !== 0)(
    'asks over https only whom a certificate shows, whatever the environment says',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'selvedge-tls-'));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const made = spawnSync(
        'openssl',
        [
          ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
          ...[
            '-subj',
            '/CN=server',
            '-addext',
            'subjectAltName=IP:127.0.0.1',
            '-keyout',
            'key',
            '-out',
            'cert',
          ],
        ],
        { cwd: folder },
      );
      expect(made.status).toBe(0);
      const [cert, key] = ['cert', 'key'].map((name) => readFileSync(join(folder, name), 'utf8'));
      const server = await httpServer((_, response) => json(response, {}), {
        tls: { cert: cert!, key: key! },
      });
      const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
      onTestFinished(() => {
        if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
        else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
      });
      await expect(openEgress({ allowedHosts: [] }).ask(get(server.url))).rejects.toThrow(/self-signed/);
      const trusting = openEgress({ allowedHosts: [], ca: cert! });
      expect((await trusting.ask(get(server.url))).status).toBe(200);
      // A good certificate of another name.
      await expect(trusting.ask(get(`https://localhost:${server.port}/`))).rejects.toThrow(/altnames/);
      expect(server.asked).toHaveLength(1);
    },
    PATIENT,
  );

  it(
    'says so where nobody listens, or what listens speaks otherwise',
    async () => {
      const server = createServer((socket) =>
        socket
          .on('error', () => {})
          .resume()
          .end('SSH-2.0-nothing\r\n'),
      );
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as { port: number };
      const egress = openEgress({ allowedHosts: [] });
      await expect(egress.ask(get(`http://127.0.0.1:${port}/`))).rejects.toThrow(/Parse Error/);
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await expect(egress.ask(get(`http://127.0.0.1:${port}/`))).rejects.toThrow(/ECONNREFUSED/);
    },
    PATIENT,
  );
});
