import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { FitUnit } from '@selvedge/models';
import { drawPlant, pictureSeed, SeamCamera, SewingMachine } from '@selvedge/pack-seat-sewing';
import { choiceOf } from './sewing-site.js';

/** Plants at which the model was made: never those of the demo, whose seeds are small. */
const MADE_AT = [900_001, 900_002, 900_003];
/** Covers of each plant, and one in how many is sewn where stitches are skipped easily: else there is nothing to learn from. */
const COVERS = 36;
const SKIPS_EVERY = 4;
/** Of its making: another one is fitted anew where what it is made from has changed. */
const FILE = 'seam-pair-1.onnx';

/**
 * Fits the model that travels to the demo's plants: trace and picture of seams of three other simulated plants, judged by a
 * person who misses nothing. It brings no authority with it. Returns the ONNX file; its manifest lies beside it.
 */
export async function makeLineModel({ folder, covers }: LineModelWish): Promise<string> {
  const { fitModel } = await import('@selvedge/models');
  const camera = new SeamCamera();
  const units: FitUnit[] = [];
  for (const seed of MADE_AT) {
    const machine = new SewingMachine(drawPlant(seed), 0);
    for (let n = 0; n < covers; n++) {
      if (n % SKIPS_EVERY === 0) machine.skipNext();
      machine.start({ steering: 0, trim: 0 });
      while (!machine.sew().done);
      const { cover, truth, traces, ...seam } = machine.finish();
      const length = traces[0]?.length ?? 0;
      const values = new Float32Array(length * traces.length);
      for (const [c, one] of traces.entries())
        for (let i = 0; i < length; i++) values[i * traces.length + c] = one[i] ?? Number.NaN;
      const picture = camera.picture({ cover, truth, traces, ...seam }, pictureSeed(seed, cover));
      units.push({
        ...{ id: `${seed}-${cover}`, label: choiceOf(truth.label), group: `plant-${seed}` },
        observation: {
          kind: 'pair',
          series: { kind: 'series', channels: traces.length, values },
          image: { kind: 'image', source: Buffer.from(picture) },
        },
      });
    }
  }
  const model = await fitModel(units, { recipe: 'supervised', seed: 1 });
  const file = join(folder, 'seam.onnx');
  const outputs = ['score', ...(model.classes === null ? [] : ['class_scores'])];
  await writeFile(file, model.onnx);
  await writeFile(
    `${file}.json`,
    JSON.stringify({
      ...{ name: model.name.slice(0, 200), input: model.input, inputShape: model.inputShape, outputs },
      ...(model.classes === null ? {} : { classes: model.classes }),
    }),
  );
  return file;
}

/** What the thread of a fit is told: where to, and covers of each plant. */
export interface LineModelWish {
  readonly folder: string;
  readonly covers: number;
}

export interface LineModel {
  /** Where it lies, or will lie. */
  readonly file: string;
  /** Resolves when it lies there. */
  readonly there: Promise<void>;
  /** It was fitted before. */
  readonly known: boolean;
}

/** The model as it was fitted before, or a fit of it in a thread beside whatever goes on. */
export function lineModel(folder: string, covers = COVERS): LineModel {
  const file = resolve(folder, FILE);
  if (existsSync(file) && existsSync(`${file}.json`)) return { file, there: Promise.resolve(), known: true };
  const there = (async () => {
    await mkdir(folder, { recursive: true });
    const made = await mkdtemp(join(resolve(folder), 'making-'));
    try {
      await inThread({ folder: made, covers });
      await rename(join(made, 'seam.onnx.json'), `${file}.json`);
      await rename(join(made, 'seam.onnx'), file);
    } finally {
      await rm(made, { recursive: true, force: true });
    }
  })();
  there.catch(() => {});
  return { file, there, known: false };
}

/** From sources the thread is TypeScript and needs the loader; built, it is plain JS. */
function inThread(workerData: LineModelWish): Promise<void> {
  const worker = createWorker(workerData);
  // Whoever stops does not wait for a fit.
  worker.unref();
  return new Promise((done, failed) => {
    worker.once('message', () => done());
    worker.once('error', failed);
    worker.once('exit', () => failed(new Error('the thread of the fit has ended')));
  });
}

function createWorker(workerData: LineModelWish): Worker {
  if (!import.meta.url.endsWith('.ts'))
    return new Worker(new URL('./line-model-worker.js', import.meta.url), { workerData });
  const loader = new URL('index.mjs', pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm/api')))
    .href;
  const entry = new URL('./line-model-worker.ts', import.meta.url).href;
  const code = `import(${JSON.stringify(loader)}).then((tsx) => { tsx.register(); return import(${JSON.stringify(entry)}); });`;
  return new Worker(code, { workerData, eval: true, execArgv: ['--conditions=@selvedge/source'] });
}
