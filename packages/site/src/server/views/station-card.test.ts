import { ok } from 'node:assert/strict';
import type { Answered, LineView, Question } from '@selvedge/core/records';
import { expect, it } from 'vitest';
import { equipment, owner, runningSite } from '../../../test/running-site.js';
import { factOf } from '../../live/facts.js';

const HOUR_MS = 3_600_000;

/** A unit that the site was told of: it was made long before. */
async function past(journal: Parameters<typeof tell>[0], units: number, everyMs: number): Promise<void> {
  for (let i = 0; i < units; i += 1) await tell(journal, `past-${i}`, Date.now() - HOUR_MS + i * everyMs);
}

const tell = (
  journal: Awaited<ReturnType<typeof runningSite>>['site']['parts']['journal'],
  unit: string,
  atMs: number,
) =>
  journal.append(
    factOf('arrived', {
      ...{ subject: unit, atMs },
      body: {
        ...{ station: 'press-1', context: {}, lot: null, part: null, sourceAtMs: atMs, deadlineAtMs: atMs },
        observation: { kind: 'score', blob: null, bytes: 0, channels: null, values: [0] },
      },
    }),
  );

it('takes the takt from what came since the site was started, and says none before six units', async () => {
  const { site, address } = await runningSite(undefined, {
    station: '\n    observation: { kind: score }\n    model: { recipe: score }',
  });
  const ada = await owner(site);
  const { bring } = await equipment(address, ada);
  await past(site.parts.journal, 120, 30_000);
  const takt = async () => ((await (await ada.get('/api/line')).json()) as LineView).stations[0]?.taktMs;
  expect(await takt()).toBeNull();
  for (let i = 0; i < 5; i += 1) expect((await bring({ id: `u${i}`, score: i / 10 })).ok).toBe(true);
  expect(await takt()).toBeNull();
  await bring({ id: 'u5', score: 0.5 });
  // Half a minute from unit to unit was the past; these came one after the other.
  expect(await takt()).toBeLessThan(5000);
  expect(await takt()).not.toBeNull();
});

it('shows past cases with how they were judged and what became of them', async () => {
  const { site, address } = await runningSite(undefined, {
    station: '\n    observation: { kind: score }\n    model: { recipe: score }',
  });
  const ada = await owner(site);
  const { bring } = await equipment(address, ada);
  const station = site.parts.live.station('press-1');
  const judge = async (unit: string, value: number, label: string): Promise<Answered['after']> => {
    await bring({ id: unit, score: value });
    await station.idle();
    const listed = (await (await ada.get('/api/questions')).json()) as { questions: Question[] };
    const [open] = listed.questions;
    ok(open, unit);
    const body = { label, by: 'touch', tookMs: 400 };
    const answered = (await (await ada.post(`/api/questions/${open.id}/answer`, body)).json()) as Answered;
    await station.answers.sweep();
    return answered.after;
  };
  await judge('a', 0.9, 'crack');
  await judge('b', 0.1, 'good');
  // With a double read share above 0 an audit may be shown again; in shadow nobody audits, so both are past cases.
  // One of which nothing was kept is nearer than both, and is no use to anybody.
  await past(site.parts.journal, 1, 0);
  site.parts.journal.db.exec(
    `UPDATE unit SET score = 0.88, final_label = 'crack', final_bad = 1, disposition = 'reject',
       observation = json_set(observation, '$.values', NULL) WHERE id = 'past-0'`,
  );
  const { similar } = await judge('c', 0.88, 'crack');
  expect(similar.map(({ unit, label, bad, disposition }) => [unit, label, bad, disposition])).toEqual([
    ['past-0', 'crack', true, 'reject'],
    ['a', 'crack', true, 'reject'],
    ['b', 'good', false, 'pass'],
  ]);
  await site.parts.journal.append(
    factOf('seed-added', {
      ...{ subject: 'a', atMs: Date.now() },
      body: { station: 'press-1', label: 'crack', by: null, seenBy: [] },
    }),
  );
  // A known-bad unit will be shown once more: nobody is reminded of it.
  const later = await judge('d', 0.89, 'crack');
  // What is not kept is said, and breaks no page.
  expect(await (await ada.get('/api/units/past-0/observation')).json()).toEqual({
    kind: 'gone',
    why: 'the unit was judged before the site was here',
  });
  expect(later.similar.map(({ unit }) => unit)).toEqual(['c', 'past-0', 'b']);
  await judge('e', 0.7, 'crack');
  expect((await judge('f', 0.88, 'crack')).similar.map(({ unit }) => unit)).toEqual(['c', 'd', 'e']);
});
