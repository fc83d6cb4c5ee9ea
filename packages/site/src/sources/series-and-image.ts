import type { Observation } from '@selvedge/models';

/**
 * A trace, a picture, or the pair that the two make; nothing where neither is there.
 *
 * @param given `series`: one list of readings a sample, all of one length; `image`: an encoded picture in base64.
 */
export function seriesAndImage({
  series,
  image,
}: {
  readonly series?: readonly (readonly number[])[] | undefined;
  readonly image?: string | undefined;
}): Observation[] {
  const trace =
    series === undefined
      ? null
      : ({
          kind: 'series',
          channels: series[0]?.length ?? 1,
          values: Float32Array.from(series.flat()),
        } as const);
  const picture =
    image === undefined ? null : ({ kind: 'image', source: Buffer.from(image, 'base64') } as const);
  if (trace !== null && picture !== null) return [{ kind: 'pair', series: trace, image: picture }];
  return [trace, picture].filter((one) => one !== null);
}
