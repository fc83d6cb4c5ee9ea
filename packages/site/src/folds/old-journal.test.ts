import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { JOURNAL_FILE, Journal } from '@selvedge/store';
import { expect, it, onTestFinished } from 'vitest';
import { readGate } from './gates.js';
import { PROJECTIONS } from './index.js';

const FIXTURES = fileURLToPath(new URL('../../../store/test/fixtures', import.meta.url));

it('folds a journal of schema 1 to the gate, units and questions that it had when it was written', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'selvedge-old-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await copyFile(join(FIXTURES, 'schema-1.sqlite'), join(folder, JOURNAL_FILE));
  const known = JSON.parse(await readFile(join(FIXTURES, 'schema-1.json'), 'utf8'));
  const journal = await Journal.open(folder, { nowMs: () => 1, projections: PROJECTIONS });
  const count = (table: string): number =>
    Number(journal.db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n);
  expect({ units: count('unit'), questions: count('question'), blobs: count('blob') }).toEqual({
    ...{ units: known.units, questions: known.questions, blobs: known.blobs },
  });
  expect(readGate(journal.db, 'press-1')).toEqual(known.gate);
  await journal.close();
});
