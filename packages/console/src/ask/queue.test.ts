import type { Answered, Question } from '@selvedge/core/records';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answer, BOUNCE_MS, EMPTY, failed, listed, type Queue, taken, ticked, undone } from './queue.js';

const question = (id: string, deadlineAtMs = 10_000): Question => ({
  id,
  station: 's',
  stationName: 'S',
  unit: `unit-${id}`,
  askedAtMs: 0,
  deadlineAtMs,
  otherwise: 'hold',
  choices: [
    { label: 'good', bad: false },
    { label: 'bad', bad: true },
  ],
  context: {},
});
const after: Answered = {
  undoUntilMs: 5000,
  after: { score: 1, agreed: true, marks: null, heatHref: null, similar: [] },
};
const onScreen = (queue: Queue) => queue.current?.question.id ?? null;
const given = (queue: Queue | null): Queue => {
  if (queue === null) throw new Error('the answer did not count');
  return queue;
};

describe('queue', () => {
  it('shows the soonest deadline and keeps it there though a sooner one comes', () => {
    const first = listed(EMPTY, [question('a', 5000), question('b', 6000)], 0);
    expect(onScreen(first)).toBe('a');
    expect(onScreen(listed(first, [question('c', 4000), question('a', 5000)], 10))).toBe('a');
  });

  it('goes to the next at once, and a list asked for before the answer does not bring it back', () => {
    const both = [question('a'), question('b')];
    const answered = given(answer(listed(EMPTY, both, 0), 'good', 1000));
    expect(onScreen(answered)).toBe('b');
    const late = listed(answered, both, 1100);
    expect(late.waiting.map(({ id }) => id)).toEqual(['b']);
    const gone = listed(taken(late, 'a', after), [question('b')], 1200);
    expect(gone.sent).toEqual([]);
    expect(gone.last?.answered).toEqual(after);
  });

  it('takes no answer for a bounce, for a wrong label, after the deadline or to nothing', () => {
    const shown = listed(EMPTY, [question('a', 2000)], 0);
    expect(answer(shown, 'good', BOUNCE_MS - 1)).toBeNull();
    expect(answer(shown, 'no such', 1000)).toBeNull();
    expect(answer(shown, 'good', 2000)).toBeNull();
    expect(answer(EMPTY, 'good', 1000)).toBeNull();
  });

  it('brings the question back when the answer did not arrive, and says so', () => {
    const sent = given(answer(listed(EMPTY, [question('a')], 0), 'bad', 1000));
    expect(sent.current).toBeNull();
    const back = failed(sent, 'a', 'cut', 1500);
    expect(onScreen(back)).toBe('a');
    expect(back.note).toEqual({ kind: 'failed', unit: 'unit-a', why: 'cut' });
    expect(onScreen(failed(sent, 'a', 'cut', 20_000))).toBeNull();
  });

  it('puts an undone question before all others', () => {
    const sent = given(answer(listed(EMPTY, [question('a'), question('b')], 0), 'bad', 1000));
    const back = undone(taken(sent, 'a', after), 'a', 1200);
    expect(onScreen(back)).toBe('a');
    expect(back.last).toBeNull();
    // Also where the server has taken it off its list meanwhile.
    const off = listed(taken(sent, 'a', after), [question('b')], 1150);
    const again = undone(off, 'a', 1200);
    expect(onScreen(again)).toBe('a');
    // A list that was on its way meanwhile does not take it away; one made later does.
    expect(onScreen(listed(again, [question('b')], 1300))).toBe('a');
    expect(onScreen(listed(again, [question('b')], 9000))).toBe('b');
  });

  it('lets a question go at its deadline and when somebody else answered it', () => {
    const shown = listed(EMPTY, [question('a', 2000), question('b')], 0);
    const passed = ticked(shown, 2000);
    expect(onScreen(passed)).toBe('b');
    expect(passed.note).toEqual({ kind: 'overdue', unit: 'unit-a', otherwise: 'hold' });
    expect(listed(shown, [question('b')], 100).note?.kind).toBe('elsewhere');
  });

  it('never shows what was answered, and never loses an open question (any order of events)', () => {
    const act = fc.constantFrom('list', 'answer', 'take', 'fail', 'undo', 'tick');
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const open = new Set(['a', 'b', 'c', 'd']);
        let queue = EMPTY;
        let now = 0;
        for (const what of acts) {
          now += BOUNCE_MS;
          const pending = queue.sent.find((one) => !one.taken)?.question.id;
          if (what === 'list')
            queue = listed(
              queue,
              [...open].map((id) => question(id, 1e9)),
              now,
            );
          if (what === 'answer') queue = answer(queue, 'good', now) ?? queue;
          if (what === 'take' && pending) {
            open.delete(pending);
            queue = taken(queue, pending, after);
          }
          if (what === 'fail' && pending) queue = failed(queue, pending, 'cut', now);
          if (what === 'undo' && pending) queue = undone(queue, pending, now);
          if (what === 'tick') queue = ticked(queue, now);
          const sent = new Set(queue.sent.map((one) => one.question.id));
          const shown = onScreen(queue);
          expect(shown === null || (!sent.has(shown) && open.has(shown))).toBe(true);
          expect(shown === null && queue.waiting.length > 0).toBe(false);
        }
        queue = listed(
          queue,
          [...open].map((id) => question(id, 1e9)),
          now,
        );
        const held = new Set(
          [...queue.waiting, ...queue.sent.map((one) => one.question)].map(({ id }) => id),
        );
        expect([...open].every((id) => held.has(id))).toBe(true);
      }),
      { seed: 2 },
    );
  });
});
