import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRandom, fitModel, type Observation } from '@selvedge/models';
import { describe, expect, it } from 'vitest';
import { plant, plantFolder, until } from '../../test/plant.js';
import { givenScores, scoreHash, scoreModel } from './given-scores.js';
import { openModel, putToWork } from './installed-models.js';
import { secretHash } from './secrets.js';

const row = (...values: number[]): Observation => ({ kind: 'row', values: Float64Array.from(values) });
type Plant = Awaited<ReturnType<typeof plant>>;

/** Units of which one in ten is bad and scores higher by eight. */
async function bring(line: Plant, count: number, { from = 0, sign = 1 } = {}): Promise<void> {
  const random = createRandom(from + 7);
  await Promise.all(
    Array.from({ length: count }, (_, n) => {
      const bad = random.next() < 0.1;
      const score = sign * (random.normal() + (bad ? 8 : 0));
      return line.arrive(`${bad ? 'bad' : 'good'}-${from + n}`, row(score));
    }),
  );
  await line.judgeAll();
}

const scores = (direction = 'higher-worse') => ({
  observation: `{ kind: score, direction: ${direction} }`,
  model: '{ recipe: score }',
});

describe('a station whose equipment sends scores', () => {
  it('has its model at once, and its gate opens on what people judged', async () => {
    const folder = await plantFolder();
    const first = await plant(folder, scores());
    expect(first.rows('model-installed')).toMatchObject([
      { model: scoreHash('higher-worse'), recipe: 'score', parity: expect.stringContaining('no graph') },
    ]);
    expect(first.troubles()).toBe('');
    await first.sign(200);
    await bring(first, 200);
    expect(first.station.gate).toMatchObject({ name: 'open', epoch: 1 });
    await bring(first, 50, { from: 1000 });
    const alone = first.parts.journal.db.prepare(`SELECT count(*) AS n FROM unit WHERE decided_by = 'gate'`);
    expect(Number(alone.get()?.n)).toBeGreaterThan(20);
    const { before, after } = first.folds();
    expect(after).toEqual(before);
    const state = JSON.stringify(first.station.gate);
    await first.site.close();

    const again = await plant(folder, scores());
    expect(again.rows('model-installed')).toHaveLength(1);
    expect(JSON.stringify(again.station.gate)).toBe(state);
    await again.arrive('good-last', row(-5));
    await again.station.idle();
    expect(again.unit('good-last')).toMatchObject({ score: -5, decided_by: 'gate', epoch: 1 });
  });

  it('turns a scale on which low is bad; another direction later is another model and a new epoch', async () => {
    const folder = await plantFolder();
    const first = await plant(folder, scores('lower-worse'));
    await first.sign(200);
    await bring(first, 200, { sign: -1 });
    expect(first.station.gate).toMatchObject({ name: 'open', epoch: 1 });
    await first.arrive('x', row(-3));
    await first.arrive('no number', row(Number.NaN));
    await first.arrive('two', row(1, 2));
    await first.station.idle();
    expect(first.unit('x')).toMatchObject({ score: 3 });
    expect(first.rows('decided', 'no number')).toMatchObject([
      { by: 'person', noScore: 'the score is no finite number' },
    ]);
    expect(first.rows('decided', 'two')).toMatchObject([
      { by: 'person', noScore: 'expected one score, got 2 values' },
    ]);
    await first.site.close();

    const second = await plant(folder, scores('higher-worse'));
    expect(second.rows('model-installed')).toHaveLength(2);
    expect(second.station.gate).toMatchObject({
      name: 'shadow',
      epoch: 2,
      plan: { signedBy: 'user:quality' },
    });
    await second.arrive('y', row(-3));
    await second.station.idle();
    expect(second.unit('y')).toMatchObject({ score: -3, decided_by: 'person', epoch: 2 });
    const { before, after } = second.folds();
    expect(after).toEqual(before);
    await second.site.close();
    // The secret of the new epoch is where it has to be.
    const third = await plant(folder, scores('higher-worse'));
    expect(third.station.gate).toMatchObject({ name: 'shadow', epoch: 2 });
  });
});

describe('two who begin an epoch at once', () => {
  it('get one after the other, each with its own secret', async () => {
    const folder = await plantFolder();
    const line = await plant(folder, scores());
    const body = scoreModel('press-1', 'lower-worse');
    const model = await openModel(body, null);
    await line.sign(200);
    const place = { ...line.parts, secrets: line.parts.live.secrets };
    await Promise.all([
      line.sign(200),
      putToWork(line.station, { body, model, blobs: [] }, place),
      line.sign(200),
    ]);
    expect(line.station.gate).toMatchObject({ name: 'shadow', epoch: 4 });
    const committed = line.rows('secret-committed');
    expect(committed.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
    for (const { epoch, hash } of committed)
      expect(secretHash((await place.secrets.read('press-1', Number(epoch)))!)).toBe(hash);
    expect(line.rows('secret-revealed').map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
  });

  it('count nothing that another model has said of a unit', async () => {
    const line = await plant(await plantFolder(), scores());
    await line.sign(200);
    const place = { ...line.parts, secrets: line.parts.live.secrets };
    const body = scoreModel('press-1', 'lower-worse');
    let answer = (): void => {};
    const asked = new Promise<void>((resolve) => {
      const slow = { ...givenScores('lower-worse') };
      const score = async () => {
        resolve();
        await new Promise<void>((said) => {
          answer = said;
        });
        return [{ score: 5 }];
      };
      const model = { ...line.station.model!, hash: body.model, scorer: { ...slow, score } };
      void putToWork(line.station, { body, model, blobs: [] }, place).then(() => line.arrive('late', row(1)));
    });
    await asked;
    const higher = scoreModel('press-1', 'higher-worse');
    await putToWork(line.station, { body: higher, model: await openModel(higher, null), blobs: [] }, place);
    answer();
    await line.station.idle();
    expect(line.rows('decided', 'late')).toMatchObject([
      { score: null, noScore: 'the model was replaced while the unit was scored', epoch: 3, by: 'person' },
    ]);
  });

  it('leaves a closed gate closed when a model is put to work', async () => {
    const line = await plant(await plantFolder(), scores());
    await line.sign(200);
    await line.station.desk.tell({ type: 'close', why: 'by hand', atMs: 1 });
    const body = scoreModel('press-1', 'lower-worse');
    const place = { ...line.parts, secrets: line.parts.live.secrets };
    await putToWork(line.station, { body, model: await openModel(body, null), blobs: [] }, place);
    expect(line.station.gate).toMatchObject({ name: 'closed', epoch: 1 });
    expect(line.station.model?.hash).toBe(body.model);
    await line.sign(200);
    expect(line.station.gate).toMatchObject({ name: 'shadow', epoch: 2 });
  });
});

describe('a station with a model that was made elsewhere', () => {
  const station = (folder: string) => ({
    observation: '{ kind: row, columns: [height] }',
    model: `{ file: ${join(folder, 'height.onnx')} }`,
  });
  const manifest = (more: object = {}) => ({
    name: 'height',
    input: 'row',
    inputShape: [1],
    outputs: ['score'],
    golden: {
      tolerance: 1e-6,
      samples: [
        { row: [2], score: 2 },
        { row: [-1], score: -1 },
      ],
    },
    ...more,
  });
  async function put(folder: string, said: unknown): Promise<void> {
    const fitted = await fitModel([{ id: 'a', label: 'good', observation: row(1) }], {
      recipe: 'score',
      seed: 1,
    });
    await writeFile(join(folder, 'height.onnx'), fitted.onnx);
    await writeFile(join(folder, 'height.onnx.json'), JSON.stringify(said));
  }

  it('checks it here, keeps its bytes, and has it again after a restart', async () => {
    const folder = await plantFolder();
    await put(folder, manifest({ direction: 'lower-worse' }));
    const first = await plant(folder, station(folder));
    const [installed] = first.rows('model-installed');
    expect(installed).toMatchObject({ name: 'height', recipe: 'file, lower-worse', middle: -0.5 });
    expect(String(installed!.parity)).toMatch(
      /^2 golden samples agree on this machine: largest difference 0/,
    );
    expect(await first.parts.blobs.has(String(installed!.model))).toBe(true);
    await first.arrive('a', row(4));
    await first.judgeAll();
    expect(first.unit('a')).toMatchObject({ score: -4 });
    const { before, after } = first.folds();
    expect(after).toEqual(before);
    await first.site.close();

    const again = await plant(folder, station(folder));
    expect(again.rows('model-installed')).toHaveLength(1);
    await again.arrive('b', row(5));
    await again.station.idle();
    expect(again.unit('b')).toMatchObject({ score: -5 });
    await again.site.close();

    // The file may go away: its bytes are in the site's own folder.
    await rename(join(folder, 'height.onnx'), join(folder, 'elsewhere.onnx'));
    const without = await plant(folder, station(folder));
    expect(without.troubles()).toMatch(/cannot be read \(ENOENT\); height, installed before, goes on/);
    await without.arrive('c', row(6));
    await without.station.idle();
    expect(without.unit('c')).toMatchObject({ score: -6 });
  });

  it('refuses one that scores otherwise here; people judge until it is put right, without a restart', async () => {
    const folder = await plantFolder();
    const wrong = manifest({ golden: { tolerance: 0.1, samples: [{ row: [2], score: 3 }] } });
    await put(folder, wrong);
    const line = await plant(folder, station(folder));
    expect(line.rows('model-installed')).toEqual([]);
    expect(line.troubles()).toMatch(/golden sample 1 scores 2 here, the manifest says 3/);
    expect(line.rows('part')).toMatchObject([{ part: 'model press-1', state: 'restarting' }]);
    await line.arrive('a', row(4));
    await line.station.idle();
    expect(line.rows('decided', 'a')).toMatchObject([{ by: 'person', noScore: 'no model is installed' }]);
    await put(folder, manifest());
    await until(() => line.station.model !== null);
    await until(() => line.troubles() === '');
    await line.arrive('b', row(4));
    await line.station.idle();
    expect(line.unit('b')).toMatchObject({ score: 4 });
    await line.site.close();

    // The graph that is installed, on a machine where it scores otherwise: it does not go on.
    await put(folder, wrong);
    const elsewhere = await plant(folder, station(folder));
    expect(elsewhere.station.model).toBe(null);
    expect(elsewhere.troubles()).toMatch(/people judge every unit[\s\S]*the manifest says 3/);
  });

  it('names every fault of a manifest, and a graph that is none', async () => {
    const folder = await plantFolder();
    await put(folder, { ...manifest(), outputs: ['heat'], extra: 1, inputShape: [] });
    const faulty = await plant(folder, station(folder));
    expect(faulty.troubles()).toMatch(/inputShape/);
    expect(faulty.troubles()).toMatch(/needs "score" among the outputs/);
    expect(faulty.troubles()).toMatch(/extra/);
    await faulty.site.close();
    await put(folder, manifest());
    await writeFile(join(folder, 'height.onnx'), 'no graph');
    const none = await plant(folder, station(folder));
    expect(none.troubles()).toMatch(/the engine of this machine refuses the model/);
  });
});
