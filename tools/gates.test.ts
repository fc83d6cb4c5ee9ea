import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { breaches, readSources } from './layers.js';

// A gate that checks nothing is worse than none: each one runs here with the house's own configuration on a small
// house that is sound, where it must pass, and on the same house with one fault, where it must fail and name it.

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOUND = {
  'package.json': json({
    name: 'house',
    private: true,
    type: 'module',
    workspaces: ['packages/*'],
    scripts: { test: 'vitest' },
    devDependencies: { vitest: '*', '@vitest/coverage-v8': '*' },
  }),
  'packages/core/package.json': json({ name: '@selvedge/core', type: 'module', exports: './src/index.ts' }),
  'packages/core/src/index.ts': `export { half } from './half.js';\n`,
  'packages/core/src/half.ts': 'export function half(x: number): number {\n  return x > 0 ? x / 2 : 0;\n}\n',
  'packages/core/src/half.test.ts': [
    `import { expect, it } from 'vitest';`,
    `import { half } from './half.js';`,
    '',
    `it('halves', () => {`,
    '  expect(half(2)).toBe(1);',
    '  expect(half(-1)).toBe(0);',
    '});',
    '',
  ].join('\n'),
};
const CONFIGURATION = [
  ...['biome.json', '.gitignore', 'knip.json', 'tsconfig.base.json', 'tsconfig.test.json'],
  ...['vitest.config.ts', 'tools/count-reporter.ts', 'tools/longest-first.ts'],
];

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

let house = '';

beforeEach(() => {
  house = mkdtempSync(join(tmpdir(), 'selvedge-gates-'));
  for (const [path, text] of Object.entries(SOUND)) put(path, text);
  for (const path of CONFIGURATION) {
    mkdirSync(dirname(join(house, path)), { recursive: true });
    copyFileSync(join(ROOT, path), join(house, path));
  }
  symlinkSync(join(ROOT, 'node_modules'), join(house, 'node_modules'));
});

afterEach(() => rmSync(house, { recursive: true, force: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(house, path)), { recursive: true });
  writeFileSync(join(house, path), text);
}

/** Runs a tool of the house in the small house, without what this test run has put into the environment. */
function run(tool: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|NODE_ENV|TEST$|SELVEDGE_)/.test(name),
  );
  const { status, stdout, stderr } = spawnSync(join(ROOT, 'node_modules/.bin', tool), args, {
    cwd: house,
    encoding: 'utf8',
    env: { ...Object.fromEntries(kept), NO_COLOR: '1', ...env },
  });
  return { status, text: `${stdout}${stderr}` };
}

function expectPass({ status, text }: ReturnType<typeof run>): void {
  expect(status, text).toBe(0);
}

describe('formatter and linter', () => {
  const check = () => run('biome', ['check', '--error-on-warnings', 'packages']);

  it('pass a sound house', () => {
    expectPass(check());
  });

  it.each([
    ['format', 'export const a = "double";\n', 'format'],
    ['a default export', 'export default 1;\n', 'noDefaultExport'],
    ['an enum', 'export enum Kind {\n  Good = 0,\n}\n', 'noEnum'],
    ['printing', `console.log('here');\n`, 'noConsole'],
    ['an unused import', `import { half } from './half.js';\n`, 'noUnusedImports'],
    ['an any', 'export const a: any = 1;\n', 'noExplicitAny'],
    ['an undeclared dependency', `export { default as sharp } from 'sharp';\n`, 'noUndeclaredDependencies'],
  ])('fail on %s', (_, text, rule) => {
    put('packages/core/src/fault.ts', text);
    const { status, text: said } = check();
    expect(said).toContain(rule);
    expect(status).not.toBe(0);
  });
});

describe('types', () => {
  it('fail on a wrong type in a test, and only there', () => {
    expectPass(run('tsc', ['-p', 'tsconfig.test.json']));
    put('packages/core/src/fault.test.ts', `import { half } from './half.js';\n\nhalf('two');\n`);
    const { status, text } = run('tsc', ['-p', 'tsconfig.test.json']);
    expect(text).toContain('packages/core/src/fault.test.ts(3,6): error TS2345');
    expect(status).not.toBe(0);
  });

  it('fail on a missing check of an index', () => {
    put('packages/core/src/fault.ts', 'export const first = (list: number[]): number => list[0];\n');
    const { status, text } = run('tsc', ['-p', 'tsconfig.test.json']);
    expect(text).toContain('error TS2322');
    expect(status).not.toBe(0);
  });
});

describe('unused code', () => {
  it('fails on a file, an export and a dependency that nobody uses', () => {
    expectPass(run('knip', []));
    put('packages/core/src/fault.ts', 'export const forgotten = 1;\n');
    put('packages/core/src/half.ts', `${SOUND['packages/core/src/half.ts']}export const lonely = 1;\n`);
    put(
      'packages/core/package.json',
      SOUND['packages/core/package.json'].replace('{', '{"dependencies":{"zod":"*"},'),
    );
    const { status, text } = run('knip', []);
    expect(text).toMatch(/Unused files \(1\)\s+packages\/core\/src\/fault\.ts/);
    expect(text).toMatch(/Unused exports \(1\)\s+lonely/);
    expect(text).toMatch(/Unused dependencies \(1\)\s+zod/);
    expect(status).not.toBe(0);
  });
});

describe('layers', () => {
  it('fail on a fault in a file on disk', () => {
    expect(breaches(readSources(house, ['packages']))).toEqual([]);
    put('packages/core/src/deep/fault.ts', `import { readFileSync } from 'node:fs';\n`);
    expect(breaches(readSources(house, ['packages']))).toEqual([
      'packages/core/src/deep/fault.ts: core is pure, it may not import node:fs',
    ]);
  });
});

describe('tests', () => {
  const test = (counts: string) =>
    run('vitest', ['run', '--coverage', '--maxWorkers=1'], { SELVEDGE_TEST_COUNTS: counts });

  it('fail where a branch of core is not covered', () => {
    const counts = join(house, 'counts.json');
    expectPass(test(counts));
    expect(JSON.parse(readFileSync(counts, 'utf8'))).toEqual({ passed: 1, failed: 0, skipped: 0 });
    const oneSided = SOUND['packages/core/src/half.test.ts'].replace('  expect(half(-1)).toBe(0);\n', '');
    put('packages/core/src/half.test.ts', oneSided);
    const { status, text } = test(counts);
    expect(text).toMatch(/Coverage for branches \(50%\) does not meet global threshold \(100%\)/);
    expect(status).not.toBe(0);
  });

  it('count what failed, what was skipped and what could not be loaded', () => {
    put(
      'packages/core/src/failing.test.ts',
      `import { it } from 'vitest';\nit('fails', () => {\n  throw 1;\n});\n`,
    );
    put(
      'packages/core/src/skipped.test.ts',
      `import { it } from 'vitest';\nit.skip('is skipped', () => {});\n`,
    );
    put('packages/core/src/broken.test.ts', `import './missing.js';\n`);
    const counts = join(house, 'counts.json');
    expect(test(counts).status).not.toBe(0);
    expect(JSON.parse(readFileSync(counts, 'utf8'))).toEqual({ passed: 1, failed: 2, skipped: 1 });
  });
});
