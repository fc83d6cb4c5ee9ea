import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Followed, folderOf, follow, NAMESPACE, tagOf, until } from '../../test/opc-ua/kit.js';
import { opcUaCertificates, trustOpcUaCertificate } from './certificates.js';
import { openPki } from './pki.js';
import type { OpcUaServer } from './server/options.js';
import { startOpcUaServer } from './server.js';

const TAG = tagOf({ tag: 'x', type: 'double' });
const PASSWORD = { kind: 'password', user: 'anna', password: 'door' } as const;
let folder: { path: string; remove: () => Promise<void> };
let server: OpcUaServer;
let port = 0;
const open: Followed[] = [];

const startServer = (name: string): Promise<OpcUaServer> =>
  startOpcUaServer({
    port,
    folder: join(folder.path, name),
    namespace: NAMESPACE,
    tags: [{ tag: 'x', type: 'double', value: 3 }],
    users: (user, password) => user === 'anna' && password === 'right',
  });

/** A client with the certificate of the first one, so that the server knows it. */
async function client(config: object, name = 'client', secret = 'right'): Promise<Followed> {
  const path = join(folder.path, name);
  if (name !== 'client')
    await cp(join(folder.path, 'client', 'pki', 'own'), join(path, 'pki', 'own'), { recursive: true });
  const one = await follow({ endpoint: server.endpoint, identity: PASSWORD, ...config }, path, [TAG], {
    door: secret,
  });
  open.push(one);
  return one;
}
const why = (one: Followed, pattern: RegExp) =>
  until(
    `down: ${pattern}`,
    () => one.states.find(({ state, why }) => state === 'down' && pattern.test(why)),
    one.states,
  );
const rejectedIn = async (name: string) =>
  (await opcUaCertificates(join(folder.path, name))).filter(({ state }) => state === 'rejected');

beforeAll(async () => {
  folder = await folderOf('opc-ua-security');
  server = await startServer('server');
  port = Number(new URL(server.endpoint.replace('opc.tcp', 'http')).port);
});

afterAll(async () => {
  await Promise.all(open.map(({ link }) => link.close()));
  await server?.close();
  await folder?.remove();
});

describe('OPC UA security', () => {
  test('an unknown server is refused and kept; trusted by hand, it is refused by nobody but the server; then it is up', async () => {
    const one = await client({});
    const { why: told } = await why(one, /is not trusted/);
    const [refused] = await rejectedIn('client');
    expect(told).toContain(refused?.thumbprint);
    expect(refused?.subject).toContain('SelvedgeServer');
    expect(one.items).toEqual([]);
    await trustOpcUaCertificate(join(folder.path, 'client'), refused?.thumbprint ?? '');
    await why(one, /refuses our certificate/);
    const [client_] = await rejectedIn('server');
    await server.trust(client_?.thumbprint ?? '');
    await one.state('up');
    await until('its value', () => one.samplesOf('x').some(({ value }) => value === 3));
    await expect(trustOpcUaCertificate(folder.path, 'ab')).rejects.toThrow(RangeError);
  });

  test.each([
    ['Basic256Sha256', 'Sign'],
    ['Aes256_Sha256_RsaPss', 'SignAndEncrypt'],
    ['Aes256_Sha256_RsaPss', 'Sign'],
  ])('%s %s', async (security, mode) => {
    const one = await client({ security, mode });
    expect((await one.state('up')).epoch).not.toBe('');
    await one.link.close();
  });

  test('what the server does not offer is said, and no connection without security is made', async () => {
    const one = await client({ security: 'None', unsecured: 'accepted', identity: { kind: 'anonymous' } });
    await one.state('down');
    expect(one.items).toEqual([]);
    await one.link.close();
  });

  test('a wrong password is refused, and said to be that', async () => {
    const one = await client({}, 'client', 'wrong');
    await why(one, /refuses this user or password/);
    expect(one.states.some(({ state }) => state === 'up')).toBe(false);
    await one.link.close();
  });

  test('a person with a trusted certificate comes in without a password', async () => {
    const person = await openPki(join(folder.path, 'person'), 'Bea');
    const secrets = {
      key: await readFile(person.manager.privateKey, 'utf8'),
      pem: await readFile(person.certificateFile, 'utf8'),
    };
    const identity = { kind: 'certificate', certificate: 'pem', privateKey: 'key' } as const;
    const path = join(folder.path, 'client');
    const one = await follow({ endpoint: server.endpoint, identity }, path, null, secrets);
    open.push(one);
    await one.state('down');
    const [refused] = await rejectedIn('server/users');
    expect(refused?.subject).toContain('Bea');
    await server.trust(refused?.thumbprint ?? '');
    await one.state('up');
    await one.link.close();
  });

  test('the commissioning window trusts the first server only, and only while it is open', async () => {
    const shut = await client({ commissioning: { untilMs: Date.now() - 1 } }, 'late');
    await why(shut, /is not trusted/);
    await shut.link.close();
    const one = await client({ commissioning: { untilMs: Date.now() + 60_000 } }, 'window');
    await one.state('up');
    expect(one.logs).toContain('opc-ua-certificate-trusted');
    await one.link.close();
  });

  test('a server with another certificate at the same address is refused, also within a window', async () => {
    const one = await client({ commissioning: { untilMs: Date.now() + 60_000 } }, 'window');
    await one.state('up');
    const before = one.states.length;
    await server.close();
    server = await startServer('impostor');
    await until(
      'its refusal',
      () => one.states.slice(before).some(({ why }) => /is not trusted/.test(why)),
      one.states,
    );
    expect(one.states.slice(before).some(({ state }) => state === 'up')).toBe(false);
  });
});
