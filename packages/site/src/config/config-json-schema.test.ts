import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { CROSS_EDITS } from '../../test/config-cross-edits.js';
import { SHAPE_EDITS } from '../../test/config-shape-edits.js';
import { configJsonSchema, nodeAt } from './config-json-schema.js';

const EXAMPLE = readFileSync(new URL('../../../../docs/site.example.yaml', import.meta.url), 'utf8');

it('the JSON schema accepts the example and refuses what it can know to be wrong', () => {
  const schema = z.fromJSONSchema(configJsonSchema() as Parameters<typeof z.fromJSONSchema>[0]);
  expect(schema.safeParse(parse(EXAMPLE)).error).toBeUndefined();
  const wrong = ['a misspelt key', 'a missing key', 'a default that passes', 'a number out of range'];
  for (const name of [...wrong, 'no model', 'two models']) {
    const edit = [...SHAPE_EDITS, ...CROSS_EDITS].find((one) => one.name === name);
    const text = EXAMPLE.replace(edit?.find ?? '', edit?.write ?? '');
    expect(text).not.toBe(EXAMPLE);
    expect(schema.safeParse(parse(text)).success, name).toBe(false);
  }
});

it('the JSON schema is in the words of the standard alone', () => {
  const text = JSON.stringify(configJsonSchema());
  expect(text).not.toMatch(/"(expects|sample)"/);
  expect(text).toContain('"examples":["press-2"]');
});

it('a place is described by the kind that stands in the file', () => {
  const file = { connectors: [{ kind: 'http' }, { kind: 'nothing' }] };
  expect(Object.keys(nodeAt(['connectors', 0], file)?.properties ?? {})).toEqual([
    'id',
    'kind',
    'path',
    'largest',
  ]);
  expect(nodeAt(['connectors', 1, 'kind'], file)?.enum).toEqual(['folder', 'http', 'simulator', 'equipment']);
  expect(nodeAt(['connectors', 0, 'watch'], file)).toBeNull();
  expect(nodeAt(['site', '__proto__'], file)).toBeNull();
});
