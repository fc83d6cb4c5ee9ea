/** What a seam can be. A model may never pass or dismiss a safety class on its own word. */
export const SEAM_CLASSES = [
  { name: 'good', safety: false },
  { name: 'skip', safety: false },
  { name: 'broken', safety: false },
  { name: 'loose', safety: false },
  { name: 'tight', safety: false },
  { name: 'off-line', safety: false },
  { name: 'missing-back-tack', safety: false },
] as const;

export type SeamLabel = (typeof SEAM_CLASSES)[number]['name'];

/** The pack in data: what the general rooms need to know of this industry. */
export const MANIFEST = {
  name: 'seat-sewing',
  unit: 'seam',
  classes: SEAM_CLASSES,
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
