import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { LONGEST, longestFirst } from './longest-first.js';

const ROOT = join(import.meta.dirname, '..');

it('every file of the longest is there', () => {
  expect(LONGEST.filter((name) => !existsSync(join(ROOT, name)))).toEqual([]);
});

it('the longest come first in their order, the others as they were', () => {
  const others = ['packages/core/src/line/line.test.ts', 'packages/core/src/bounds/bounds.test.ts'];
  const files = [...others, ...[...LONGEST].reverse()].map((name) => ({ moduleId: join(ROOT, name) }));
  expect(longestFirst(files).map(({ moduleId }) => moduleId.slice(ROOT.length + 1))).toEqual([
    ...LONGEST,
    ...others,
  ]);
});
