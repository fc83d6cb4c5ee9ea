import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { replayCommand } from '../packages/cli/src/commands/replay.js';
import { readSources } from './layers.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const guide = read('docs/guide.md');

it('the guide names every option of a replay with its default', () => {
  const { options } = replayCommand(() => {});
  expect(options.length).toBeGreaterThan(10);
  const missing = options.filter((option) => {
    const rows = guide.split('\n').filter((line) => line.includes(`${option.long}`));
    const value: unknown = option.defaultValue;
    const shown = typeof value === 'number' || value === 'auto' || value === 'per-unit' ? String(value) : '';
    return !rows.some((row) => row.includes(shown));
  });
  expect(missing.map((option) => option.long)).toEqual([]);
});

it('the guide says what to do about every warning', () => {
  const codes = readSources(ROOT).flatMap(({ text }) =>
    [...text.matchAll(/code: '([a-z-]+)',\s*detail\b/g)].map((match) => match[1]),
  );
  expect(codes).toContain('order-unknown');
  expect(codes.filter((code) => !guide.includes(`| \`${code}\` |`))).toEqual([]);
});

it('every link of a page of the house leads somewhere', () => {
  const pages = ['.', 'docs', 'docs/decisions', 'packages/core'].flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name)),
  );
  expect(pages.length).toBeGreaterThan(8);
  const dead = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\(([^)#]+)[^)]*\)/g)]
      .map((match) => match[1] ?? '')
      .filter((link) => !/^[a-z]+:/.test(link) && !existsSync(join(ROOT, dirname(page), link)))
      .map((link) => `${page}: ${link}`),
  );
  expect(dead).toEqual([]);
});
