import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BROKERS, eventually, HASTE, testContext, testFolder } from '../../test/mqtt-kit.js';
import { findMosquitto, startBroker, startEmbeddedBroker, startMosquitto } from './broker.js';
import { type BrokerConfig, brokerSchema } from './broker-config.js';
import { MqttSession } from './session.js';

const STARTS = { embedded: startEmbeddedBroker, mosquitto: startMosquitto } as const;
const openssl = spawnSync('openssl', ['version']).status === 0;

function session(
  given: Partial<Omit<BrokerConfig, 'urls'>> & { readonly urls: readonly string[] },
  secrets: Record<string, string> = {},
) {
  const downs: string[] = [];
  const context = testContext({
    secret: async (name) => secrets[name] ?? Promise.reject(new Error(`there is no secret ${name}`)),
  });
  const one = new MqttSession({
    ...{ context, broker: brokerSchema.parse({ ...HASTE, ...given }) },
    ...{ attempt: () => ({ clientId: 'me', sessionExpirySeconds: 0 }), onUp: async () => {} },
    ...{ onDown: (why: string) => downs.push(why), onMessage: () => {} },
  });
  onTestFinished(() => one.close());
  one.start();
  return { one, downs };
}

/** A new authority with a certificate for this machine's loopback and one for a client. */
function certificates() {
  const folder = testFolder();
  chmodSync(folder, 0o755);
  const run = (...args: string[]) => {
    const { status, stderr } = spawnSync('openssl', args, { cwd: folder });
    if (status !== 0) throw new Error(String(stderr));
  };
  const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  run('req', '-x509', ...fresh, '-subj', '/CN=authority', '-keyout', 'ca.key', '-out', 'ca.pem');
  for (const name of ['server', 'client']) {
    const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'];
    run(
      'req',
      '-x509',
      ...fresh,
      ...subject,
      '-addext',
      'basicConstraints=critical,CA:FALSE',
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
    );
    chmodSync(join(folder, `${name}.key`), 0o644);
  }
  const file = (name: string) => join(folder, name);
  const text = (name: string) => readFileSync(file(name), 'utf8');
  return { file, text };
}

describe.each(
  BROKERS.map((one, i) => ({ ...one, kind: (['embedded', 'mosquitto'] as const)[i === 0 ? 0 : 1] })),
)('a broker on this machine: $name', ({ here, kind }) => {
  const test = it.skipIf(!here);
  const version = kind === 'embedded' ? 4 : 5;

  test('lets in who knows the password, and says why it does not let in others', async () => {
    const broker = await STARTS[kind]({ users: { u: 'right' } });
    onTestFinished(() => broker.stop());
    const known = { urls: [broker.url], version, user: 'u', passwordSecret: 'word' } as const;
    const right = session(known, { word: 'right' });
    await eventually(() => right.one.up);
    await right.one.close();
    const wrong = session(known, { word: 'wrong' });
    await eventually(() => wrong.downs.length > 0);
    expect(wrong.downs[0]).toMatch(/not authorized|bad user name/i);
    const without = session(known);
    await eventually(() => without.downs.length > 0);
    expect(without.downs[0]).toBe('there is no secret word');
  });

  it.skipIf(!here || !openssl)(
    'speaks TLS with a certificate of the authority that is trusted, both ways',
    async () => {
      const { file, text } = certificates();
      const broker = await STARTS[kind]({
        tls: { cert: file('server.pem'), key: file('server.key'), ca: file('ca.pem') },
      });
      onTestFinished(() => broker.stop());
      expect(broker.url).toMatch(/^mqtts:/);
      const known = { urls: [broker.url], version } as const;
      const own = { certSecret: 'cert', keySecret: 'key' };
      const secrets = { ca: text('ca.pem'), cert: text('client.pem'), key: text('client.key') };
      const right = session({ ...known, ...own, caSecret: 'ca' }, secrets);
      await eventually(
        () => right.one.up,
        4_000,
        () => right.downs,
      );
      const blind = session({ ...known, ...own }, secrets);
      await eventually(() => blind.downs.length > 0);
      expect(blind.downs[0]).toMatch(/certificate/);
      const bare = session({ ...known, caSecret: 'ca' }, secrets);
      await eventually(() => bare.downs.length > 0);
      expect(bare.one.up).toBe(false);
    },
  );
});

describe('brokers', () => {
  it('mosquitto where it is installed, the embedded one elsewhere; stopping twice is stopping', async () => {
    const broker = await startBroker();
    expect(broker.kind).toBe(findMosquitto() ? 'mosquitto' : 'embedded');
    await broker.stop();
    await broker.stop('kill');
    const embedded = await startEmbeddedBroker();
    await expect(startEmbeddedBroker({ port: embedded.port })).rejects.toThrow('EADDRINUSE');
    await embedded.stop();
    await embedded.stop('kill');
  });

  it.skipIf(findMosquitto() === undefined)(
    'mosquitto ends with the process that started it, even if that is killed',
    async () => {
      const module = new URL('./broker.ts', import.meta.url).href;
      const script = `const { startMosquitto } = await import(${JSON.stringify(module)});
      console.log((await startMosquitto()).port); setInterval(() => {}, 1000);`;
      const child = spawn(
        process.execPath,
        ['--import', 'tsx', '--conditions=@selvedge/source', '--input-type=module', '-e', script],
        { cwd: fileURLToPath(new URL('../..', import.meta.url)), stdio: ['ignore', 'pipe', 'inherit'] },
      );
      onTestFinished(() => {
        child.kill('SIGKILL');
      });
      let port = '';
      child.stdout.on('data', (chunk) => {
        port += chunk;
      });
      await eventually(() => port.endsWith('\n'), 10_000);
      child.kill('SIGKILL');
      const listens = () =>
        new Promise<boolean>((resolve) => {
          const socket = connect(Number(port), '127.0.0.1', () => resolve(true));
          socket.on('error', () => resolve(false));
          socket.unref();
        });
      let here = true;
      for (let tries = 0; here && tries < 100; tries += 1) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        here = await listens();
      }
      expect(here).toBe(false);
    },
  );

  it('a configuration says all its faults', () => {
    const faults = brokerSchema.safeParse({ urls: ['http://x'], certSecret: 'a', passwordSecret: 'b' }).error
      ?.issues;
    expect(faults?.map(({ message }) => message)).toEqual([
      expect.stringContaining('write mqtt://host:port'),
      expect.stringContaining('belong together'),
      expect.stringContaining('give the user too'),
    ]);
  });
});
