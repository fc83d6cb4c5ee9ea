import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { replayErrorSchema } from '@selvedge/core/records';
import { PROJECTIONS } from '@selvedge/site';
import { type Fact, JOURNAL_FILE, Journal } from '@selvedge/store';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openDatabase } from '../../store/src/sqlite/database.js';
import { faultSentence } from './verify-run.js';

const BIN = fileURLToPath(new URL('../bin/selvedge.mjs', import.meta.url));
const START_MS = Date.UTC(2026, 0, 5, 6);

/** The built program, as a person runs it. */
const selvedge = (...args: string[]) => spawnSync(process.execPath, [BIN, ...args], { encoding: 'utf8' });

/** Two rows of one unit: it came, and it left. */
function unit(n: number): Fact[] {
  const row = (kind: string, body: unknown): Fact => ({
    kind,
    subject: `unit-${n}`,
    atMs: START_MS + 1000 * n,
    body,
  });
  return [
    row('arrived', {
      station: 'press-1',
      observation: { kind: 'score', blob: null, bytes: 8, channels: null, values: [n / 7] },
      context: {},
      lot: null,
      part: null,
      sourceAtMs: null,
      deadlineAtMs: START_MS + 1000 * n + 500,
    }),
    row('released', { station: 'press-1', disposition: 'pass', by: 'person', outcome: 'done' }),
  ];
}

/** The folder of a site with a journal of 41 rows. */
async function record(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'selvedge-record-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const journal = await Journal.open(folder, { nowMs: () => START_MS, projections: PROJECTIONS });
  for (let n = 0; n < 20; n += 1) await journal.appendAll(unit(n));
  await journal.close();
  return folder;
}

function tamper(folder: string, ...sql: string[]): void {
  const db = openDatabase(join(folder, JOURNAL_FILE));
  for (const statement of sql) db.exec(statement);
  db.close();
}

/** Every row of every table of the projections. */
function tables(folder: string): string {
  const db = openDatabase(join(folder, JOURNAL_FILE));
  const all = PROJECTIONS.flatMap((p) =>
    p.tables.map((table) => [table, db.prepare(`SELECT * FROM "${table}"`).all()]),
  );
  db.close();
  return JSON.stringify(all);
}

describe('verify', () => {
  it('says that a journal is sound, and what to write down', async () => {
    const folder = await record();
    const { status, stdout, stderr } = selvedge('verify', folder);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const [first, head, advice] = stdout.split('\n');
    expect(first).toBe(`${join(folder, JOURNAL_FILE)} is sound: 41 rows, each follows from the one before.`);
    expect(head).toMatch(/^Last row: 41, epoch 1, hash [0-9a-f]{64}$/);
    expect(advice).toBe(
      'Rows cut off at the end leave no trace: keep this hash elsewhere, and give it with --head.',
    );
    const hash = head?.slice(-64) ?? '';
    const again = selvedge('verify', join(folder, JOURNAL_FILE), '--head', hash.toUpperCase(), '--json');
    expect(again.status).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({
      specVersion: '1',
      ok: true,
      rows: 41,
      firstSeq: 1,
      head: { epoch: 1, seq: 41, hash },
      faults: [],
    });
    tamper(folder, 'DELETE FROM journal WHERE seq > 39');
    const cut = selvedge('verify', folder, '--head', hash);
    expect(cut.status).toBe(1);
    expect(cut.stdout).toMatch(
      new RegExp(`  The last row has the hash [0-9a-f]{64}, but ${hash} was written down: rows were cut off`),
    );
  });

  it('names every break in one sentence; exit 1', async () => {
    const folder = await record();
    tamper(
      folder,
      "UPDATE journal SET body = replace(body, 'pass', 'hold') WHERE seq = 5",
      'DELETE FROM journal WHERE seq IN (11, 12)',
      'UPDATE journal SET hash = zeroblob(32) WHERE seq = 20',
      'UPDATE journal SET seq = -1 WHERE seq = 30',
      'UPDATE journal SET seq = 30 WHERE seq = 31',
      'UPDATE journal SET seq = 31 WHERE seq = -1',
    );
    const { status, stdout } = selvedge('verify', folder);
    expect(status).toBe(1);
    expect(stdout.split('\n').slice(0, -2)).toEqual([
      `${join(folder, JOURNAL_FILE)} is NOT sound (39 rows read):`,
      '  Rows 11 to 12 are missing: they were removed.',
      '  Row 5 was changed after it was written.',
      '  The hash of row 20 was changed; its content is as it was written.',
      '  Row 30 was put there from elsewhere: it was written as row 31.',
      '  Row 31 was put there from elsewhere: it was written as row 30.',
      'Keep the file as it is, and compare it with a backup.',
    ]);
    const { faults } = JSON.parse(selvedge('verify', folder, '--json').stdout);
    expect(faults).toHaveLength(5);
    expect(faults[1]).toEqual({
      what: 'changed',
      seq: 5,
      sentence: 'Row 5 was changed after it was written.',
    });
  });

  it('has a sentence for what is rare', () => {
    expect(faultSentence({ what: 'removed', fromSeq: 3, toSeq: 3 })).toBe(
      'Row 3 is missing: it was removed.',
    );
    expect(faultSentence({ what: 'epoch-went-back', seq: 9 })).toMatch(/^Row 9 is of an earlier epoch/);
    expect(faultSentence({ what: 'unreadable', why: 'disk I/O error' })).toContain('disk I/O error');
    expect(faultSentence({ what: 'other-head', expected: 'ab', found: null })).toMatch(/^There is no row/);
  });

  it('refuses what is no journal; exit 2', async () => {
    const folder = await record();
    const text = join(folder, 'notes.txt');
    await writeFile(text, 'no journal at all, but long enough to be looked at as a file of a database');
    const other = join(folder, 'other.sqlite');
    const db = openDatabase(other);
    db.exec('CREATE TABLE t (x)');
    db.close();
    const empty = join(folder, 'empty');
    await writeFile(empty, '');
    for (const path of [text, other, empty, join(folder, 'nothing'), tmpdir()]) {
      const { status, stdout, stderr } = selvedge('verify', path, '--json');
      expect(status).toBe(2);
      expect(replayErrorSchema.parse(JSON.parse(stdout)).error.code).toBe('not-a-journal');
      expect(stderr).toMatch(/^selvedge: .+\n$/);
    }
    const { status, stderr } = selvedge('verify', folder, '--head', '3f');
    expect(status).toBe(2);
    expect(stderr).toContain('--head takes the 64 hex digits');
  });
});

describe('rebuild', () => {
  it('makes every table anew, the same as it was', async () => {
    const folder = await record();
    const before = tables(folder);
    tamper(folder, "UPDATE unit SET disposition = 'hold'", 'DELETE FROM hour');
    expect(tables(folder)).not.toBe(before);
    const { status, stdout } = selvedge('rebuild', folder);
    expect(status).toBe(0);
    expect(stdout).toMatch(new RegExp(`^${PROJECTIONS.length} projections made anew from 41 rows`));
    expect(stdout).toMatch(/^ {2}unit +unit 20, unit_judged \d+, /m);
    expect(tables(folder)).toBe(before);
    const { projections } = JSON.parse(selvedge('rebuild', folder, '--json').stdout);
    expect(projections.map((p: { name: string }) => p.name)).toEqual(PROJECTIONS.map((p) => p.name));
    expect(selvedge('verify', folder).status).toBe(0);
  });

  it('refuses a folder whose server runs, and one without a journal', async () => {
    const folder = await record();
    const holder = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { Journal } from '@selvedge/store';
         await Journal.open(process.argv[1], { nowMs: Date.now });
         console.log('open');
         setInterval(() => {}, 1000);`,
        folder,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'], cwd: fileURLToPath(new URL('.', import.meta.url)) },
    );
    onTestFinished(() => void holder.kill('SIGKILL'));
    await once(holder.stdout, 'data');
    const locked = selvedge('rebuild', folder);
    expect(locked.status).toBe(2);
    expect(locked.stderr).toMatch(/is written by another process\. Stop it, or choose another folder\n$/);
    const none = selvedge('rebuild', tmpdir());
    expect(none.status).toBe(2);
    expect(none.stderr).toContain('Name the `folder` of the configuration of a site');
  });

  it('sends whoever has a damaged journal to verify', async () => {
    const folder = await record();
    tamper(folder, "UPDATE journal SET body = '{' WHERE seq = 7");
    const { status, stderr } = selvedge('rebuild', folder);
    expect(status).toBe(2);
    expect(stderr).toBe(
      `selvedge: ${join(folder, JOURNAL_FILE)} is not sound, so nothing can be made from it. Run: selvedge verify ${folder}\n`,
    );
  });

  it('works on a copy, which begins a new epoch', async () => {
    const folder = await record();
    const copy = await mkdtemp(join(tmpdir(), 'selvedge-copy-'));
    onTestFinished(() => rm(copy, { recursive: true, force: true }));
    await copyFile(join(folder, JOURNAL_FILE), join(copy, JOURNAL_FILE));
    expect(selvedge('rebuild', copy).stdout).toContain('made anew from 42 rows');
    expect(selvedge('verify', copy).stdout).toMatch(/^Last row: 42, epoch 2,/m);
  });
});
