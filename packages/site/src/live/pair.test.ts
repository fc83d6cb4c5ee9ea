import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Answered, ObservationView, Question } from '@selvedge/core/records';
import { createRandom, type PairObservation } from '@selvedge/models';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { plant, plantFolder, until } from '../../test/plant.js';
import { owner } from '../../test/running-site.js';
import { observationView } from '../server/views/unit-view.js';
import { factOf } from './facts.js';
import { arrivedBody } from './intake.js';
import { readModelFile } from './model-file.js';
import { partsOf, readObservation } from './observations.js';
import { addedToSeeds } from './seed-library.js';

const LENGTH = 24;
const PLAIN = { context: {}, lot: null, sourceAtMs: null };
const STATION = {
  observation: '{ kind: pair, channels: [{ name: force, unit: kN }] }',
  model: '{ recipe: novelty, fitUnits: 24 }',
};

/** A trace with or without a dent, and a picture with or without a bright spot. */
async function pair(
  random: ReturnType<typeof createRandom>,
  { dent = false, spot = false } = {},
): Promise<PairObservation> {
  const values = Float32Array.from({ length: LENGTH }, (_, t) => {
    return 10 + 3 * Math.sin(t / 4) + 0.4 * random.normal() - (dent && t > 8 && t < 15 ? 5 : 0);
  });
  const side = 64;
  const pixels = Uint8Array.from({ length: side * side }, (_, i) => {
    const [x, y] = [i % side, Math.floor(i / side)];
    if (spot && (x - 40) ** 2 + (y - 20) ** 2 < 60) return 250;
    return 110 + 25 * Math.sin(x / 3) + 5 * random.normal();
  });
  const picture = sharp(pixels, { raw: { width: side, height: side, channels: 1 } });
  return {
    kind: 'pair',
    series: { kind: 'series', channels: 1, values },
    image: { kind: 'image', source: await picture.png().toBuffer() },
  };
}

describe('a unit that is seen in a trace and in a picture', () => {
  it('keeps both on disk under one row, which the parts come back from, one by one and together', async () => {
    const line = await plant(await plantFolder(), STATION);
    const { blobs, journal } = line.parts;
    const seen = await pair(createRandom(1));
    await line.arrive('good-1', seen);
    const [arrived] = line.rows('arrived', 'good-1') as { observation: Parameters<typeof partsOf>[0] }[];
    const ref = arrived?.observation;
    if (ref === undefined) throw new Error('it did not arrive');
    expect(ref).toMatchObject({ kind: 'pair', channels: 1, bytes: 4 * LENGTH });
    expect(partsOf(ref).map(({ kind }) => kind)).toEqual(['series', 'image']);
    for (const { blob } of partsOf(ref)) expect(await blobs.has(blob ?? '')).toBe(true);
    const classes = journal.db.prepare('SELECT class FROM blob ORDER BY class').all();
    expect(classes.map((row) => row.class)).toEqual(['image', 'series']);
    const back = await readObservation(blobs, ref);
    expect(back).toMatchObject({ kind: 'pair', series: seen.series });
    if (back.kind !== 'pair') throw new Error('no pair');
    expect(
      Buffer.from(back.image.source as Uint8Array).equals(Buffer.from(seen.image.source as Uint8Array)),
    ).toBe(true);
    // A seed keeps both.
    await line.judgeAll(() => true);
    const body = { station: 'press-1', label: 'crack', by: null, seenBy: [] };
    const facts = addedToSeeds(journal.db, { unit: 'good-1', atMs: 1, body });
    expect(facts.map(({ kind }) => kind)).toEqual(['seed-added', 'blob-pinned', 'blob-pinned']);
    const { before, after } = line.folds();
    expect(after).toEqual(before);
    // What is left of it is shown when one of the two is gone.
    const gone = { ...ref, picture: { blob: 'f'.repeat(64), bytes: 9 } };
    const { config } = line.station;
    const thinned = arrivedBody(
      config,
      { ...PLAIN, id: 'thinned', observation: seen },
      { observation: gone, atMs: 1 },
    );
    await journal.append(factOf('arrived', { subject: 'thinned', atMs: 1, body: thinned }));
    const view = (unit: string) => observationView(line.parts, { unit, station: config });
    expect(await view('good-1')).toMatchObject({ series: { kind: 'series' }, image: { kind: 'image' } });
    expect(await view('thinned')).toMatchObject({ series: { kind: 'series' }, image: { kind: 'gone' } });
    await expect(readObservation(blobs, gone)).rejects.toMatchObject({ code: 'blob-missing' });
  });

  it('is fitted, scored as one, never by half, and explained in both after the answer', async () => {
    const folder = await plantFolder();
    const line = await plant(folder, STATION);
    const random = createRandom(2);
    const ada = await owner(line.site);
    for (let n = 0; n < 24; n += 1) await line.arrive(`good-${n}`, await pair(random));
    await line.judgeAll();
    await until(() => line.station.model !== null, 90_000);
    const [installed] = line.rows('model-installed');
    expect(installed).toMatchObject({ input: 'pair', inputShape: [LENGTH, 1, 192, 3] });
    expect(String(installed?.name)).toMatch(/^novelty\/pair-v1\/sum/);
    expect(String(installed?.parity)).toMatch(/agree on 8 golden samples/);

    const fine = await pair(random);
    await line.arrive('good-a', fine);
    await line.arrive('bad-dent', await pair(random, { dent: true }));
    await line.arrive('bad-spot', await pair(random, { spot: true }));
    await line.arrive('bad-half', fine.series);
    await line.arrive('bad-cut', {
      ...fine,
      image: { kind: 'image', source: (fine.image.source as Uint8Array).subarray(0, 60) },
    });
    await line.station.idle();
    type Said = { score: number | null; noScore: string | null; by: string };
    const said: Readonly<Record<string, Said>> = Object.fromEntries(
      line.parts.journal
        .read({ kind: 'decided', limit: 99 })
        .map(({ subject, body }) => [subject, body as Said]),
    );
    const score = (unit: string): number => said[unit]?.score ?? Number.NaN;
    expect(score('bad-dent')).toBeGreaterThan(score('good-a'));
    expect(score('bad-spot')).toBeGreaterThan(score('good-a'));
    expect(said['bad-half']).toMatchObject({
      score: null,
      noScore: 'expected a pair, got series',
      by: 'person',
    });
    expect(said['bad-cut']).toMatchObject({ score: null, by: 'person' });
    expect(said['bad-cut']?.noScore).toMatch(/^picture cannot be decoded/);

    const { questions } = (await (await ada.get('/api/questions')).json()) as { questions: Question[] };
    const open = line.station.answers.questions.list().find(({ unit }) => unit === 'bad-spot');
    const question = questions.find(({ id }) => id === open?.id);
    if (question === undefined) throw new Error('nobody is asked');
    const path = `/api/units/${encodeURIComponent(question.unit)}`;
    const view = (await (await ada.get(`${path}/observation`)).json()) as ObservationView;
    // Neither part goes by its own name while the question waits.
    expect(view).toMatchObject({
      kind: 'pair',
      series: { kind: 'series', channels: [{ name: 'force', unit: 'kN' }] },
      image: { kind: 'image', href: `${path}/picture` },
    });
    expect((await ada.get(`${path}/picture`)).headers.get('content-type')).toBe('image/png');
    expect((await ada.get(`/api/questions/${question.id}/heat`)).status).toBe(404);
    const answer = { label: 'crack', by: 'touch', tookMs: 700 };
    const answered = (await (
      await ada.post(`/api/questions/${question.id}/answer`, answer)
    ).json()) as Answered;
    expect(answered.after.heatHref).toBe(`/api/questions/${question.id}/heat`);
    const heat = await ada.get(answered.after.heatHref ?? '');
    expect([heat.status, heat.headers.get('content-type')]).toEqual([200, 'image/png']);
    expect(answered.after.marks?.map((marks) => marks.length)).toEqual([LENGTH]);

    // The same model travels as a file: its golden samples are pairs.
    const { blobs } = line.parts;
    const [file, manifest] = [join(folder, 'pair.onnx'), join(folder, 'pair.json')];
    await writeFile(file, await blobs.get(String(installed?.model)));
    const write = (sample: object) =>
      writeFile(
        manifest,
        JSON.stringify({
          ...{ name: 'pair v1', input: 'pair', inputShape: [LENGTH, 1, 192, 3], outputs: ['score', 'heat'] },
          golden: { tolerance: 1e-3, samples: [sample] },
        }),
      );
    const series = Array.from(fine.series.values, (value) => [value]);
    const image = Buffer.from(fine.image.source as Uint8Array).toString('base64');
    await write({ series, image, score: score('good-a') });
    const told = await readModelFile(blobs, { station: 'press-1', file, manifest });
    expect(told.body).toMatchObject({ input: 'pair', model: installed?.model });
    await write({ series, score: score('good-a') });
    await expect(readModelFile(blobs, { station: 'press-1', file, manifest })).rejects.toThrow(
      'golden sample 1 has no score here: expected a pair, got series',
    );
  });
});
