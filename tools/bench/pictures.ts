import { createRandom, decodePicture, type FitUnit, fitImage, openScorer } from '@selvedge/models';
import sharp from 'sharp';

const SIDE = 224;

/** Seeded textured pictures as JPEG: the bench needs no data. */
async function pictures(count: number, seed: number): Promise<FitUnit[]> {
  const random = createRandom(seed);
  const units: FitUnit[] = [];
  for (let i = 0; i < count; i++) {
    const phase = 6 * random.next();
    const data = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, at) => {
      const [x, y] = [Math.floor(at / 3) % SIDE, Math.floor(at / 3 / SIDE)];
      return Math.max(
        0,
        Math.min(255, 120 + 30 * Math.sin(x / 3 + phase) * Math.cos(y / 4) + 8 * random.normal()),
      );
    });
    const source = await sharp(data, { raw: { width: SIDE, height: SIDE, channels: 3 } })
      .jpeg()
      .toBuffer();
    units.push({ id: `p${i}`, label: 'good', observation: { kind: 'image', source } });
  }
  return units;
}

/**
 * Seconds of a fit on 100 good pictures, pictures a second of the scorer from JPEG to score, of decoding alone on
 * one thread, and peak memory of the process.
 */
export async function run({ progress }: { progress: (done: number, what: string) => void }) {
  const units = await pictures(100, 5);
  progress(0.2, 'pictures');
  const fitStart = performance.now();
  const model = await fitImage(units, { recipe: 'novelty', seed: 1 });
  const fitSeconds = (performance.now() - fitStart) / 1000;
  progress(0.5, 'fitted');
  const observations = [...units, ...units, ...units, ...units].map((unit) => unit.observation);
  const scorer = await openScorer(model);
  await scorer.score(observations.slice(0, 32));
  const scoreStart = performance.now();
  await scorer.score(observations);
  const scoredPerSecond = observations.length / ((performance.now() - scoreStart) / 1000);
  await scorer[Symbol.asyncDispose]();
  const decodeStart = performance.now();
  for (const { observation } of units) {
    if (observation.kind === 'image') await decodePicture(observation.source, SIDE);
  }
  const decodedPerSecond = units.length / ((performance.now() - decodeStart) / 1000);
  progress(1, 'scored');
  return {
    pictures: observations.length,
    fitSeconds100: fitSeconds,
    scoredPerSecond,
    decodedPerSecondOneThread: decodedPerSecond,
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
    modelMegabytes: model.onnx.length / 1e6,
  };
}
