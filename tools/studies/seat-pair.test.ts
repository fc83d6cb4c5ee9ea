import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { type PairUnit, pairUnits } from '../studies-kit/seat-pair-units.js';

async function made(plant: number, count: number): Promise<PairUnit[]> {
  const units: PairUnit[] = [];
  for await (const unit of pairUnits(plant, count)) units.push(unit);
  return units;
}

const printOf = ({ id, label, group, observation: { series, image } }: PairUnit): string =>
  createHash('sha256')
    .update([id, label, group].join(' '))
    .update(series.values)
    .update(image.source)
    .digest('hex');

describe('the covers of the study of pairs', () => {
  it('come out the same again, in order, with a trace and a picture each', async () => {
    const [first, again] = [await made(501, 5), await made(501, 5)];
    expect(first.map(printOf)).toEqual(again.map(printOf));
    expect(new Set(first.map(({ id }) => id)).size).toBe(5);
    for (const { observation, group } of first) {
      expect(group).toMatch(/^hide-\d+$/);
      expect(observation.series).toMatchObject({ channels: 5, values: { length: 1500 } });
      expect(observation.series.values.every(Number.isFinite)).toBe(true);
      const { width, height } = await sharp(observation.image.source).metadata();
      expect([width, height]).toEqual([400, 384]);
    }
  });

  it('show a torn thread in both: little is drawn, and nothing bright lies on the leather', async () => {
    const torn = (await made(3001, 30)).find(({ label }) => label === 'broken');
    if (torn === undefined) throw new Error('no thread tore');
    const { series, image } = torn.observation;
    const drawn = Array.from({ length: 300 }, (_, i) => series.values[i * 5] ?? Number.NaN);
    const bare = drawn.flatMap((mm, i) => (mm < 2.5 ? [i] : []));
    expect(bare.length).toBeGreaterThan(5);
    const { data } = await sharp(image.source).greyscale().raw().toBuffer({ resolveWithObject: true });
    /** Brightest pixel of the strip within the middle of a stitch, 4 mm each, the first five 2.4 mm. */
    const brightest = (stitch: number): number => {
      const mm = 12 + 4 * (stitch - 5) + 2;
      const [strip, x] = [Math.floor(mm / 100), Math.round((mm % 100) * 4)];
      let most = 0;
      for (let y = strip * 32 + 8; y < strip * 32 + 24; y++)
        for (let dx = -3; dx <= 3; dx++) most = Math.max(most, data[y * 400 + x + dx] ?? 0);
      return most;
    };
    const inside = bare.filter((i) => i > 8 && i < 290 && bare.includes(i - 1) && bare.includes(i + 1));
    const sewn = drawn.flatMap((mm, i) => (mm > 4 && i > 8 && i < 290 ? [i] : []));
    const mean = (of: readonly number[]): number => of.reduce((sum, i) => sum + brightest(i), 0) / of.length;
    expect(inside.length).toBeGreaterThan(2);
    expect(mean(sewn)).toBeGreaterThan(1.5 * mean(inside));
  });
});
