import { describe, expect, it, onTestFinished } from 'vitest';
import { fact, nowMs, ownFolder } from '../../test/folder.js';
import { Journal } from '../journal/journal.js';
import type { Projection } from './projection.js';

const counts = (version = 1, weight = 1): Projection => ({
  name: 'count',
  version,
  tables: ['count'],
  create: (db) => db.exec('CREATE TABLE count (kind TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT'),
  prepare: (db) => {
    const add = db.prepare(
      'INSERT INTO count (kind, n) VALUES (?, ?) ON CONFLICT (kind) DO UPDATE SET n = n + excluded.n',
    );
    return ({ kind }) => {
      if (kind === 'poison') throw new Error('no such kind');
      add.run(kind, weight);
    };
  },
});
const rows = (journal: Journal) =>
  JSON.stringify(journal.db.prepare('SELECT * FROM count ORDER BY kind').all());
const open = async (folder: string, projections: readonly Projection[]): Promise<Journal> => {
  const journal = await Journal.open(folder, { nowMs, projections });
  onTestFinished(() => journal.close());
  return journal;
};

describe('projections', () => {
  it('F-1: are folded with the rows, and made from the rows where they are new', async () => {
    const folder = await ownFolder();
    const bare = await open(folder, []);
    await bare.appendAll(Array.from({ length: 12_000 }, (_, n) => fact(n)).slice(0, 10_000));
    await bare.close();
    const journal = await open(folder, [counts()]);
    await journal.append(fact(1, { kind: 'answer' }));
    expect(JSON.parse(rows(journal))).toEqual([
      { kind: 'answer', n: 1 },
      { kind: 'decision', n: 10_000 },
      { kind: 'epoch', n: 1 },
    ]);
  });

  it('F-1: a fold that fails keeps its row out of the journal too', async () => {
    const journal = await open(await ownFolder(), [counts()]);
    await expect(journal.append(fact(1, { kind: 'poison' }))).rejects.toMatchObject({
      code: 'cannot-commit',
    });
    await journal.append(fact(2));
    expect(JSON.parse(rows(journal))).toEqual([
      { kind: 'decision', n: 1 },
      { kind: 'epoch', n: 1 },
    ]);
    expect(journal.head.seq).toBe(2);
  });

  it('F-1: what a fold remembers is forgotten with the rows that were rolled back', async () => {
    const remembering: Projection = {
      ...counts(),
      prepare: (db) => {
        const set = db.prepare('INSERT OR REPLACE INTO count (kind, n) VALUES (?, ?)');
        let rows = Number(db.prepare('SELECT coalesce(sum(n), 0) AS n FROM count').get()!.n);
        return ({ kind }) => {
          rows += 1;
          if (kind === 'poison') throw new Error('no such kind');
          set.run('all', rows);
        };
      },
    };
    const journal = await open(await ownFolder(), [remembering]);
    await journal.append(fact(1));
    await expect(journal.appendAll([fact(2), fact(3, { kind: 'poison' })])).rejects.toThrow(/cannot commit/);
    await journal.append(fact(2));
    expect(JSON.parse(rows(journal))).toEqual([{ kind: 'all', n: 3 }]);
  });

  it('F-2: made anew they are the same', async () => {
    const folder = await ownFolder();
    const journal = await open(folder, [counts()]);
    for (let n = 0; n < 40; n += 1) await journal.append(fact(n, { kind: n % 3 ? 'decision' : 'audit' }));
    const before = rows(journal);
    journal.db.exec('UPDATE count SET n = n + 5');
    journal.rebuild([counts()]);
    expect(rows(journal)).toBe(before);
  });

  it('F-2: another version is made anew on opening', async () => {
    const folder = await ownFolder();
    const first = await open(folder, [counts()]);
    await first.append(fact(1));
    await first.close();
    const second = await open(folder, [counts(2, 10)]);
    expect(JSON.parse(rows(second))).toContainEqual({ kind: 'decision', n: 10 });
  });

  it('F-1: one that is new and one that a kill left behind come to the head in one pass, each row once', async () => {
    const folder = await ownFolder();
    const named = (name: string): Projection => ({
      ...counts(),
      name,
      tables: [name],
      create: (db) => db.exec(`CREATE TABLE ${name} (seq INTEGER PRIMARY KEY) STRICT`),
      prepare: (db) => {
        const add = db.prepare(`INSERT INTO ${name} VALUES (?)`);
        return ({ seq }) => add.run(seq);
      },
    });
    const first = await open(folder, [named('old')]);
    await first.appendAll(Array.from({ length: 7_000 }, (_, n) => fact(n)));
    // As a kill between two commits of a catch-up leaves it.
    first.db.exec(`DELETE FROM old WHERE seq > 3000; UPDATE projection SET seq = 3000 WHERE name = 'old'`);
    await first.close();
    const told: number[] = [];
    const journal = await Journal.open(folder, {
      ...{ nowMs, projections: [named('old'), named('new')] },
      progress: (done, what) => {
        expect(what).toBe('making from the journal: old, new');
        told.push(done);
      },
    });
    onTestFinished(() => journal.close());
    for (const name of ['old', 'new'])
      expect(journal.db.prepare(`SELECT count(*) AS n, max(seq) AS last FROM ${name}`).get()).toMatchObject({
        ...{ n: 7_001, last: 7_001 },
      });
    expect(told[0]).toBe(0);
    expect(told.at(-1)).toBe(1);
    expect(told).toEqual([...told].sort((a, b) => a - b));
  });
});
