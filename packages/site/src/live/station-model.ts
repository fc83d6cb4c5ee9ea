import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { StationConfig } from '../config/site-config.js';
import { type Direction, scoreHash, scoreModel } from './given-scores.js';
import { installedRow, type ModelPlace, type ModelRow, openModel, putToWork } from './installed-models.js';
import type { LiveStation } from './live-station.js';
import { readModelFile, sameModel } from './model-file.js';
import type { Secrets } from './secrets.js';
import { type Heart, type Part, pause } from './supervisor.js';

export interface ModelPartOptions extends ModelPlace {
  readonly station: LiveStation;
  readonly secrets: Secrets;
}

/** Whether a model that the journal has is of the kind that the configuration names now. */
export function isOfKind({ model }: Pick<StationConfig, 'model'>, { recipe }: ModelRow): boolean {
  if (model.from === 'fit') return recipe === 'novelty' || recipe === 'supervised';
  return model.from === 'score' ? recipe === 'score' : recipe.startsWith('file');
}

/** Puts to work what takes the scores that arrive; nothing is written where it is at work already. */
export const givenScoresPart = (options: ModelPartOptions, direction: Direction): Part => {
  const { station } = options;
  const { id } = station.config;
  return {
    name: `model ${id}`,
    station: id,
    run: async (heart) => {
      if (station.model?.hash !== scoreHash(direction)) {
        const body = scoreModel(id, direction);
        await putToWork(station, { body, model: await openModel(body, null), blobs: [] }, options);
      }
      await heart.up('scores that arrive are taken as they come');
    },
  };
};

/**
 * Puts a model made elsewhere to work, checked on this machine at every start. One that is refused is looked at again; a
 * model that was installed before goes on meanwhile, unless it is the very graph that was refused.
 */
export const modelFilePart = (
  options: ModelPartOptions,
  { file, manifest }: { readonly file: string; readonly manifest: string },
): Part => {
  const { station, blobs, journal } = options;
  const { id } = station.config;
  return {
    name: `model ${id}`,
    station: id,
    run: async (heart: Heart) => {
      await whenThere(station, { file, manifest }, heart);
      const read = await readModelFile(blobs, { station: id, file, manifest }).catch(async (error: Error) => {
        if (station.model !== null && station.model.hash === (await hashOf(file)))
          await takeOut(station, options.secrets);
        const goes = station.model === null ? '' : `; ${station.model.name}, installed before, goes on`;
        throw new Error(`${error.message}${goes}`);
      });
      const known = installedRow(journal, id);
      if (station.model === null || known === null || !sameModel(known, read.body)) {
        const model = await openModel(read.body, read.onnx);
        // What the journal has already is opened again without a new epoch.
        if (known !== null && sameModel(known, read.body)) await takeUp(station, options.secrets, model);
        else await putToWork(station, { body: read.body, model, blobs: read.blobs }, options);
      }
      await heart.up(`${read.body.name}: ${read.body.parity}`);
    },
  };
};

/** The first model of a station may still be on its way: units go to people until it lies there. */
async function whenThere(
  station: LiveStation,
  { file, manifest }: { readonly file: string; readonly manifest: string },
  heart: Heart,
): Promise<void> {
  const missing = (): string | undefined => [file, manifest].find((path) => !existsSync(path));
  for (let path = missing(); path !== undefined && station.model === null; path = missing()) {
    if (heart.signal.aborted) return;
    const what = path === file ? 'model' : 'manifest';
    await heart.down(`the ${what} ${path} cannot be read (ENOENT); it is taken as soon as it lies there`);
    await pause(LOOK_MS, heart.signal);
  }
}

const LOOK_MS = 500;

const hashOf = async (file: string): Promise<string | null> => {
  const bytes = await readFile(file).catch(() => null);
  return bytes === null ? null : createHash('sha256').update(bytes).digest('hex');
};

async function takeUp(station: LiveStation, secrets: Secrets, model: LiveStation['model']): Promise<void> {
  await station.desk.exclusively(async () => {
    const { gate } = station;
    const secret = gate === null ? null : await secrets.read(station.config.id, gate.epoch);
    station.renew(secret ?? Buffer.alloc(32), model);
  });
}

/** Units go to people from here on; the gate stays as it was signed. */
async function takeOut(station: LiveStation, secrets: Secrets): Promise<void> {
  const before = station.model;
  await takeUp(station, secrets, null);
  await before?.scorer[Symbol.asyncDispose]();
}
