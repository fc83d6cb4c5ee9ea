import { setTimeout as wait } from 'node:timers/promises';
import type { SiteFactBody } from '@selvedge/core/records';
import { describe, expect, it } from 'vitest';
import { plantWithEquipment, until } from '../../test/plant-with-equipment.js';

const locked = (text: string): string =>
  text.replace(
    "hold)', readBackMs: 500 }",
    "hold)', readBackMs: 0, interlocks: [{ tag: cell/running, is: true }] }",
  );

/** A plant whose verdicts need the equipment to run, and what was written of them. */
async function plant(edit = locked) {
  const made = await plantWithEquipment({ edit });
  const { bench, plc, site, mode, make, answer } = made;
  await mode('act');
  const run = async (running: boolean): Promise<void> => {
    bench.set({ running });
    await until(() => plc.latest('cell/running')?.value === running);
  };
  const { journal } = site.parts;
  const told = () => bench.written.filter(({ tag }) => tag === 'verdict').map(({ value }) => value);
  const outcome = (unit: string) =>
    (
      journal.read({ kind: 'released', limit: 99 }).find(({ subject }) => subject === unit)?.body as
        | SiteFactBody<'released'>
        | undefined
    )?.outcome;
  const ids = () =>
    journal.db
      .prepare('SELECT id FROM write ORDER BY seq')
      .all()
      .map(({ id }) => id);
  return { ...made, run, told, outcome, ids, make, answer };
}

describe('a verdict that never left', () => {
  it('is told once more, as a command of its own, when what held it back has passed in time', async () => {
    const { run, told, outcome, ids, make, answer, view } = await plant();
    const unit = await make();
    await run(false);
    const said = answer(unit);
    await wait(200);
    expect(told()).toEqual([]);
    await run(true);
    await said;
    expect(told()).toEqual([`${unit} pass`]);
    expect(outcome(unit)).toBe('done');
    expect(ids()).toEqual([`press:${unit}:pass:again`]);
    expect((await view()).doubts).toEqual([]);
  });

  it('and whose time is up is never told any more; a person is, until somebody has looked', async () => {
    const { run, told, outcome, make, answer, view, ada, site } = await plant();
    const unit = await make();
    await run(false);
    await answer(unit);
    expect(outcome(unit)).toBe('not-sent');
    await run(true);
    await wait(200);
    expect(told()).toEqual([]);
    const { doubts, doubtsInAll, writes } = await view();
    expect(doubts).toMatchObject([
      { target: 'cell/verdict', value: `${unit} pass`, outcome: 'held', why: 'interlock-open', seenBy: null },
    ]);
    expect(doubtsInAll).toBe(1);
    expect(writes.every((one) => one.outcome === 'held')).toBe(true);
    const line = (await (await ada.get('/api/line')).json()) as {
      stations: { troubles: { values: object }[] }[];
    };
    expect(JSON.stringify(line)).toContain(`${unit} pass`);
    expect((await ada.post(`/api/writes/${doubts[0]?.write}/seen`, { note: 'put aside' })).status).toBe(200);
    expect((await ada.post(`/api/writes/${doubts[0]?.write}/seen`, {})).status).toBe(409);
    expect(await view()).toMatchObject({ doubts: [], doubtsInAll: 0 });
    // It is a doubt of one unit: nothing else is held up by it.
    expect(site.parts.equipment.all.get('plc')?.guard.ready('cell/verdict')).toBeNull();
  });

  it('is not told under another connection', async () => {
    const { bench, run, told, outcome, make, answer, view } = await plant();
    const unit = await make();
    await run(false);
    const said = answer(unit);
    await wait(100);
    await bench.stop();
    bench.values.running = true;
    await bench.start();
    await until(async () => (await view()).state === 'up');
    await said;
    expect(told()).toEqual([]);
    expect(outcome(unit)).toBe('not-sent');
    await until(async () => (await view()).doubtsInAll === 1);
  });

  it('is not lost where two are told at once', async () => {
    const { told, plc } = await plant();
    const { verdictOutput } = await import('./verdict-output.js');
    const words = {
      pass: '{unit} pass',
      reject: '{unit} reject',
      hold: '{unit} hold',
      divert: '{unit} divert',
    };
    const output = verdictOutput(plc, {
      station: 'press',
      tags: { target: 'cell/verdict', words, withinMs: 2000 },
      release: () => '',
      clock: { nowMs: () => Date.now(), steadyMs: () => performance.now() },
    });
    const units = ['u1', 'u2', 'u3', 'u4'];
    const outcomes = await Promise.all(
      units.map((id) => output({ id, disposition: 'reject', by: 'person' })),
    );
    expect(outcomes).toEqual(['done', 'done', 'done', 'done']);
    expect(told().sort()).toEqual(units.map((id) => `${id} reject`));
  });

  it('and does not name its unit is told once: later it would be that of another one', async () => {
    const nameless = (text: string): string =>
      locked(text)
        .replace("'u\\d+ (pass|reject|hold)'", "'pass|reject|hold'")
        .replace(
          'output: { target: cell/verdict }',
          'output: { target: cell/verdict, words: { pass: pass, reject: reject, hold: hold } }',
        );
    const { run, told, outcome, make, answer, view } = await plant(nameless);
    const unit = await make();
    await run(false);
    const said = answer(unit);
    await wait(100);
    await run(true);
    await said;
    expect(outcome(unit)).toBe('not-sent');
    expect(told()).toEqual([]);
    expect(await view()).toMatchObject({ doubtsInAll: 1 });
  });

  it('because nobody turned the guard on is as everybody knows', async () => {
    const { mode, outcome, make, answer, view } = await plant();
    await mode('shadow');
    const unit = await make();
    await answer(unit);
    expect(outcome(unit)).toBe('not-sent');
    expect(await view()).toMatchObject({ doubts: [], doubtsInAll: 0 });
  });
});
