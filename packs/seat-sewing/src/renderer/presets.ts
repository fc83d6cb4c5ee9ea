import type { Camera, Material, Thread } from './scene.js';

/** Materials to begin with; all constants are assumed, chosen by eye beside photographs of seams. */
export const MATERIALS = {
  blackLeather: {
    kind: 'leather',
    grainSeed: 1,
    colour: [0.028, 0.028, 0.031],
    grainMm: 0.62,
    reliefMm: 0.04,
    gloss: 0.1,
    sharpness: 4,
  },
  tanLeather: {
    kind: 'leather',
    grainSeed: 2,
    colour: [0.36, 0.17, 0.075],
    grainMm: 0.75,
    reliefMm: 0.045,
    gloss: 0.09,
    sharpness: 4,
  },
  redLeather: {
    kind: 'leather',
    grainSeed: 3,
    colour: [0.42, 0.018, 0.028],
    grainMm: 0.55,
    reliefMm: 0.032,
    gloss: 0.06,
    sharpness: 4,
  },
  greyWoven: {
    kind: 'woven',
    grainSeed: 4,
    colour: [0.2, 0.21, 0.22],
    weft: [0.13, 0.14, 0.15],
    grainMm: 0.75,
    reliefMm: 0.16,
    gloss: 0.02,
    sharpness: 3,
  },
  beigeWoven: {
    kind: 'woven',
    grainSeed: 5,
    colour: [0.45, 0.32, 0.19],
    weft: [0.36, 0.25, 0.14],
    grainMm: 1.1,
    reliefMm: 0.2,
    gloss: 0.03,
    sharpness: 3,
  },
} as const satisfies Record<string, Material>;

/** Bonded thread of about Tex 210 (.5 mm) and Tex 135 (.42 mm); turns per metre and gloss are assumed. */
export const THREADS = {
  white: { colour: [0.72, 0.7, 0.64], diameterMm: 0.5, pitchMm: 2.4, gloss: 0.16 },
  grey: { colour: [0.3, 0.31, 0.32], diameterMm: 0.5, pitchMm: 2.4, gloss: 0.14 },
  black: { colour: [0.02, 0.02, 0.022], diameterMm: 0.5, pitchMm: 2.4, gloss: 0.14 },
  red: { colour: [0.45, 0.02, 0.03], diameterMm: 0.42, pitchMm: 2, gloss: 0.14 },
  yellow: { colour: [0.72, 0.36, 0.04], diameterMm: 0.42, pitchMm: 2, gloss: 0.14 },
} as const satisfies Record<string, Thread>;

/** What goes wrong with a camera. */
export const CAMERA_FAULTS = {
  halfDark: { halfDark: 0.96 },
  outOfFocus: { defocusPx: 5 },
} as const satisfies Record<string, Partial<Camera>>;
