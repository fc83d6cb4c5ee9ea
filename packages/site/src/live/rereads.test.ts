import { createHmac } from 'node:crypto';
import { eUpper } from '@selvedge/core';
import { createRandom } from '@selvedge/models';
import { describe, expect, it } from 'vitest';
import { CONFIG, HandClock, liveLine } from '../../test/live-line.js';
import { readGate } from '../folds/gates.js';
import { PROJECTIONS } from '../folds/index.js';
import { proofView } from '../server/views/proof-view.js';
import { isFor, shownUnit } from './open-questions.js';
import { addedToSeeds, removedFromSeeds } from './seed-library.js';
import { signBudget } from './signing.js';

type Line = Awaited<ReturnType<typeof liveLine>>;

const BLIND = { ...CONFIG, doubleReadShare: 1, seedShare: 0.2 };
const READERS = ['user:anna', 'user:bert'];
const BUDGET = { escapeRate: 0.05, overkillRate: 0, confidence: 0.95, contract: 'per-unit' as const };

/** Draws of a test are the same each time. */
const SECRET = Buffer.alloc(32, 9);

async function sign(line: Line, plannedUnits = 200): Promise<void> {
  await signBudget(
    line.station,
    { budget: BUDGET, plannedUnits, user: 'user:quality', reason: 'first trial' },
    { ...line, secrets: line.secrets },
  );
  await line.station.desk.exclusively(async () => line.station.renew(SECRET, line.station.model));
}

/** Known-bad units that passed by before any reader of the shift was there. */
async function library(line: Line, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) await line.arrive(`bad-old-${n}`, 6);
  await line.station.idle();
  for (const { id } of line.station.answers.questions.list())
    await line.station.answers.answer(id, { user: 'user:carl', label: 'crack', by: 'touch', tookMs: 1 });
  line.clock.pass(CONFIG.undoMs);
  await line.station.answers.sweep();
  for (let n = 0; n < count; n += 1) await addSeed(line, `bad-old-${n}`);
}

const addSeed = (line: Line, unit: string): Promise<boolean> =>
  line.station.desk.commit(() => {
    const body = { station: CONFIG.id, label: 'crack', by: 'user:quality', seenBy: ['user:quality'] };
    const facts = addedToSeeds(line.journal.db, { unit, atMs: line.clock.nowMs(), body });
    return { facts, result: facts.length > 0 };
  });

/** Two readers who call one bad unit in so many good, and never invent one. */
const readers = (seed: number, missRate: number) => {
  const random = createRandom(seed);
  return async (line: Line): Promise<number> => {
    let answered = 0;
    for (const question of line.station.answers.questions.list()) {
      const able = READERS.filter((user) => isFor(question, user));
      const user = able[Math.floor(random.next() * able.length)];
      if (user === undefined) continue;
      const bad = shownUnit(question).startsWith('bad') && random.next() >= missRate;
      const label = bad ? 'crack' : 'good';
      await line.station.answers.answer(question.id, { user, label, by: 'touch', tookMs: 900 });
      answered += 1;
    }
    line.clock.pass(CONFIG.undoMs);
    await line.station.answers.sweep();
    return answered;
  };
};

/** Units come, are answered, and what they brought along is answered too. */
async function batch(
  line: Line,
  units: Iterable<{ id: string; score: number }>,
  answer: (line: Line) => Promise<number>,
): Promise<void> {
  for (const { id, score } of units) void line.arrive(id, score);
  await line.station.idle();
  for (let answered = 1; answered > 0; ) {
    await answer(line);
    line.clock.pass(59_000);
    await line.station.answers.sweep();
    answered = await answer(line);
  }
}

function* units(seed: number, count: number, from: number, hidden = 0) {
  const random = createRandom(seed);
  for (let n = from; n < from + count; n += 1) {
    const looksGood = random.next() < hidden;
    const bad = random.next() < 0.05;
    const id = `${bad || looksGood ? 'bad' : 'good'}-${n}`;
    yield { id, score: random.normal() + (bad && !looksGood ? 6 : 0) };
  }
}

const bodies = <T>(line: Line, kind: string): { subject: string; body: T }[] =>
  line.journal
    .read({ kind, limit: 1e5 })
    .map(({ subject, body }) => ({ subject: subject!, body: body as T }));

const proof = (line: Line) =>
  proofView(line.journal.db, line.station, {
    fromMs: 0,
    toMs: line.clock.nowMs() + 1,
    troubles: [],
    live: false,
    curve: [],
  });

describe('units that are shown once more', () => {
  it('a shift of two readers who miss a tenth: truth after 60 seeds, over a stop, the same from the rows', async () => {
    const clock = new HandClock();
    let line = await liveLine({ clock, config: BLIND });
    await library(line, 45);
    await sign(line);
    const answer = readers(77, 0.1);
    const meanings: string[] = [];
    for (let from = 0; from < 200; from += 50) {
      await batch(line, units(31 + from, 50, from), answer);
      const { seeds, meaning } = proof(line);
      meanings.push(`${seeds.read >= 60} ${meaning}`);
    }
    expect(line.station.gate).toMatchObject({ name: 'open' });

    // A stop with a seed on the screen and another answer that has not been counted yet.
    for (const unit of units(9, 60, 200, 0)) void line.arrive(unit.id, unit.score);
    await line.station.idle();
    await answer(line);
    clock.pass(59_000);
    await line.station.answers.sweep();
    const waiting = line.station.answers.questions.list();
    const [one, other] = waiting.filter((q) => q.again !== null);
    expect(other).toBeDefined();
    const user = READERS.find((name) => isFor(one!, name))!;
    await line.station.answers.answer(one!.id, { user, label: 'good', by: 'touch', tookMs: 5 });
    const before = line.station.gate;
    await line.station.close();
    await line.journal.close();
    line = await liveLine({ clock, config: BLIND, secret: SECRET }, line.folder);
    expect(line.station.gate).toEqual(before);
    expect(line.station.answers.questions.list()).toEqual(waiting.filter((q) => q.id !== one!.id));
    await line.station.answers.sweep();
    const ends = { seed: 'seed-read', 'second-read': 'second-read' } as Record<string, string>;
    expect(bodies<{ question: string }>(line, ends[one!.reason]!).at(-1)!.body.question).toBe(one!.id);

    for (let from = 260; from < 1260; from += 100) {
      await batch(line, units(31 + from, 100, from), answer);
      const { seeds, meaning } = proof(line);
      meanings.push(`${seeds.read >= 60} ${meaning}`);
    }
    expect([...new Set(meanings)].sort()).toEqual(['false agreement', 'true truth']);

    const view = proof(line);
    const gate = line.station.gate!;
    const seeds = bodies<{ user: string; missed: boolean; blind: boolean }>(line, 'seed-read');
    expect(view.seeds).toMatchObject({
      read: seeds.length,
      missed: seeds.filter(({ body }) => body.missed).length,
    });
    expect(view.seeds.missed).toBeGreaterThan(0);
    const naive = eUpper(gate.accept.k, gate.accept.n, gate.ledger.accept.live);
    expect(gate.accept.n).toBeGreaterThan(0);
    expect(gate.accept.upper).toBeGreaterThan(naive);
    // Nobody was shown a seed twice within the days of the shift.
    const shown = seeds.map(({ subject, body }) => `${subject} ${body.user}`);
    expect(new Set(shown).size).toBe(shown.length);

    // What stands beside a seed belongs to a live unit that nobody was asked about.
    const asked = bodies<{ again?: { contextOf: string; besides: string } }>(line, 'asked');
    const subjects = new Set(asked.map(({ subject }) => subject));
    const lent = asked.flatMap(({ body: { again } }) =>
      again !== undefined && again.contextOf !== again.besides ? [again.contextOf] : [],
    );
    expect(lent.length).toBeGreaterThan(5);
    expect(lent.filter((unit) => subjects.has(unit))).toEqual([]);

    // A second read is somebody else's, and says what the proof says.
    type Second = { first: { user: string; bad: boolean }; second: { user: string; bad: boolean } };
    const pairs = bodies<Second>(line, 'second-read');
    expect(pairs.length).toBeGreaterThan(10);
    expect(pairs.every(({ body }) => body.first.user !== body.second.user)).toBe(true);
    expect(view.readers).toMatchObject({
      pairs: pairs.length,
      agreed: pairs.filter(({ body }) => body.first.bad === body.second.bad).length,
    });

    // A seed is no unit, and a second read no answer: the equipment and the gate heard of every unit once.
    const arrived = bodies(line, 'arrived').length;
    expect(bodies(line, 'released')).toHaveLength(arrived);
    expect(line.sent.every(({ id }) => /^(good|bad)-/.test(id))).toBe(true);
    const told = bodies<{ event: { type: string; unitId: string } }>(line, 'gate').map(
      (row) => row.body.event,
    );
    expect(told.filter(({ type }) => type === 'seed')).toHaveLength(seeds.length);
    const answers = told.filter(({ type }) => type === 'answer').map(({ unitId }) => unitId);
    expect(new Set(answers).size).toBe(answers.length);

    const tables = PROJECTIONS.flatMap((p) => p.tables);
    const dump = () => tables.map((table) => line.journal.db.prepare(`SELECT * FROM "${table}"`).all());
    const folded = dump();
    line.journal.rebuild(PROJECTIONS);
    expect(dump()).toEqual(folded);
    expect(readGate(line.journal.db, CONFIG.id)).toEqual(gate);
  }, 90_000);

  it('what two readers call bad, not knowing of each other, enters the library; help and a change of mind do not', async () => {
    const line = await liveLine({ config: { ...BLIND, seedShare: 0 } });
    await sign(line, 100);
    const answer = readers(5, 0);
    await batch(line, units(31, 100, 0), answer);
    expect(line.station.gate).toMatchObject({ name: 'open' });
    for (const { id } of units(3, 150, 100)) void line.arrive(`bad-${id}`, 0);
    await line.station.idle();
    const audits = line.station.answers.questions.list().filter((q) => q.reason === 'audit');
    expect(audits.length).toBeGreaterThan(2);
    await answer(line);
    line.clock.pass(59_000);
    await line.station.answers.sweep();
    const again = line.station.answers.questions.list();
    expect(again.map(shownUnit).sort()).toEqual(audits.map((q) => q.unit).sort());
    const [helped, undone, ...rest] = again;
    const other = (q: (typeof again)[number]) => READERS.find((user) => isFor(q, user))!;
    const say = (q: (typeof again)[number], label: string) =>
      line.station.answers.answer(q.id, { user: other(q), label, by: 'touch', tookMs: 9 });
    await expect(
      line.station.answers.answer(helped!.id, {
        ...{ user: READERS.find((user) => !isFor(helped!, user))!, label: 'good', by: 'touch', tookMs: 9 },
      }),
    ).rejects.toThrow(/somebody else/);
    expect(await line.station.answers.help(helped!.id, other(helped!))).toBe(true);
    await say(helped!, 'crack');
    await say(undone!, 'good');
    await line.station.answers.undo(undone!.id, other(undone!));
    await say(undone!, 'crack');
    for (const q of rest) await say(q, 'crack');
    line.clock.pass(CONFIG.undoMs);
    await line.station.answers.sweep();
    const added = bodies<{ by: string | null; seenBy: string[] }>(line, 'seed-added');
    expect(added.map(({ subject }) => subject).sort()).toEqual(rest.map(shownUnit).sort());
    expect(added[0]!.body).toMatchObject({ by: null, seenBy: expect.arrayContaining(READERS) });
    expect(proof(line).readers).toMatchObject({ pairs: again.length - 1, agreed: again.length - 2 });
  }, 30_000);

  it('is drawn by the secret of the epoch: afterwards everybody can check which units brought a seed along', async () => {
    const line = await liveLine({ config: { ...BLIND, doubleReadShare: 0 } });
    await library(line, 40);
    await sign(line, 5000);
    const ids = [...units(8, 90, 0)].map(({ id }) => id);
    for (const id of ids) void line.arrive(id, 0);
    await line.station.idle();
    line.clock.pass(59_999);
    await line.station.answers.sweep();
    const drawn = (id: string): boolean => {
      const bytes = createHmac('sha256', SECRET).update(`\0seed\0${id}`).digest();
      return Number(bytes.readBigUInt64BE() >> 11n) / 2 ** 53 < 0.2 / 0.8;
    };
    const besides = bodies<{ reason: string; again?: { besides: string } }>(line, 'asked').flatMap(
      ({ body }) => (body.reason === 'seed' ? [body.again!.besides] : []),
    );
    expect(besides.length).toBeGreaterThan(10);
    expect(besides.sort()).toEqual(ids.filter(drawn).sort());
  });

  it('nobody answers: it lapses, nothing is known by it; what left the library is not shown', async () => {
    const line = await liveLine({ config: { ...BLIND, doubleReadShare: 0 } });
    await library(line, 20);
    await sign(line, 5000);
    for (const { id, score } of units(8, 60, 0)) void line.arrive(id, score);
    await line.station.idle();
    line.clock.pass(59_000);
    await line.station.answers.sweep();
    const seeds = line.station.answers.questions.list().filter((q) => q.reason === 'seed');
    expect(seeds.length).toBeGreaterThan(0);
    line.clock.pass(CONFIG.answerMs);
    await line.station.answers.sweep();
    expect(
      bodies<{ question: string }>(line, 'lapsed')
        .map(({ body }) => body.question)
        .sort(),
    ).toEqual(seeds.map(({ id }) => id).sort());
    expect(line.station.gate!.seeds).toEqual({ read: 0, missed: 0, missUpper: 0 });
    expect(line.sent.filter(({ id }) => id.startsWith('bad-old'))).toHaveLength(20);
    expect(await addSeed(line, 'bad-old-3')).toBe(false);
    for (let n = 0; n < 20; n += 1)
      await line.station.desk.commit(() => {
        const body = { station: CONFIG.id, by: 'user:quality', reason: 'the master part has worn' };
        const facts = removedFromSeeds(line.journal.db, { unit: `bad-old-${n}`, atMs: 1, body });
        return { facts, result: undefined };
      });
    const asked = bodies(line, 'asked').length;
    for (const { id, score } of units(4, 60, 60)) void line.arrive(id, score);
    await line.station.idle();
    line.clock.pass(59_000);
    await line.station.answers.sweep();
    expect(bodies(line, 'asked')).toHaveLength(asked + 60);
    expect(await addSeed(line, 'bad-old-3')).toBe(true);
  });
});
