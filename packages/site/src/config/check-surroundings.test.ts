import { readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { selfSigned, writePair } from '../../test/tls-pair.js';
import { checkSurroundings, type SurroundingsOptions } from './check-surroundings.js';
import { faultText } from './fault.js';
import { parseConfig } from './parse-config.js';

const EXAMPLE = readFileSync(new URL('../../../../docs/site.example.yaml', import.meta.url), 'utf8');
const GB = 1e9;

/** A folder with everything that the example needs; the disk is a large one, whatever runs this test. */
async function plant() {
  const folder = await mkdtemp(join(tmpdir(), 'selvedge-plant-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'camera'));
  await mkdir(join(folder, 'models'));
  await writeFile(join(folder, 'models/surface.onnx'), 'x');
  await writeFile(join(folder, 'models/surface.onnx.json'), '{}');
  const text = EXAMPLE.replace('/srv/camera-1/out', join(folder, 'camera')).replace('port: 8700', 'port: 0');
  const check = async (edit: (text: string) => string = (same) => same, more: SurroundingsOptions = {}) => {
    const parsed = parseConfig(edit(text), join(folder, 'site.yaml'));
    if (parsed.faults) throw new Error(parsed.faults.map((fault) => faultText('', fault)).join('\n'));
    const faults = await checkSurroundings(parsed.config, {
      env: { SELVEDGE_OIDC_SECRET: 'hunter2' },
      disk: async () => ({ free: 500 * GB, all: 1000 * GB }),
      lineOf: parsed.lineOf,
      ...more,
    });
    return faults.map((fault) => faultText('', fault).replaceAll(folder, '.'));
  };
  return { folder, check };
}

describe('the surroundings', () => {
  it('are good, and nothing is left behind', async () => {
    const { folder, check } = await plant();
    expect(await check()).toEqual([]);
    expect(await readdir(folder)).toEqual(['camera', 'models']);
  });

  it('are asked for the real disk and the real environment', async () => {
    const { folder } = await plant();
    const parsed = parseConfig(
      EXAMPLE.replace('softFloor: 20 GB\n', 'softFloor: 900 TB\n').replace('5 GB', '800 TB'),
      join(folder, 'site.yaml'),
    );
    if (parsed.faults) throw new Error(parsed.faults.map((fault) => faultText('', fault)).join('\n'));
    const places = (await checkSurroundings(parsed.config)).map(({ path }) => path);
    expect(places).toContain('retention.hardFloor');
    expect(places).toContain('retention.budgets');
    expect(places).toContain('access.oidc.clientSecretEnv');
  });

  it('are all named at once where they are not', async () => {
    const { folder, check } = await plant();
    await rm(join(folder, 'camera'), { recursive: true });
    await rm(join(folder, 'models/surface.onnx'));
    await writeFile(join(folder, 'models/surface.onnx.json'), '{');
    expect(await check(undefined, { env: {}, disk: async () => ({ free: 4 * GB, all: 200 * GB }) })).toEqual([
      ':26 connectors[1].path: the folder ./camera cannot be read: it does not exist. Make the folder, correct the path, or give the right to read it',
      ':56 stations[1].model.file: the model ./models/surface.onnx cannot be read: it does not exist. Put it there, or correct the path',
      ':56 stations[1].model.manifest: ./models/surface.onnx.json is no JSON. Correct it',
      ':64 retention.budgets: the budgets (220 GB) and the softFloor (20 GB) are more than the disk has (200 GB). Lower the budgets',
      ':66 retention.hardFloor: 4.0 GB are free where the record is kept, 5.0 GB are the hardFloor: every gate would be closed. Make room, or lower retention.hardFloor',
      ':74 access.oidc.clientSecretEnv: the environment variable SELVEDGE_OIDC_SECRET is not set. Set it for the process of the site',
    ]);
  });

  it('name a disk that is nearly full, a subfolder that is not there, a manifest that is none, an empty model', async () => {
    const { folder, check } = await plant();
    await writeFile(join(folder, 'models/surface.onnx'), '');
    await writeFile(join(folder, 'models/other.json'), '[]');
    const edit = (text: string) =>
      text
        .replace('pattern: "*_top.png"', 'subfolder: top')
        .replace('models/surface.onnx }', 'models/surface.onnx, manifest: models/other.json }');
    expect(await check(edit, { disk: async () => ({ free: 10 * GB, all: 1000 * GB }) })).toEqual([
      ':55 stations[1].input.subfolder: the folder ./camera/top cannot be read: it does not exist. Make the folder, correct the path, or give the right to read it',
      ':56 stations[1].model.file: ./models/surface.onnx is empty. Put the model there',
      ':56 stations[1].model.manifest: ./models/other.json holds no JSON object. Write what the model takes and gives as one object',
      ':65 retention.softFloor: 10 GB are free where the record is kept, 20 GB are the softFloor: content would be given up from the first minute. Make room, or lower retention.softFloor',
    ]);
  });

  it('name a file in place of the folder of the record', async () => {
    const { folder, check } = await plant();
    await writeFile(join(folder, 'data'), '');
    expect(await check()).toEqual([':10 folder: ./data is no folder. Name a folder']);
  });

  it.skipIf(process.getuid?.() === 0)('name a folder that cannot be written', async () => {
    const { folder, check } = await plant();
    await mkdir(join(folder, 'data'));
    await chmod(join(folder, 'data'), 0o500);
    expect(await check()).toEqual([
      ':10 folder: ./data cannot be written: this user may not. Give the user of the site the right to write there, or name another folder',
    ]);
  });

  it('name a folder in which nobody can write', async () => {
    const { check } = await plant();
    expect(await check((text) => text.replace('./data', '/proc/self/data'))).toEqual([
      expect.stringMatching(/^:10 folder: \/proc\/self cannot be written: /),
    ]);
  });

  it('name a port that is taken and an address of another machine', async () => {
    const { check } = await plant();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    expect(await check((text) => text.replace('port: 0', `port: ${port}`))).toEqual([
      `:14 listen.port: port ${port} of 127.0.0.1 is in use. Take another port. If it is this site that runs there, check with --file-only`,
    ]);
    expect(await check((text) => text.replace('host: 127.0.0.1', 'host: 203.0.113.7'))).toEqual([
      ':13 listen.host: 203.0.113.7 is no address of this machine (EADDRNOTAVAIL). Write 127.0.0.1 for this machine only, 0.0.0.0 for every network of it',
    ]);
  });

  it('name a certificate that ended, is for another host or does not fit, and secrets that everybody may read', async () => {
    const { folder, check } = await plant();
    const edit = (text: string) =>
      text
        .replace('trustProxy: [127.0.0.1]', 'tls: { certificate: site.crt, key: site.key }')
        .replace('clientSecretEnv: SELVEDGE_OIDC_SECRET', 'clientSecretFile: secret');
    const secret = join(folder, 'secret');
    const { key } = await writePair(folder, selfSigned('selvedge.plant.example'));
    await writeFile(secret, 'hunter2', { mode: 0o640 });
    expect(await check(edit)).toEqual([]);
    await chmod(key, 0o644);
    await chmod(secret, 0o604);
    expect(await check(edit)).toEqual([
      ':15 listen.tls.key: every user of this machine may read ./site.key. Take the right away: chmod o= ./site.key',
      ':74 access.oidc.clientSecretFile: every user of this machine may read ./secret. Take the right away: chmod o= ./secret',
    ]);
    await chmod(key, 0o600);
    await writePair(folder, selfSigned('other.example', -86_400_000));
    await rm(secret);
    expect(await check(edit)).toEqual([
      expect.stringMatching(
        /^:15 listen\.tls\.certificate: the certificate ended on .*\. Put a new one there$/,
      ),
      ':15 listen.tls.certificate: the certificate is not for selvedge.plant.example, the host of access.address. Put one there that names it, or correct the address',
      ':74 access.oidc.clientSecretFile: ./secret cannot be read: it does not exist. Put the secret there, or correct the path',
    ]);
    await writeFile(key, selfSigned('other.example').key);
    expect((await check(edit))[0]).toBe(
      ':15 listen.tls: ./site.key is not the private key of ./site.crt, or is encrypted. Name a certificate and its own key, in PEM, that this user may read',
    );
  });

  it('name a pack that is not installed', async () => {
    const { check } = await plant();
    const simulated = (text: string) =>
      text
        .replace('origin: live', 'origin: simulated')
        .replace('kind: http\n    path: /in/press-2', 'kind: simulator\n    pack: sea-swing');
    expect(await check(simulated)).toEqual([]);
    expect(await check(simulated, { packs: ['sea-swinging', 'other'] })).toEqual([
      ':23 connectors[0].pack: no pack "sea-swing" is installed. Write sea-swinging',
    ]);
  });
});
