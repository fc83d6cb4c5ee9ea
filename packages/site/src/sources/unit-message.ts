import type { Observation } from '@selvedge/models';
import { z } from 'zod';
import { invalid } from '../access/refusal.js';
import { seriesAndImage } from './series-and-image.js';

const context = z.record(z.string().max(60), z.union([z.string().max(200), z.number(), z.null()]));

/** One unit as equipment sends it: exactly one of `series`, `row`, `score` and `image`, or `series` with `image`. */
export const unitMessageSchema = z.strictObject({
  id: z.string().min(1).max(200),
  lot: z.string().min(1).max(200).optional(),
  /** When it happened by the clock of the equipment, epoch ms. */
  atMs: z.number().int().optional(),
  context: context.optional(),
  /** One list of readings a sample, in the order of the station's channels. */
  series: z.array(z.array(z.number()).min(1).max(64)).min(1).max(100_000).optional(),
  row: z.array(z.number().nullable()).min(1).max(10_000).optional(),
  score: z.number().optional(),
  /** The camera's own number of the picture: one that is missing is a dropped frame. */
  frame: z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER).optional(),
  /** Which camera, where several bring units to one station. */
  camera: z.string().min(1).max(60).optional(),
  /** The bytes of a PNG, JPEG, TIFF or BMP file in base64. */
  image: z.base64().optional(),
});
export type UnitMessage = z.infer<typeof unitMessageSchema>;

export const contextOf = ({
  context: own,
  frame,
  camera,
}: UnitMessage): Record<string, string | number | null> => ({
  ...own,
  ...(frame === undefined ? {} : { frame }),
  ...(camera === undefined ? {} : { camera }),
});

/** @throws Refusal 422 where the message holds no observation, or two. */
export function observationOf({ series, row, score, image }: UnitMessage): Observation {
  const channels = series?.[0]?.length ?? 0;
  if (series?.some((sample) => sample.length !== channels))
    throw invalid('uneven-series', `Every sample of the series needs ${channels} readings.`);
  const given = seriesAndImage({ series, image });
  if (row !== undefined) given.push({ kind: 'row', values: Float64Array.from(row, (v) => v ?? Number.NaN) });
  if (score !== undefined) given.push({ kind: 'row', values: Float64Array.of(score) });
  const [only] = given;
  if (only === undefined || given.length > 1)
    throw invalid(
      'one-observation',
      'Send exactly one of series, row, score and image with a unit, or series and image of the same unit.',
    );
  return only;
}
