import { WORDS } from './words.js';

/** What a seam can be. */
export const SEAM_CLASSES = [
  { name: 'good' },
  { name: 'skip' },
  { name: 'broken' },
  { name: 'loose' },
  { name: 'tight' },
  { name: 'off-line' },
  { name: 'missing-back-tack' },
] as const;

export type SeamLabel = (typeof SEAM_CLASSES)[number]['name'];

/** The pack in data: what the general rooms need to know of this industry. */
export const MANIFEST = {
  name: 'seat-sewing',
  unit: 'seam',
  classes: SEAM_CLASSES,
  /** Names in other languages of everything above and of what people do by hand. */
  words: WORDS,
  /**
   * What is sewn. On a safety part a model may only add a stop, never pass or dismiss on its own word: the tear
   * seam over an airbag has to give way as designed. The simulated cycles are of the first part.
   */
  parts: [
    { name: 'cushion top-stitch', safety: false },
    { name: 'airbag tear seam', safety: true },
  ],
  channels: [
    { name: 'thread consumption', unit: 'mm per stitch' },
    { name: 'needle-thread tension', unit: 'cN' },
    { name: 'motor torque', unit: 'N cm' },
  ],
  /** Bounds inside which a setting may ever be moved, whoever proposes it. */
  settings: [
    { name: 'needle-thread tension', unit: 'cN', low: 80, high: 220 },
    { name: 'lateral steering', unit: '1/mm', low: -0.03, high: 0.03 },
  ],
} as const;
