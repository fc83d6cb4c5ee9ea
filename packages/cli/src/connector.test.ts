import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runConnector } from './connector-run.js';

const MODULES = fileURLToPath(new URL('../../../node_modules', import.meta.url));
const run = promisify(execFile);

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'selvedge-connector-'));
});
afterAll(() => rm(root, { recursive: true }));

describe('selvedge connector', () => {
  it('begins one that type-checks and passes the suite of conformance', async () => {
    const folder = join(root, 'scales');
    const { document, text } = await runConnector(folder, { protocol: 'scales-tcp' });
    expect(document.files).toContain(join('src', 'connector.ts'));
    expect(text).toContain('npm test');
    const main = await readFile(join(folder, 'src', 'connector.ts'), 'utf8');
    expect(main.split('\n').length).toBeLessThan(101);
    expect(main).toContain(`protocol: 'scales-tcp'`);
    const { name, dependencies } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    expect(name).toBe('selvedge-connector-scales-tcp');
    expect(dependencies['@selvedge/connect']).toMatch(/^file:.*packages\/connect$/);
    // What `npm install` would bring, without a network.
    await symlink(MODULES, join(folder, 'node_modules'));
    const bin = (program: string) => join(MODULES, '.bin', program);
    await run(bin('tsc'), ['-p', '.', '--noEmit', '--customConditions', '@selvedge/source'], { cwd: folder });
    // Of this checkout, not of a build that may be older.
    await writeFile(
      join(folder, 'vitest.config.mjs'),
      `const conditions = ['@selvedge/source', 'module', 'node'];\nexport default { resolve: { conditions }, ssr: { resolve: { conditions } } };\n`,
    );
    const { stdout } = await run(bin('vitest'), ['run', '--reporter=json'], { cwd: folder });
    const result = JSON.parse(stdout.slice(stdout.indexOf('{')));
    expect(result).toMatchObject({ success: true, numFailedTests: 0, numPendingTests: 0 });
    expect(result.numPassedTests).toBeGreaterThan(25);
  });

  it('touches no folder that holds something, and takes no name that is none', async () => {
    const folder = join(root, 'full');
    await mkdir(folder);
    await writeFile(join(folder, 'mine'), 'x');
    await expect(runConnector(folder, { protocol: null })).rejects.toMatchObject({
      code: 'folder-not-empty',
    });
    await expect(runConnector(join(root, 'New One'), { protocol: null })).rejects.toMatchObject({
      code: 'protocol-name',
    });
    await expect(runConnector(join(folder, 'mine'), { protocol: 'a' })).rejects.toMatchObject({
      code: 'no-folder',
    });
  });
});
