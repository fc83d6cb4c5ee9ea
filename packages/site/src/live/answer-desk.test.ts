import { describe, expect, it } from 'vitest';
import { CONFIG, liveLine } from '../../test/live-line.js';

async function asked() {
  const line = await liveLine();
  await line.arrive('good-1', 1);
  await line.station.idle();
  const { answers } = line.station;
  const [question] = answers.questions.list();
  const say = (user: string, label: string) =>
    answers.answer(question!.id, { user, label, by: 'touch', tookMs: 7 });
  const said = () => line.journal.read({ kind: 'answered', limit: 9 }).map(({ body }) => body);
  return { ...line, answers, id: question!.id, say, said };
}

describe('two people at one question', () => {
  it('answer at the same moment: the one that came first is the answer, the other is told', async () => {
    const { say, said, sent, answers, clock } = await asked();
    const ends = await Promise.allSettled([say('user:anna', 'crack'), say('user:bert', 'good')]);
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(said()).toMatchObject([{ user: 'user:anna', label: 'crack', counts: true, blind: true }]);
    clock.pass(CONFIG.undoMs);
    await answers.sweep();
    expect(sent).toEqual([{ id: 'good-1', disposition: 'reject' }]);
  });

  it('help and an answer at the same moment: the answer is blind only where it came first', async () => {
    const first = await asked();
    await Promise.all([first.answers.help(first.id, 'user:anna'), first.say('user:bert', 'good')]);
    expect(first.said()).toMatchObject([{ counts: true, blind: false }]);
    const second = await asked();
    const [, shown] = await Promise.all([
      second.say('user:bert', 'good'),
      second.answers.help(second.id, 'user:anna'),
    ]);
    expect(shown).toBe(false);
    expect(second.said()).toMatchObject([{ counts: true, blind: true }]);
  });

  it('an answer that is on its way to the disk when the deadline passes is the answer', async () => {
    const { say, sent, answers, clock, kinds } = await asked();
    clock.pass(CONFIG.answerMs - 1);
    const saying = say('user:anna', 'good');
    clock.pass(1);
    await answers.sweep();
    await saying;
    await answers.sweep();
    expect(sent).toEqual([{ id: 'good-1', disposition: 'pass' }]);
    expect(kinds('good-1')).not.toContain('overdue');
  });
});
