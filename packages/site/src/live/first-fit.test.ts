import { createRandom, type Observation } from '@selvedge/models';
import { describe, expect, it } from 'vitest';
import { plant, plantFolder, until } from '../../test/plant.js';
import { countJudged, missingFor } from './judged-units.js';

type Plant = Awaited<ReturnType<typeof plant>>;

const LENGTH = 24;
/** A trace of two channels; a bad one has a dent. */
function trace(random: ReturnType<typeof createRandom>, bad: boolean, channels = 2): Observation {
  const values = Float32Array.from({ length: LENGTH * channels }, (_, k) => {
    const t = Math.floor(k / channels);
    return 10 + 3 * Math.sin(t / 4) + 0.4 * random.normal() - (bad && t > 8 && t < 15 ? 5 : 0);
  });
  return { kind: 'series', channels, values };
}

async function bring(
  line: Plant,
  count: number,
  { from = 0, share = 0.2, channels = 2 } = {},
): Promise<void> {
  const random = createRandom(from + 11);
  await Promise.all(
    Array.from({ length: count }, (_, n) => {
      const bad = random.next() < share;
      return line.arrive(`${bad ? 'bad' : 'good'}-${from + n}`, trace(random, bad, channels));
    }),
  );
}

const station = (recipe: string, fitUnits: number) => ({
  observation: '{ kind: series, channels: [{ name: force, unit: kN }, { name: way, unit: mm }] }',
  model: `{ recipe: ${recipe}, fitUnits: ${fitUnits} }`,
});
const failed = (line: Plant) => line.rows('part').filter(({ state }) => state === 'down');

describe('a station that has no model yet', () => {
  it('is fitted on what people judged, goes on with it, and none of those units is evidence', async () => {
    const folder = await plantFolder();
    const line = await plant(folder, station('auto', 120));
    // Signed before there was anything to prove: that signature stands, its evidence begins with the model.
    await line.sign(150, 0.1);
    await bring(line, 100);
    await line.judgeAll();
    await until(() => /100 of 120 units are judged/.test(line.troubles()));
    expect(line.troubles()).toMatch(/people judge every unit/);
    expect(line.rows('decided').every(({ by, noScore }) => by === 'person' && noScore !== null)).toBe(true);
    await bring(line, 20, { from: 100 });
    await line.judgeAll();
    // Units that come while the fit runs go to people at once.
    await until(() => line.rows('part').some(({ why }) => /a fit begins on 120/.test(String(why))));
    await bring(line, 3, { from: 200 });
    expect(await line.judgeAll()).toBe(3);
    await until(() => line.station.model !== null, 60_000);
    const [installed] = line.rows('model-installed');
    expect(installed).toMatchObject({ input: 'series', inputShape: [LENGTH, 2] });
    expect(String(installed!.parity)).toMatch(/golden samples/);
    expect(line.station.gate).toMatchObject({ name: 'shadow', epoch: 2, plan: { plannedUnits: 150 } });
    await until(() => line.troubles() === '');

    await bring(line, 150, { from: 1000 });
    await line.judgeAll();
    const [certified] = line.rows('certified');
    expect(certified).toMatchObject({ n: 150 });
    const evidence = line.parts.journal.db
      .prepare('SELECT min(id) AS first, count(*) AS n FROM unit WHERE epoch = 2 AND score IS NOT NULL')
      .get();
    expect(evidence).toMatchObject({ n: 150 });
    expect(line.unit('good-0') ?? line.unit('bad-0')).toMatchObject({ score: null, epoch: 1 });
    // It tells bad units from good ones that it has never seen.
    const means = line.parts.journal.db
      .prepare(
        'SELECT avg(CASE WHEN bad = 1 THEN score END) - avg(CASE WHEN bad = 0 THEN score END) AS apart FROM unit',
      )
      .get();
    expect(Number(means?.apart)).toBeGreaterThan(0);
    expect(line.station.gate?.name).toBe('open');
    const { before, after } = line.folds();
    expect(after).toEqual(before);
    const state = JSON.stringify(line.station.gate);
    await line.site.close();

    const again = await plant(folder, station('auto', 120));
    expect(JSON.stringify(again.station.gate)).toBe(state);
    expect(again.station.model?.hash).toBe(installed!.model);
    expect(again.rows('model-installed')).toHaveLength(1);
    await bring(again, 5, { from: 5000, share: 0 });
    await again.station.idle();
    const [scored] = again.rows('decided', 'good-5000');
    expect(scored).toMatchObject({ epoch: 2, model: installed!.model, score: expect.any(Number) });
  });

  it('tells a fit that failed, does not try it again at once or after a restart, and succeeds on more units', async () => {
    const folder = await plantFolder();
    const line = await plant(folder, station('supervised', 20));
    // Equipment that sends one channel where the station is configured for two: nothing to learn from.
    await bring(line, 24, { channels: 1, share: 0.5 });
    await line.judgeAll();
    await until(() => failed(line).length === 1);
    expect(failed(line)[0]).toMatchObject({
      part: 'fit press-1 supervised',
      why: expect.stringMatching(/^the fit on 24 judged units failed: there is no unit to fit on/),
    });
    await until(() => /tried again at 36 judged units/.test(line.troubles()));
    expect(line.troubles()).toMatch(/the fit on 24 judged units failed/);
    expect(line.logged.some(({ event }) => event === 'part-down')).toBe(true);
    await line.site.close();

    const again = await plant(folder, station('supervised', 20));
    await until(() => /tried again at 36 judged units/.test(again.troubles()));
    await bring(again, 40, { from: 100, share: 0.4 });
    await again.judgeAll();
    await until(() => again.station.model !== null, 60_000);
    expect(failed(again)).toHaveLength(1);
    expect(again.rows('model-installed')).toMatchObject([{ recipe: 'supervised' }]);
    // Signed afterwards: the first epoch, and none of the units that were there before stands in it.
    await again.sign(100);
    expect(again.station.gate).toMatchObject({ name: 'shadow', epoch: 1 });
    const counted = again.parts.journal.db.prepare('SELECT count(*) AS n FROM unit WHERE epoch = 1');
    expect(counted.get()).toMatchObject({ n: 0 });
    await until(() => again.troubles() === '');
  });

  it('is fitted after a restart where the site was stopped in the middle of it', async () => {
    const folder = await plantFolder();
    const line = await plant(folder, station('novelty', 40));
    await bring(line, 40, { share: 0 });
    await line.judgeAll();
    await until(() => line.rows('part').some(({ why }) => /a fit begins on 40/.test(String(why))));
    const from = performance.now();
    await line.site.close();
    expect(performance.now() - from).toBeLessThan(4000);
    const again = await plant(folder, station('novelty', 40));
    await until(() => again.station.model !== null, 60_000);
    expect(failed(again)).toEqual([]);
    expect(again.rows('part').map(({ why }) => why)).toContain('the fit was stopped with the site');
    expect(again.rows('model-installed')).toMatchObject([{ recipe: 'novelty' }]);
  });

  it('waits for more units where the process ended in the middle of a fit', async () => {
    const folder = await plantFolder();
    const line = await plant(folder, station('novelty', 1000));
    await bring(line, 40, { share: 0 });
    await line.judgeAll();
    const body = {
      part: 'fit press-1 novelty',
      state: 'up' as const,
      why: 'a fit begins on 40 judged units',
    };
    await line.parts.journal.append({ kind: 'part', subject: body.part, atMs: 1, body });
    await line.site.close();
    const again = await plant(folder, station('novelty', 40));
    await until(() => /tried again at 60 judged units/.test(again.troubles()));
    expect(again.station.model).toBe(null);
  });

  it('waits for both kinds of labels, or for good ones, beside the number', () => {
    const judged = (good: number, bad: number) => ({ units: good + bad, good, bad });
    const fit = (recipe: 'auto' | 'novelty' | 'supervised') => ({
      from: 'fit' as const,
      recipe,
      fitUnits: 100,
    });
    expect(missingFor(fit('supervised'), judged(98, 1))).toEqual({
      code: 'fit-units',
      values: { n: 99, of: 100 },
    });
    expect(missingFor(fit('supervised'), judged(200, 4))).toEqual({
      code: 'fit-bad',
      values: { n: 4, of: 5 },
    });
    expect(missingFor(fit('supervised'), judged(4, 200))).toEqual({
      code: 'fit-good',
      values: { n: 4, of: 5 },
    });
    expect(missingFor(fit('supervised'), judged(95, 5))).toBe(null);
    expect(missingFor(fit('novelty'), judged(49, 100))).toEqual({
      code: 'fit-good',
      values: { n: 49, of: 50 },
    });
    expect(missingFor(fit('auto'), judged(100, 0))).toBe(null);
  });

  it('counts what is judged and not what is open', async () => {
    const line = await plant(await plantFolder(), station('auto', 1000));
    await bring(line, 2, { share: 0 });
    await line.station.idle();
    const open = line.station.answers.questions.list();
    const say = (question: string, label: string) =>
      line.station.answers.answer(question, { user: 'user:anna', label, by: 'touch', tookMs: 1 });
    await say(open[0]!.id, 'crack');
    expect(countJudged(line.parts.journal.db, 'press-1')).toEqual({ units: 1, good: 0, bad: 1 });
  });
});
