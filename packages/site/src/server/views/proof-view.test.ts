import { createRandom } from '@selvedge/models';
import { Journal } from '@selvedge/store';
import { afterEach, describe, expect, it } from 'vitest';
import { CONFIG, HandClock, liveLine } from '../../../test/live-line.js';
import { countedAnew, drawnAnew } from '../../../test/old-proof.js';
import { gatePoints } from '../../folds/gates.js';
import { PROJECTIONS } from '../../folds/index.js';
import { rereads, secondReads } from '../../folds/seeds.js';
import { sinceCertificate } from '../../folds/units.js';
import { isFor, shownUnit } from '../../live/open-questions.js';
import { signBudget } from '../../live/signing.js';
import { readCurve } from '../readings/read-curve.js';
import { proofView } from './proof-view.js';

type Line = Awaited<ReturnType<typeof liveLine>>;

const STATION = { ...CONFIG, doubleReadShare: 1, seedShare: 0.1 };
const BUDGET = { escapeRate: 0.05, overkillRate: 0, confidence: 0.95, contract: 'per-unit' as const };
const READERS = ['user:anna', 'user:bert'];
const station = CONFIG.id;

async function sign(line: Line, plannedUnits: number): Promise<void> {
  const wish = { budget: BUDGET, plannedUnits, user: 'user:quality', reason: 'trial' };
  await signBudget(line.station, wish, { ...line, secrets: line.secrets });
}

/** Units in lots and without, answered by two readers who miss one bad unit in ten and leave one question in sixty. */
async function shift(line: Line, random: ReturnType<typeof createRandom>, from: number, count: number) {
  for (let n = from; n < from + count; n += 1) {
    const bad = random.next() < 0.06;
    const lot = random.next() < 0.7 ? `lot-${n >> 3}` : null;
    void line.arrive(`${bad ? 'bad' : 'good'}-${n}`, random.normal() + (bad ? 5 : 0), lot);
    if (n % 40 !== 39) continue;
    await line.station.idle();
    for (let round = 0; round < 2; round += 1) {
      for (const question of line.station.answers.questions.list()) {
        const user = READERS.filter((one) => isFor(question, one))[0];
        if (user === undefined || random.next() < 1 / 60) continue;
        const isBad = shownUnit(question).startsWith('bad') && random.next() >= 0.1;
        if (random.next() < 0.1) await line.station.answers.help(question.id, user);
        const said = { user, by: 'touch' as const, tookMs: Math.round(4000 * random.next()) };
        await line.station.answers.answer(question.id, { ...said, label: isBad ? 'crack' : 'good' });
      }
      line.clock.pass(61_000);
      await line.station.answers.sweep();
    }
  }
}

/** Every figure by both ways, and the whole view. */
async function both(line: Line) {
  const { db } = line.journal;
  const { gate } = line.station;
  if (gate === null) throw new Error('no gate');
  const { epoch } = gate;
  const wish = { station, epoch, ...{ contract: BUDGET.contract, escapeRate: BUDGET.escapeRate } };
  const curveWish = { ...wish, delta: gate.ledger.accept.certificate };
  const certified = sinceCertificate(db, station, epoch).units > 0;
  const { points, ...counted } = countedAnew(db, { station, epoch, most: 7 });
  const curve = await readCurve(db, curveWish);
  expect({
    tally: sinceCertificate(db, station, epoch),
    reads: secondReads(db, station),
    rereads: certified ? rereads(db, station) : 0,
  }).toEqual({ ...counted, rereads: certified ? counted.rereads : 0 });
  expect(gatePoints(db, { station, epoch, most: 7 })).toEqual(points);
  expect(gatePoints(db, { station, epoch, most: 1000 })).toEqual(
    countedAnew(db, { station, epoch, most: 1000 }).points,
  );
  expect(curve.points).toEqual(drawnAnew(db, curveWish));
  const period = { fromMs: 0, toMs: line.clock.nowMs() + 1, troubles: [], live: false };
  const view = proofView(db, line.station, { ...period, curve: curve.points });
  return { view, tally: counted.tally, reads: counted.reads, points: points.length };
}

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

describe('the proof of a gate', () => {
  it('has the figures that counting every row anew gives: in shadow, open, over a stop, in a new epoch, made anew', async () => {
    const clock = new HandClock();
    const random = createRandom(20_261_124);
    let line = await liveLine({ clock, config: STATION });
    await sign(line, 160);
    await shift(line, random, 0, 120);
    const shadow = await both(line);
    expect(shadow.view).toMatchObject({ epoch: 1, certificate: null, after: { units: 0 }, reduction: null });
    expect(shadow.view.curve.length).toBeGreaterThan(50);

    await shift(line, random, 120, 200);
    expect(line.station.gate?.certificate).not.toBeNull();
    const open = await both(line);
    // Nothing here would fail if the figures were all nothing.
    expect(open.tally.units).toBeGreaterThan(100);
    expect(open.tally.automatic).toBeGreaterThan(5);
    expect(open.tally.audits).toBeGreaterThan(5);
    expect(open.view.audits).toBe(open.tally.audits);

    // A stop with units that nobody has decided and questions that nobody has answered.
    for (let n = 0; n < 30; n += 1) void line.arrive(`good-late-${n}`, random.normal(), null);
    await line.station.idle();
    await line.station.close();
    await line.journal.close();
    line = await liveLine({ clock, config: STATION }, line.folder);
    await both(line);
    await shift(line, random, 320, 80);
    const later = await both(line);
    expect(Number(later.tally.units)).toBeGreaterThan(Number(open.tally.units) + 80);
    expect(Number(later.reads.bothGood)).toBeGreaterThan(0);

    // Another epoch counts from nothing until it has a certificate of its own.
    await sign(line, 160);
    await shift(line, random, 400, 80);
    const next = await both(line);
    expect(next.view).toMatchObject({ epoch: 2, certificate: null, after: { units: 0 }, audits: 0 });
    await shift(line, random, 480, 160);
    const again = await both(line);
    expect(again.view.epoch).toBe(2);
    expect(again.tally.units).toBeGreaterThan(0);

    // Made anew from the rows, every table is the same.
    const tables = [
      'unit_tally',
      'unit_certified',
      'unit_judged',
      'gate_point',
      'second_read_sum',
      'reread',
      'hour',
    ];
    const dump = (journal: Journal) =>
      JSON.stringify(tables.map((table) => journal.db.prepare(`SELECT * FROM ${table}`).all()));
    const before = dump(line.journal);
    await line.station.close();
    await line.journal.close();
    const journal = await Journal.open(line.folder, { nowMs: clock.nowMs, projections: PROJECTIONS });
    closers.push(() => journal.close());
    journal.rebuild(PROJECTIONS);
    expect(dump(journal)).toBe(before);
  });
});
