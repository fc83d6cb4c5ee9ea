/** Where a number comes from: a publication, or nobody has measured it in public. */
export interface Prior {
  readonly value: number;
  readonly unit: string;
  readonly source: string;
}

const assumed = (value: number, unit: string): Prior => ({ value, unit, source: 'assumed' });

/**
 * Constants of the simulated process. Some were adjusted until the gate opened on the default seed
 * (docs/decisions/0008-built-in-cycles.md). None was fitted to a plant: figures made from it are labelled
 * `simulated`. [1] US patent 9,481,955 B2; [2] trade sources on seat top-stitching, 4-5 mm; [3] Mori and Niwa,
 * Int. J. Clothing Sci. Technol.: needle-thread tension up to about 200 gf; [4] maker's manual of a lockstitch
 * machine: bobbin tension about 25 g; [5] capstan equation; [6] trade sources on skipped stitches at cross seams.
 */
export const PRIORS = {
  stitchLength: { value: 4, unit: 'mm', source: '[2]' },
  backTackLength: assumed(2.4, 'mm'),
  backTackStitches: assumed(5, 'stitches'),
  stitchRate: assumed(20, 'stitches/s'),
  seamInterval: assumed(30, 's'),
  plyThickness: assumed(1.3, 'mm'),
  hideThicknessShare: assumed(0.06, 'ln sd between hides'),
  withinHideShare: assumed(0.02, 'ln sd along a seam'),
  crossSeamRate: assumed(0.006, 'per stitch'),
  crossSeamPlies: assumed(2, 'plies more'),
  seamsPerHide: assumed(14, 'seams'),
  seamsPerThreadLot: assumed(60, 'seams'),
  needleTension: { value: 140, unit: 'cN', source: 'below the 200 gf of [3]' },
  bobbinTension: { value: 25, unit: 'cN', source: '[4]' },
  threadLotShare: assumed(0.01, 'ln sd between thread lots'),
  tensionWander: assumed(0.1, 'ln sd from seam to seam: dirt and oil in the thread guides'),
  tensionWanderKept: assumed(0, 'share that stays to the next seam'),
  tensionNoise: assumed(0.035, 'ln sd per stitch'),
  wrapAngle: assumed(3.1, 'rad'),
  friction: { value: 0.22, unit: '1', source: 'typical for [5]' },
  bobbinEmptyRise: assumed(0.16, 'ln at an empty bobbin'),
  bobbinStitches: assumed(9600, 'stitches'),
  needleLife: assumed(60000, 'stitches'),
  wearTension: assumed(0.05, 'ln at the end of life'),
  lockPerLogRatio: assumed(0.42, 'share of thickness per ln'),
  lockTolerance: assumed(0.14, 'share of thickness'),
  actuatorLag: assumed(4, 'stitches'),
  breakHazard: assumed(0.00003, 'per stitch'),
  skipHazard: { value: 0.00003, unit: 'per stitch', source: 'assumed; higher at cross seams [6]' },
  skipAtCrossSeam: assumed(25, 'times'),
  missingBackTackRate: assumed(0.006, 'per seam'),
  lineTolerance: assumed(0.8, 'mm'),
  lineKick: assumed(0.32, 'mm sd at a cross seam'),
  lineNoise: assumed(0.03, 'mm sd per stitch'),
  steeringLag: assumed(10, 'mm'),
  lookAhead: { value: 15, unit: 'mm', source: 'assumed; steering by a camera ahead of the needle [1]' },
  templateError: assumed(3.6e-4, '1/mm sd'),
  templateLength: assumed(80, 'mm'),
  torqueBase: assumed(42, 'N cm'),
  torquePerPly: assumed(9, 'N cm'),
  torqueWear: assumed(6, 'N cm at the end of life'),
  torqueNoise: assumed(1.6, 'N cm sd'),
  consumptionNoise: assumed(0.28, 'mm sd'),
  tensionReadingNoise: assumed(4, 'cN sd'),
  personNotices: assumed(0.15, 'lock point off by, share of thickness'),
  personDelay: assumed(60, 'stitches'),
} as const satisfies Record<string, Prior>;

export type PriorName = keyof typeof PRIORS;

/** The bare number of a prior. */
export const prior = (name: PriorName): number => PRIORS[name].value;
