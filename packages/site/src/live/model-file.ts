import { readFile } from 'node:fs/promises';
import { type Observation, openScorer } from '@selvedge/models';
import type { BlobRef, Blobs } from '@selvedge/store';
import { z } from 'zod';
import { median } from '../replay/measures.js';
import { seriesAndImage } from '../sources/series-and-image.js';
import { turned } from './given-scores.js';
import { FILE_RECIPES, type ModelRow } from './installed-models.js';

const number = z.number();
const LARGEST_GOLDEN = 1000;

const goldenSchema = z.strictObject({
  /** Exactly one of these is what was seen; of a pair `series` and `image`. */
  row: z.array(number.nullable()).min(1).max(10_000).optional(),
  /** One list of readings a sample. */
  series: z.array(z.array(number).min(1).max(64)).min(1).max(100_000).optional(),
  /** PNG, JPEG, TIFF or BMP in base64. */
  image: z.base64().optional(),
  map: z
    .strictObject({
      width: z.number().int().positive(),
      height: z.number().int().positive(),
      values: z.array(z.number().int().min(0).max(2)),
    })
    .optional(),
  /** What the model gives, before `direction`. */
  score: number,
});

/** What a model made elsewhere takes and gives: the JSON beside its ONNX file. */
export const manifestSchema = z.strictObject({
  name: z.string().min(1).max(200),
  input: z.enum(['series', 'image', 'map', 'row', 'pair']),
  /** Series `[samples, channels]` (0 samples: any length), rows `[width]`, pictures `[side, 3]`, pairs both, maps as fitted here. */
  inputShape: z.array(z.number().int().nonnegative()).min(1).max(4),
  outputs: z
    .array(z.enum(['score', 'class_scores', 'heat']))
    .refine((outputs) => outputs.includes('score'), 'needs "score" among the outputs'),
  classes: z.array(z.string().min(1)).min(2).optional(),
  direction: z.enum(['higher-worse', 'lower-worse']).default('higher-worse'),
  golden: z
    .strictObject({
      /** Largest difference of a score that counts as the same. */
      tolerance: z.number().positive(),
      samples: z.array(goldenSchema).min(1).max(LARGEST_GOLDEN),
    })
    .optional(),
});
export type ModelManifest = z.infer<typeof manifestSchema>;

/** A model made elsewhere, read and checked: what would be installed. */
export interface ModelFile {
  readonly body: ModelRow;
  readonly onnx: Uint8Array;
  readonly blobs: readonly BlobRef[];
}

/**
 * Reads a graph and its manifest, runs the golden samples on this machine and keeps both files.
 * @throws Error with what is wrong: a file that cannot be read, a manifest with faults (all of them), a graph that the
 * engine refuses, golden samples that come out otherwise.
 */
export async function readModelFile(
  blobs: Blobs,
  { station, file, manifest: path }: { station: string; file: string; manifest: string },
): Promise<ModelFile> {
  const [onnx, text] = await Promise.all([bytesOf(file, 'model'), bytesOf(path, 'manifest')]);
  const manifest = parseManifest(text, path);
  const parity = await checkGolden(manifest, onnx);
  const kept = [await blobs.put(onnx, 'model'), await blobs.put(text, 'model')];
  const { direction, golden } = manifest;
  const sign = direction === 'lower-worse' ? -1 : 1;
  const body: ModelRow = {
    station,
    model: kept[0]!.hash,
    name: manifest.name,
    recipe: FILE_RECIPES[direction],
    parity,
    input: manifest.input,
    inputShape: manifest.inputShape,
    classes: manifest.classes ?? null,
    middle: golden === undefined ? 0 : median(golden.samples.map(({ score }) => sign * score)),
    rampThreshold: null,
  };
  return { body, onnx, blobs: kept };
}

/** Whether two rows are of one model; what was measured on a machine is not part of it. */
export const sameModel = (a: ModelRow, b: ModelRow): boolean =>
  JSON.stringify({ ...a, parity: '' }) === JSON.stringify({ ...b, parity: '' });

async function bytesOf(path: string, what: string): Promise<Buffer> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`the ${what} ${path} cannot be read (${error.code ?? error.message})`);
  });
}

function parseManifest(text: Buffer, path: string): ModelManifest {
  let json: unknown;
  try {
    json = JSON.parse(text.toString('utf8'));
  } catch {
    throw new Error(`the manifest ${path} is no JSON`);
  }
  const { data, error } = manifestSchema.safeParse(json);
  if (data !== undefined) return data;
  const faults = error.issues.map(({ path: at, message }) => `${at.join('.') || 'the whole'}: ${message}`);
  throw new Error(`the manifest ${path} has faults: ${faults.join('; ')}`);
}

/** Scores the golden samples; what comes back says how they agree. */
async function checkGolden(manifest: ModelManifest, onnx: Uint8Array): Promise<string> {
  const { input, inputShape, golden, classes, outputs } = manifest;
  if (classes !== undefined && !outputs.includes('class_scores'))
    throw new Error('the manifest names classes, and no output class_scores that gives their shares');
  const raw = await openScorer({ onnx, input, inputShape }, { workers: 0 }).catch((error: Error) => {
    throw new Error(`the engine of this machine refuses the model: ${error.message.split('\n')[0]}`);
  });
  const scorer = manifest.direction === 'lower-worse' ? turned(raw) : raw;
  try {
    if (golden === undefined) return 'the manifest has no golden samples: nothing was compared';
    const sign = manifest.direction === 'lower-worse' ? -1 : 1;
    const said = await scorer.score(golden.samples.map(observed));
    let worst = 0;
    golden.samples.forEach(({ score }, i) => {
      const got = said[i]!;
      if (!Number.isFinite(got.score))
        throw new Error(`golden sample ${i + 1} has no score here: ${got.fault ?? 'the model gave none'}`);
      if (classes !== undefined && got.classScores?.length !== classes.length)
        throw new Error(
          `the manifest names ${classes.length} classes, the model gives ${got.classScores?.length ?? 0}`,
        );
      const away = Math.abs(got.score - sign * score);
      if (away > golden.tolerance)
        throw new Error(
          `golden sample ${i + 1} scores ${sign * got.score} here, the manifest says ${score} (allowed difference ${golden.tolerance})`,
        );
      worst = Math.max(worst, away);
    });
    return `${golden.samples.length} golden samples agree on this machine: largest difference ${worst.toExponential(1)} (allowed ${golden.tolerance})`;
  } finally {
    await scorer[Symbol.asyncDispose]();
  }
}

function observed({ row, series, image, map }: z.infer<typeof goldenSchema>, index: number): Observation {
  const given: Observation[] = [];
  if (row !== undefined) given.push({ kind: 'row', values: Float64Array.from(row, (v) => v ?? Number.NaN) });
  if (map !== undefined) given.push({ kind: 'map', ...map, values: Uint8Array.from(map.values) });
  given.push(...seriesAndImage({ series, image }));
  const [only] = given;
  if (only === undefined || given.length > 1)
    throw new Error(
      `golden sample ${index + 1} needs exactly one of row, series, image and map, or series and image for a pair`,
    );
  return only;
}
