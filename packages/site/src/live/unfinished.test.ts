import { describe, expect, it, onTestFinished } from 'vitest';
import { CONFIG, givenScores, HandClock, liveLine } from '../../test/live-line.js';
import { readGate } from '../folds/gates.js';
import { signBudget } from './signing.js';
import { STOPPED } from './unfinished.js';

type Line = Awaited<ReturnType<typeof liveLine>>;
const BUDGET = { escapeRate: 0.05, overkillRate: 0, confidence: 0.95, contract: 'per-unit' as const };

/** A line whose gate has opened on its own evidence. */
async function opened(clock: HandClock, more: Parameters<typeof liveLine>[0] = {}): Promise<Line> {
  const line = await liveLine({ clock, ...more });
  const { station } = line;
  await signBudget(
    station,
    { budget: BUDGET, plannedUnits: 100, user: 'user:q', reason: 'trial' },
    { ...line, secrets: line.secrets },
  );
  for (let n = 0; n < 100; n++)
    await line.arrive(`${n % 10 === 0 ? 'bad' : 'good'}-${n}`, n % 10 === 0 ? 9 : n / 100);
  await station.idle();
  for (const { id, unit } of station.answers.questions.list())
    await station.answers.answer(id, {
      user: 'user:anna',
      label: unit.startsWith('bad') ? 'crack' : 'good',
      by: 'touch',
      tookMs: 1,
    });
  clock.pass(CONFIG.undoMs);
  await station.answers.sweep();
  expect(station.gate?.name).toBe('open');
  return line;
}

/** Something that does not answer until the test is over. */
function silence(): { readonly until: Promise<void>; readonly end: () => void } {
  let end = (): void => {};
  const until = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { until, end };
}

/** The process ends where it stands: nothing is told to stop, the journal alone is let go of. */
const killed = (line: Line): Promise<void> => line.journal.close();

async function restarted(line: Line): Promise<Line> {
  const again = await liveLine(
    { clock: line.clock, secret: (await line.secrets.read(CONFIG.id, 1)) ?? Buffer.alloc(32, 7) },
    line.folder,
  );
  again.station.takeUp();
  await again.station.idle();
  return again;
}

describe('a unit that a kill caught between two rows', () => {
  it('goes to a person where it was acknowledged and not decided, with the deadline of its arrival', async () => {
    const model = givenScores();
    const { until, end } = silence();
    const score = async () => {
      await until;
      return [];
    };
    const scorer = { ...model.scorer, score };
    const line = await liveLine({ model: { ...model, scorer }, config: { ...CONFIG, decideMs: 1e6 } });
    onTestFinished(end);
    for (const id of ['a', 'b']) await line.arrive(id, 1);
    expect(line.kinds('b')).toEqual(['arrived']);
    await killed(line);
    line.clock.pass(20_000);
    const again = await restarted(line);
    for (const id of ['a', 'b']) expect(again.kinds(id)).toEqual(['arrived', 'decided', 'asked']);
    expect(again.journal.read({ kind: 'decided', limit: 9 })[0]!.body).toMatchObject({
      ...{ by: 'person', score: null, noScore: STOPPED },
    });
    const open = again.station.answers.questions.list();
    expect(open.map(({ unit, reason }) => [unit, reason])).toEqual([
      ['a', 'no-score'],
      ['b', 'no-score'],
    ]);
    expect(open[0]!.context).toEqual({ shift: 'early' });
    again.clock.pass(CONFIG.answerMs - 20_001);
    await again.station.answers.sweep();
    expect(again.sent).toEqual([]);
    again.clock.pass(1);
    await again.station.answers.sweep();
    expect(again.sent.map(({ disposition }) => disposition)).toEqual(['hold', 'hold']);
    // Once and for all: another start finds nothing to do.
    const rows = again.journal.head.seq;
    await killed(again);
    const third = await restarted(again);
    expect(third.journal.head.seq).toBe(rows);
  });

  it('is written as unknown and told to nobody again where the gate had decided it', async () => {
    const clock = new HandClock();
    let silent = false;
    const { until, end } = silence();
    const line = await opened(clock, {
      output: async () => {
        if (silent) await until;
        return 'done';
      },
    });
    onTestFinished(end);
    silent = true;
    for (let n = 0; n < 40; n++) await line.arrive(`late-${n}`, n / 100);
    const alone = () =>
      line.journal
        .read({ kind: 'decided', limit: 999 })
        .filter(({ subject, body }) => subject?.startsWith('late') && (body as { by: string }).by === 'gate');
    while (alone().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await killed(line);
    const again = await restarted(line);
    expect(again.sent).toEqual([]);
    const released = again.journal
      .read({ kind: 'released', limit: 999 })
      .filter(({ subject }) => subject?.startsWith('late'));
    expect(released.length).toBeGreaterThan(0);
    for (const { body } of released)
      expect(body).toMatchObject({ by: 'gate', disposition: 'pass', outcome: 'unknown' });
    const open = again.station.answers.questions.list().map(({ unit }) => unit);
    // Every one has exactly one fate.
    const late = Array.from({ length: 40 }, (_, n) => `late-${n}`);
    expect([...released.map(({ subject }) => subject), ...open].sort()).toEqual(late.sort());
    expect(readGate(again.journal.db, CONFIG.id)).toEqual(again.station.gate);
  }, 30_000);
});
