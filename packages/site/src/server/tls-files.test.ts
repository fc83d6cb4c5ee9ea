import { once } from 'node:events';
import { rename, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { request } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ownFolder, PASSWORD } from '../../test/access/kit.js';
import { runningSite } from '../../test/running-site.js';
import { selfSigned, writePair } from '../../test/tls-pair.js';
import { readTls, TlsFault, watchTls } from './tls-files.js';

const HOST = 'plant.example';

/** One request by https to loopback as `HOST`, with the certificate that answered. */
async function ask(
  port: number,
  path: string,
  options: { method?: string; body?: object; host?: string } = {},
) {
  const body = options.body === undefined ? undefined : JSON.stringify(options.body);
  const sent = request({
    ...{ host: '127.0.0.1', port, path, servername: HOST, rejectUnauthorized: false, agent: false },
    method: options.method ?? 'GET',
    headers: {
      host: options.host ?? HOST,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
  });
  sent.end(body);
  const [answer] = await once(sent, 'response');
  const serial = (answer.socket as TLSSocket).getPeerCertificate().serialNumber;
  let text = '';
  for await (const part of answer) text += part;
  return { status: answer.statusCode as number, headers: answer.headers, text, serial };
}

describe('a pair of certificate and key', () => {
  it('is read where it fits, and refused with what is wrong where not', async () => {
    const folder = await ownFolder();
    const [one, two] = [selfSigned(HOST), selfSigned(HOST)];
    const files = await writePair(folder, one);
    const { own } = await readTls(files);
    expect(own.checkHost(HOST)).toBe(HOST);
    await writeFile(files.key, two.key);
    await expect(readTls(files)).rejects.toThrow(/is not the private key of/);
    await writeFile(files.certificate, 'nothing');
    await expect(readTls(files)).rejects.toThrow(TlsFault);
    await expect(readTls({ ...files, key: '/nowhere' })).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is taken when it changed, whole, and once', async () => {
    const folder = await ownFolder();
    const files = await writePair(folder, selfSigned(HOST));
    const taken: string[] = [];
    const logged: string[] = [];
    const watch = watchTls({
      place: files,
      everyMs: 20,
      onPair: ({ own }) => taken.push(own.serialNumber),
      log: (event) => logged.push(event),
    });
    onTestFinished(watch.close);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([taken, logged]).toEqual([[], []]);
    const next = selfSigned(HOST);
    // As whoever renews writes: beside it, then in its place.
    const renew = async (file: string, text: string) => {
      await writeFile(`${file}.new`, text);
      await rename(`${file}.new`, file);
    };
    await renew(files.certificate, next.cert);
    await new Promise((resolve) => setTimeout(resolve, 200));
    // The key is still the old one: what is served stays.
    expect([taken, logged]).toEqual([[], ['tls-not-taken']]);
    await renew(files.key, next.key);
    await expect.poll(() => taken).toHaveLength(1);
    await watch.look();
    expect([taken.length, logged]).toEqual([2, ['tls-not-taken', 'tls-renewed', 'tls-renewed']]);
  });
});

describe('a site with a certificate', () => {
  it('serves https alone, keeps its cookies to it, and renews on SIGHUP', async () => {
    const folder = await ownFolder();
    const files = await writePair(folder, selfSigned(HOST));
    const listen = `{ port: 0, tls: { certificate: ${files.certificate}, key: ${files.key} } }`;
    const { site } = await runningSite(folder, { listen, access: `access: { address: "https://${HOST}" }` });
    expect(site.address).toMatch(/^https:/);
    const port = Number(new URL(site.address).port);
    const first = await ask(port, '/health');
    expect([first.status, first.headers['strict-transport-security']]).toEqual([200, 'max-age=31536000']);
    expect((await ask(port, '/health', { host: 'localhost' })).headers).not.toHaveProperty(
      'strict-transport-security',
    );
    const body = { code: site.code ?? '', name: 'Ada', password: PASSWORD };
    const { headers } = await ask(port, '/api/setup', { method: 'POST', body });
    expect(headers['set-cookie']?.[0]).toMatch(
      /^__Host-selvedge-session=.*; HttpOnly; Secure; SameSite=Strict$/,
    );
    const plain = httpRequest({ host: '127.0.0.1', port, path: '/health' }).end();
    await expect(once(plain, 'response')).rejects.toThrow();
    await writePair(folder, selfSigned(HOST));
    process.emit('SIGHUP', 'SIGHUP');
    await expect.poll(async () => (await ask(port, '/health')).serial).not.toBe(first.serial);
  });
});

describe('a site behind a proxy', () => {
  const asked = async (address: string, headers: Record<string, string>) =>
    (await fetch(`${address}/health`, { headers })).headers;
  const FORWARDED = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '198.51.100.9' };

  it('insists on https where a trusted proxy says that it is, and nowhere else', async () => {
    const trusting = await runningSite(undefined, { listen: '{ port: 0, trustProxy: [127.0.0.1] }' });
    // fetch sets the host itself, which is a number here.
    expect((await asked(trusting.address, FORWARDED)).get('strict-transport-security')).toBe(
      'max-age=31536000',
    );
    expect((await asked(trusting.address, {})).get('strict-transport-security')).toBe(null);
    const alone = await runningSite();
    expect((await asked(alone.address, FORWARDED)).get('strict-transport-security')).toBe(null);
  });
});
