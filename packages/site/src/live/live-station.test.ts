import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { createRandom } from '@selvedge/models';
import { verifyJournal } from '@selvedge/store';
import { describe, expect, it } from 'vitest';
import { CONFIG, givenScores, HandClock, liveLine } from '../../test/live-line.js';
import { readGate } from '../folds/gates.js';
import { PROJECTIONS } from '../folds/index.js';
import { signBudget } from './signing.js';

type Line = Awaited<ReturnType<typeof liveLine>>;

const BUDGET = { escapeRate: 0.02, overkillRate: 0, confidence: 0.95, contract: 'per-unit' as const };
const sign = (line: Line, plannedUnits = 400) =>
  signBudget(
    line.station,
    { budget: BUDGET, plannedUnits, user: 'user:quality', reason: 'first trial' },
    { ...line, secrets: line.secrets },
  );

/** Units of a line on which one in twenty is bad and scores higher; the truth is in the id. */
function* units(
  seed: number,
  count: number,
  from = 0,
): Generator<{ id: string; score: number; bad: boolean }> {
  const random = createRandom(seed);
  for (let n = from; n < from + count; n += 1) {
    const bad = random.next() < 0.05;
    yield { id: `${bad ? 'bad' : 'good'}-${n}`, score: random.normal() + (bad ? 6 : 0), bad };
  }
}

/** Answers everything that is asked, rightly, and lets the answers leave. */
async function answerAll(line: Line): Promise<number> {
  const open = line.station.answers.questions.list();
  for (const { id, unit } of open) {
    const label = unit.startsWith('bad') ? 'crack' : 'good';
    await line.station.answers.answer(id, { user: 'user:anna', label, by: 'touch', tookMs: 900 });
  }
  line.clock.pass(CONFIG.undoMs);
  await line.station.answers.sweep();
  return open.length;
}

async function run(line: Line, list: Iterable<{ id: string; score: number }>): Promise<void> {
  const arrivals: Promise<unknown>[] = [];
  for (const { id, score } of list) arrivals.push(line.arrive(id, score));
  await Promise.all(arrivals);
  await line.station.idle();
}

describe('a unit at a station', () => {
  it('without a signed budget goes to a person, whatever its score', async () => {
    const line = await liveLine();
    await run(line, [{ id: 'good-1', score: -3 }]);
    expect(line.kinds('good-1')).toEqual(['arrived', 'decided', 'asked']);
    const [decided] = line.journal.read({ kind: 'decided', limit: 1 });
    expect(decided!.body).toMatchObject({
      by: 'person',
      score: -3,
      why: expect.stringContaining('signed a budget'),
    });
    expect(line.sent).toEqual([]);
  });

  it('is acknowledged when the journal has it, and taken once however often it comes', async () => {
    const line = await liveLine();
    const first = await line.arrive('good-1', 1);
    expect(line.kinds('good-1')).toContain('arrived');
    await line.station.idle();
    expect(await line.arrive('good-1', 1)).toEqual({ seq: first.seq, again: true });
    await line.station.idle();
    expect(line.journal.read({ kind: 'arrived', limit: 9 })).toHaveLength(1);
  });

  it('leaves after the undo window; an answer taken back does not leave, and a second one is no evidence', async () => {
    const line = await liveLine();
    await run(line, [{ id: 'good-1', score: 1 }]);
    const [question] = line.station.answers.questions.list();
    const say = (label: string) =>
      line.station.answers.answer(question!.id, { user: 'user:anna', label, by: 'keyboard', tookMs: 700 });
    await say('crack');
    line.clock.pass(1999);
    await line.station.answers.sweep();
    expect(line.sent).toEqual([]);
    expect(await line.station.answers.undo(question!.id, 'user:anna')).toBe(true);
    line.clock.pass(5000);
    await line.station.answers.sweep();
    expect(line.sent).toEqual([]);
    await say('good');
    line.clock.pass(2000);
    await line.station.answers.sweep();
    expect(line.sent).toEqual([{ id: 'good-1', disposition: 'pass' }]);
    const answers = line.journal.read({ kind: 'answered', limit: 9 }).map((row) => row.body);
    expect(answers).toMatchObject([
      { label: 'crack', counts: true, blind: true },
      { label: 'good', counts: false, blind: false },
    ]);
    expect(line.journal.db.prepare('SELECT label, final_label, disposition FROM unit').get()).toEqual({
      ...{ label: 'crack', final_label: 'good', disposition: 'pass' },
    });
    await expect(say('good')).rejects.toThrow(/no such question/);
    expect(await line.station.answers.undo(question!.id, 'user:anna')).toBe(false);
  });

  it('gets the safe default when nobody answers in time', async () => {
    const line = await liveLine();
    await run(line, [{ id: 'good-1', score: 1 }]);
    line.clock.pass(CONFIG.answerMs);
    await line.station.answers.sweep();
    expect(line.sent).toEqual([{ id: 'good-1', disposition: 'hold' }]);
    expect(line.kinds('good-1').slice(-2)).toEqual(['overdue', 'released']);
  });

  it('is no blind evidence when help was shown before the answer', async () => {
    const line = await liveLine();
    await run(line, [{ id: 'good-1', score: 1 }]);
    const [question] = line.station.answers.questions.list();
    expect(await line.station.answers.help(question!.id, 'user:anna')).toBe(true);
    await line.station.answers.answer(question!.id, {
      user: 'user:anna',
      label: 'good',
      by: 'touch',
      tookMs: 1,
    });
    expect(line.journal.read({ kind: 'answered', limit: 1 })[0]!.body).toMatchObject({
      counts: true,
      blind: false,
    });
    expect(await line.station.answers.help(question!.id, 'user:anna')).toBe(false);
  });

  it('goes to a person when the model is missing, late, broken or says nothing', async () => {
    const scorers = {
      late: () => new Promise<never>(() => {}),
      broken: () => Promise.reject(new Error('the graph is broken')),
      silent: async () => [{ score: Number.NaN }],
    };
    for (const [name, score] of Object.entries(scorers)) {
      const model = givenScores();
      const line = await liveLine({
        config: { ...CONFIG, decideMs: 50 },
        model: { ...model, scorer: { ...model.scorer, score } },
      });
      await sign(line);
      await run(line, [{ id: 'good-1', score: 1 }]);
      expect(line.journal.read({ kind: 'asked', limit: 1 })[0]!.body, name).toMatchObject({
        reason: 'no-score',
      });
      expect(line.logged).toContain('no-score');
    }
    const bare = await liveLine({ model: null });
    await run(bare, [{ id: 'good-1', score: 1 }]);
    expect(bare.journal.read({ kind: 'decided', limit: 1 })[0]!.body).toMatchObject({
      noScore: 'no model is installed',
    });
  });

  it('is refused, not forgotten, where the station cannot keep up', async () => {
    const line = await liveLine({ config: { ...CONFIG, mostWaiting: 5 } });
    const arrivals = Array.from({ length: 8 }, (_, n) => line.arrive(`good-${n}`, 1));
    const ends = await Promise.allSettled(arrivals);
    expect(ends.filter((end) => end.status === 'rejected').length).toBeGreaterThan(0);
    await line.station.idle();
    const taken = ends.filter((end) => end.status === 'fulfilled').length;
    expect(line.journal.read({ kind: 'arrived', limit: 20 })).toHaveLength(taken);
    expect(line.journal.read({ kind: 'decided', limit: 20 })).toHaveLength(taken);
  });

  it('answers only with what the station knows', async () => {
    const line = await liveLine();
    await run(line, [{ id: 'good-1', score: 1 }]);
    const [question] = line.station.answers.questions.list();
    await expect(
      line.station.answers.answer(question!.id, {
        user: 'user:anna',
        label: 'maybe',
        by: 'touch',
        tookMs: 1,
      }),
    ).rejects.toThrow(/good, crack/);
  });
});

describe('a gate on a line', () => {
  it('opens on the judged units of its shadow, decides alone, audits, and finds harm', async () => {
    const line = await liveLine();
    await sign(line);
    expect(line.station.gate).toMatchObject({ name: 'shadow', epoch: 1 });
    for (let from = 0; from < 400; from += 100) {
      await run(line, units(11 + from, 100, from));
      expect(line.sent.length).toBe(from);
      await answerAll(line);
    }
    expect(line.station.gate).toMatchObject({ name: 'open' });
    line.sent.length = 0;
    let asked = 0;
    for (let from = 400; from < 2400; from += 200) {
      await run(line, units(11 + from, 200, from));
      asked += await answerAll(line);
    }
    expect(line.sent).toHaveLength(2000);
    expect(asked).toBeLessThan(600);
    expect(
      line.sent.filter(({ id, disposition }) => id.startsWith('bad') && disposition === 'pass').length,
    ).toBeLessThanOrEqual(0.02 * 2000);
    const audits = line.journal
      .read({ kind: 'asked', limit: 9999 })
      .filter((row) => (row.body as { reason: string }).reason === 'audit');
    expect(audits.length).toBeGreaterThan(20);
    // A defect that looks good: only the audits can see it.
    for (let from = 2400; from < 9000 && line.station.gate!.name !== 'closed'; from += 200) {
      await run(
        line,
        [...units(11 + from, 200, from)].map(({ id, score }) => ({
          id,
          score: id.startsWith('bad') ? 0 : score,
        })),
      );
      await answerAll(line);
    }
    expect(['watch', 'closed']).toContain(line.station.gate!.name);
    const transitions = line.journal.read({ kind: 'transition', limit: 99 });
    expect(transitions.map((row) => (row.body as { to: string }).to).slice(0, 2)).toEqual(['open', 'watch']);
    // The gate of the rows is the gate that ruled.
    expect(readGate(line.journal.db, CONFIG.id)).toEqual(line.station.gate);
  }, 60_000);

  it('draws its audits from a secret whose hash was written first, and opens it when the epoch is over', async () => {
    const line = await liveLine();
    await sign(line, 200);
    const first = await line.secrets.read(CONFIG.id, 1);
    for (let from = 0; from < 200; from += 50) {
      await run(line, units(5 + from, 50, from));
      await answerAll(line);
    }
    await run(line, units(3, 300, 200));
    await sign(line, 200);
    const rows = line.journal.read({ limit: 1e5 });
    const commitment = rows.findIndex((row) => row.kind === 'secret-committed');
    expect(commitment).toBeLessThan(rows.findIndex((row) => row.kind === 'decided'));
    const revealed = rows.find((row) => row.kind === 'secret-revealed')!.body as { secret: string };
    expect(revealed.secret).toBe(first!.toString('hex'));
    const { createHash } = await import('node:crypto');
    expect(createHash('sha256').update(first!).digest('hex')).toBe(
      (rows[commitment]!.body as { hash: string }).hash,
    );
    let checked = 0;
    for (const row of rows) {
      if (row.kind !== 'decided') continue;
      const { draw, propensity, audit, by } = row.body as {
        draw: number;
        propensity: number;
        audit: boolean;
        by: string;
      };
      const bytes = createHmac('sha256', first!).update(row.subject!).digest();
      expect(Math.floor(Number(bytes.readBigUInt64BE() >> 11n)) / 2 ** 53).toBe(draw);
      if (by === 'gate') expect(audit).toBe(draw < propensity);
      checked += 1;
    }
    expect(checked).toBe(500);
    expect(line.station.gate).toMatchObject({ epoch: 2, name: 'shadow' });
  }, 30_000);

  it('goes on after a stop where the journal left it: state, questions, answers and ranks', async () => {
    const clock = new HandClock();
    const line = await liveLine({ clock });
    await sign(line, 200);
    for (let from = 0; from < 200; from += 50) {
      await run(line, units(5 + from, 50, from));
      await answerAll(line);
    }
    await run(line, units(3, 200, 200));
    const open = line.station.answers.questions.list();
    expect(open.length).toBeGreaterThan(1);
    await line.station.answers.answer(open[0]!.id, {
      user: 'user:anna',
      label: 'good',
      by: 'touch',
      tookMs: 5,
    });
    const gate = line.station.gate;
    await line.station.close();
    await line.journal.close();
    const again = await liveLine({ clock, secret: (await line.secrets.read(CONFIG.id, 1))! }, line.folder);
    expect(again.station.gate).toEqual(gate);
    expect(again.station.answers.questions.list().map((q) => q.id)).toEqual(open.slice(1).map((q) => q.id));
    await again.station.answers.sweep();
    expect(again.sent).toEqual([{ id: open[0]!.unit, disposition: 'pass' }]);
    await run(again, units(4, 50, 400));
    expect(again.journal.read({ kind: 'decided', newestFirst: true, limit: 1 })[0]!.body).toMatchObject({
      pLevel: expect.any(Number),
    });
    expect(verifyJournal(join(line.folder, 'journal.sqlite')).faults).toEqual([]);
  }, 30_000);

  it('closes when the disk is full, loses nothing that was acknowledged, and has people decide meanwhile', async () => {
    const line = await liveLine();
    await sign(line);
    const pages = Number(line.journal.db.prepare('PRAGMA page_count').get()!.page_count);
    line.journal.db.exec(`PRAGMA max_page_count = ${pages}`);
    const ends = await Promise.allSettled([...units(1, 300)].map(({ id, score }) => line.arrive(id, score)));
    const acknowledged = ends.flatMap((end, i) => (end.status === 'fulfilled' ? [i] : []));
    expect(acknowledged.length).toBeLessThan(300);
    line.journal.db.exec('PRAGMA max_page_count = 1000000');
    await line.station.idle();
    expect(line.journal.read({ kind: 'arrived', limit: 999 })).toHaveLength(acknowledged.length);
    expect(line.journal.read({ kind: 'decided', limit: 999 })).toHaveLength(acknowledged.length);
    expect(readGate(line.journal.db, CONFIG.id)).toEqual(line.station.gate);
  }, 30_000);

  it('is the same when every table is made anew from the rows', async () => {
    const line = await liveLine();
    await sign(line, 100);
    for (let from = 0; from < 300; from += 50) {
      await run(line, units(9 + from, 50, from));
      await answerAll(line);
    }
    const tables = PROJECTIONS.flatMap((p) => p.tables);
    const dump = () =>
      JSON.stringify(tables.map((table) => line.journal.db.prepare(`SELECT * FROM "${table}"`).all()));
    const before = dump();
    line.journal.rebuild(PROJECTIONS);
    expect(dump()).toBe(before);
  }, 30_000);

  it('refuses an impossible budget and writes nothing', async () => {
    const line = await liveLine();
    await expect(
      signBudget(
        line.station,
        { budget: { ...BUDGET, escapeRate: 0 }, plannedUnits: 100, user: 'u', reason: 'no' },
        { ...line, secrets: line.secrets },
      ),
    ).rejects.toThrow(/escapeRate/);
    expect(line.journal.read({ kind: 'signed', limit: 1 })).toEqual([]);
  });
});
