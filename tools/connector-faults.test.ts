import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Every test that a page names: `file` and, behind it, parts of names between curly quotes. */
function named(page: string): { file: string; name: string }[] {
  const found: { file: string; name: string }[] = [];
  for (const row of page.split('\n').filter((line) => line.startsWith('| '))) {
    let file = '';
    for (const [, path, name] of row.matchAll(/`([^`]+\.ts)`|“([^”]+)”/g)) {
      if (path !== undefined) file = path;
      if (name !== undefined) found.push({ file, name });
    }
  }
  return found;
}

const missing = (page: string): string[] =>
  named(page)
    .filter(({ file, name }) => {
      const path = join(ROOT, file);
      return file === '' || !existsSync(path) || !readFileSync(path, 'utf8').includes(name);
    })
    .map(({ file, name }) => `${file}: ${name}`);

it('every fault of equipment that the documents call a test is one', () => {
  const page = readFileSync(join(ROOT, 'docs/connectors.md'), 'utf8');
  expect(named(page).length).toBeGreaterThan(50);
  expect(missing(page)).toEqual([]);
});

it('one that is not there would be found', () => {
  const row = '| x | `packages/connect/src/guard/guard.test.ts` “no such test”; `no/such.test.ts` “at all” |';
  expect(missing(row)).toHaveLength(2);
});
