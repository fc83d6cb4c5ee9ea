import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ownFolder } from '../../test/access/kit.js';
import { selfSigned, writePair } from '../../test/tls-pair.js';
import { accessOf, tlsOf } from './access-of.js';
import { parseConfig } from './parse-config.js';

const EXAMPLE = readFileSync(new URL('../../../../docs/site.example.yaml', import.meta.url), 'utf8');

async function example(edit: (text: string) => string = (same) => same) {
  const folder = await ownFolder();
  const { config } = parseConfig(edit(EXAMPLE), join(folder, 'site.yaml'));
  if (config === null) throw new Error('the example is sound');
  return { folder, config };
}

describe('who may come in', () => {
  it('is as the file says, with the secret from where it names it', async () => {
    const { config } = await example();
    const { oidc, ...rest } = await accessOf(config, { SELVEDGE_OIDC_SECRET: 'hunter2' });
    expect(rest).toEqual({
      ...{ languages: ['en', 'id'], passkeys: true, origins: ['https://selvedge.plant.example'] },
      sessions: { longestMs: 9 * 3_600_000 },
    });
    expect(oidc).toMatchObject({
      ...{ name: 'login.plant.example', clientSecret: 'hunter2', rolesClaim: 'groups', clockSkewSeconds: 30 },
      ...{ address: 'https://selvedge.plant.example', scopes: ['openid', 'profile'] },
    });
    await expect(accessOf(config, {})).rejects.toMatchObject({ name: 'InputFault', code: 'no-secret' });
  });

  it('takes the secret of a file without the end of its line, and refuses one that is empty or not there', async () => {
    const { folder, config } = await example((text) =>
      text.replace(/clientSecretEnv: .*/, 'clientSecretFile: secret'),
    );
    await expect(accessOf(config, {})).rejects.toThrow(/clientSecretFile: .*secret cannot be read/);
    await writeFile(join(folder, 'secret'), '\n');
    await expect(accessOf(config, {})).rejects.toThrow(/is empty/);
    await writeFile(join(folder, 'secret'), 'hunter2\n');
    expect((await accessOf(config, {})).oidc?.clientSecret).toBe('hunter2');
  });

  it('by https needs a pair that fits', async () => {
    expect(await tlsOf((await example()).config)).toBe(null);
    const { folder, config } = await example((text) =>
      text.replace('trustProxy: [127.0.0.1]', 'tls: { certificate: site.crt, key: site.key }'),
    );
    await expect(tlsOf(config)).rejects.toMatchObject({ name: 'InputFault', code: 'bad-tls' });
    await writePair(folder, selfSigned('selvedge.plant.example'));
    expect((await tlsOf(config))?.own.checkHost('selvedge.plant.example')).toBe('selvedge.plant.example');
  });
});
