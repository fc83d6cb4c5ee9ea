import { type Prepare, prepareSeries } from '../engine/prepare.js';
import { prepare as preparePictures } from '../image/prepare.js';
import type { Observation } from '../observe/observation.js';

/**
 * `inputShape` is that of the series followed by that of the picture. A unit of which one part is missing or damaged is
 * not in the batch: half of what was seen makes no score.
 */
export const prepare: Prepare = async (units, [length = 0, channels = 1, side = 0, colours = 3]) => {
  const faults = units.map((unit): string | undefined =>
    unit.kind === 'pair' ? undefined : `expected a pair, got ${unit.kind}`,
  );
  const left = (): number[] => units.flatMap((_, i) => (faults[i] === undefined ? [i] : []));
  const partsOf = <K extends 'series' | 'image'>(indices: readonly number[], part: K): Observation[] =>
    indices.flatMap((i) => {
      const unit = units[i];
      return unit?.kind === 'pair' ? [unit[part]] : [];
    });
  const note = (indices: readonly number[], found: readonly (string | undefined)[]): void => {
    indices.forEach((i, k) => {
      faults[i] = found[k];
    });
  };
  const shape = [length, channels];
  const pairs = left();
  // Traces first: they are cheap to look at, and a picture whose trace is damaged need not be decoded.
  note(pairs, (await prepareSeries(partsOf(pairs, 'series'), shape)).faults);
  const sound = left();
  const pictures = await preparePictures(partsOf(sound, 'image'), [side, colours]);
  note(sound, pictures.faults);
  const rows = left();
  const { feeds } = await prepareSeries(partsOf(rows, 'series'), shape);
  const { x: series, ...rest } = feeds;
  const { x: picture, ...others } = pictures.feeds;
  return {
    feeds: {
      ...(series === undefined ? {} : { series }),
      ...rest,
      ...(picture === undefined ? {} : { picture }),
      ...others,
    },
    rows,
    faults,
  };
};
