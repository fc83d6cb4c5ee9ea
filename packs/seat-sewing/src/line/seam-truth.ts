import type { SeamLabel } from '../manifest.js';
import { labelOf, STITCH } from '../truth.js';

/** A stitch that the material did not take: beside {@link STITCH}, whose bits keep their meaning. */
export const PUCKER = 64;

export type LineLabel = SeamLabel | 'pucker';

/** The class of a finished seam: pucker counts where nothing graver is wrong. */
export function lineLabelOf(truth: Uint8Array): LineLabel {
  const label = labelOf(truth);
  if (label !== 'good') return label;
  return truth.some((t) => t & PUCKER) ? 'pucker' : 'good';
}
