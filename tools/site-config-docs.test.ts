import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { alternatives, configTree, type SchemaNode } from '../packages/site/src/config/config-json-schema.js';
import { PAGE_FILE, pageText, SCHEMA_FILE, schemaText } from './site-config-docs.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const AGAIN = 'is out of date. Run: npx tsx tools/site-config-docs.ts';

it('the JSON schema in docs is the one of the code', () => {
  expect(read(SCHEMA_FILE) === schemaText(), `${SCHEMA_FILE} ${AGAIN}`).toBe(true);
});

it('the reference page in docs is the one of the code', () => {
  expect(read(PAGE_FILE) === pageText(), `${PAGE_FILE} ${AGAIN}`).toBe(true);
});

it('every setting says what it is for and has a line on the page', () => {
  const page = read(PAGE_FILE);
  const settings: string[] = [];
  const walk = (node: SchemaNode, path: string): void => {
    for (const one of [node, ...(alternatives(node) ?? [])])
      for (const [key, child] of Object.entries(one.properties ?? {})) {
        if (key === 'kind') continue;
        settings.push(key);
        expect(child.description, `${path}.${key} has no description`).toMatch(/\.$/);
        expect(page).toContain(`| \`${key}\` |`);
        walk(child.items ?? child, `${path}.${key}`);
      }
  };
  walk(configTree(), '');
  expect(settings.length).toBeGreaterThan(60);
});
