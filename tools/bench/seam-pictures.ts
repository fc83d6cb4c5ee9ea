import { fitImage, openScorer } from '@selvedge/models';
import { createSeamRenderer, MATERIALS, type SeamScene, sewSeam, THREADS } from '@selvedge/pack-seat-sewing';
import sharp from 'sharp';
import type { Bench } from '../bench-kit/row.js';
import { interleaved } from '../bench-kit/timing.js';

const PICTURES = 60;
const ROUNDS = 6;

/** Pictures 32 mm apart along seams of two materials. */
function scenes(): SeamScene[] {
  const zero = new Float64Array(300);
  const sewn = sewSeam({ error: zero, lock: zero, faults: zero });
  return Array.from({ length: PICTURES }, (_, i) => ({
    sewn,
    fromMm: 32 * (i % 30),
    material: i % 2 === 0 ? MATERIALS.blackLeather : MATERIALS.greyWoven,
    thread: THREADS.white,
    seed: i,
  }));
}

export const run: Bench = async ({ progress }) => {
  const all = scenes();
  const renderer = createSeamRenderer();
  const units = [];
  for (const [i, scene] of all.entries()) {
    const { pixels, width, height, channels } = renderer.render(scene);
    const source = await sharp(pixels, { raw: { width, height, channels } }).jpeg().toBuffer();
    units.push({ id: `s${i}`, label: 'good', observation: { kind: 'image' as const, source } });
  }
  progress(0.2, 'pictures');
  const model = await fitImage(units, { recipe: 'novelty', seed: 1 });
  const scorer = await openScorer(model, { workers: 1 });
  const observations = units.map(({ observation }) => observation);
  await scorer.score(observations);
  progress(0.5, 'fitted');
  const timed = await interleaved({
    rounds: ROUNDS,
    first: () => scorer.score(observations),
    second: async () => {
      for (const scene of all) renderer.render(scene);
    },
  });
  await scorer[Symbol.asyncDispose]();
  const perSecond = (ms: number) => (1000 * PICTURES) / ms;
  progress(1, 'rendered');
  const inTurn = `in turn, median of ${ROUNDS} rounds of ${PICTURES} pictures of 384 x 160 px, one thread each`;
  return [
    {
      name: 'seam pictures: rendered to scored',
      value: timed.ratio,
      unit: 'x',
      limit: { atLeast: 1 },
      note: `a picture and its truth against JPEG to score, ${inTurn}; ${perSecond(timed.secondMs).toFixed(0)}/s against ${perSecond(timed.firstMs).toFixed(0)}/s`,
    },
    { name: 'seam pictures: one strip', value: timed.secondMs / PICTURES, unit: 'ms', note: 'grain kept' },
  ];
};
