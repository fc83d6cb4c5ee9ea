import type { Warning } from '@selvedge/core/records';
import type { Split } from '../dataset/split.js';
import type { ReplayOptions } from '../replay/options.js';
import { duplicateWarnings } from './duplicates.js';
import { rowOrderWarnings } from './row-order.js';
import { shortcutWarnings } from './shortcuts.js';
import { tooFewBad } from './too-few-bad.js';

/** Everything that makes a figure of a data set look better than it is. */
export async function checkQuality(split: Split, options: ReplayOptions): Promise<Warning[]> {
  const units = [...split.fit, ...split.calibrate, ...split.stream];
  return [
    ...(await duplicateWarnings(units, options)),
    ...(await shortcutWarnings(units, options)),
    ...rowOrderWarnings(new Set(units.map((ref) => ref.data))),
    ...tooFewBad(split.calibrate, options),
  ];
}
