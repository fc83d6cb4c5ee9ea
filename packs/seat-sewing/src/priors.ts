/** Where a number comes from: a publication, or nobody has measured it in public. */
export interface Prior {
  readonly value: number;
  readonly unit: string;
  readonly source: string;
}

const assumed = (value: number, unit: string): Prior => ({ value, unit, source: 'assumed' });

/**
 * Constants of the simulated process, all of them in this file and fixed before any gate saw the seams
 * (docs/decisions/0008-built-in-cycles.md). None was fitted to a plant: figures made from it are labelled
 * `simulated`. [1] US patent 9,481,955 B2; [2] trade sources on seat top-stitching, 4-5 mm; [3] Mori and Niwa,
 * Int. J. Clothing Sci. Technol.: needle-thread tension up to about 200 gf; [4] maker's manual of a lockstitch
 * machine: bobbin tension about 25 g; [5] capstan equation; [6] trade sources on skipped stitches at cross seams;
 * [7] trade spools of bonded nylon T-135: 8 oz, 1,350 yd; [8] AUTEX Research J. 10(3): a skipped or broken stitch
 * draws less thread.
 */
export const PRIORS = {
  // The work
  stitchLength: { value: 4, unit: 'mm', source: '[2]' },
  stitchRate: assumed(20, 'stitches/s'),
  handling: assumed(25, 's from seam to seam'),
  backTackLength: assumed(2.4, 'mm'),
  backTackStitches: assumed(5, 'stitches at each end'),
  missingBackTackRate: assumed(0.005, 'per seam'),
  crossSeamRate: assumed(0.006, 'per stitch'),
  crossSeamStitches: assumed(3, 'stitches'),
  crossSeamPlies: assumed(2, 'plies more'),
  seamPlies: assumed(2, 'plies'),
  // Material
  plyThickness: assumed(1.3, 'mm'),
  seamsPerHide: assumed(14, 'seams'),
  hideThicknessShare: assumed(0.06, 'ln sd between hides'),
  withinHideShare: assumed(0.02, 'ln sd along a seam'),
  withinHideLength: assumed(130, 'mm over which thickness keeps to itself'),
  spoolLength: { value: 1234, unit: 'm', source: '[7]' },
  // Thread tension
  needleTension: { value: 140, unit: 'cN', source: 'below the 200 gf of [3]' },
  bobbinTension: { value: 25, unit: 'cN', source: '[4]' },
  friction: { value: 0.22, unit: '1', source: 'typical for [5]' },
  frictionLotShare: assumed(0.05, 'sd between thread lots, share of the friction'),
  wrapAngle: assumed(3.1, 'rad between the tension sensor and the needle'),
  tensionWander: assumed(0.08, 'ln sd: lint and oil in the thread guides'),
  tensionWanderKept: assumed(0.5, 'share that stays to the next seam'),
  tensionNoise: assumed(0.035, 'ln sd per stitch'),
  temperature: assumed(23, 'degC, mean of the workshop'),
  temperatureSwing: assumed(2, 'degC, amplitude over a day'),
  tensionPerDegree: assumed(-0.01, 'ln per degC'),
  bobbinStitches: assumed(9600, 'stitches on a full bobbin'),
  bobbinFillShare: assumed(0.02, 'sd between bobbins, share of the stitches'),
  bobbinReserve: assumed(0.03, 'share left when a planned change is due'),
  bobbinSetShare: assumed(0.05, 'ln sd of the tension from bobbin to bobbin'),
  bobbinEmptyRise: assumed(0.28, 'ln at an empty bobbin'),
  needleLife: assumed(96_000, 'stitches to a planned change: two shifts'),
  needleWearLife: assumed(150_000, 'stitches to a wear of 1'),
  wearTension: assumed(0.05, 'ln at a wear of 1'),
  actuatorLag: assumed(4, 'stitches'),
  // The stitch
  lockPerLogRatio: assumed(0.42, 'share of thickness per ln'),
  lockTolerance: assumed(0.14, 'share of thickness'),
  breakHazard: assumed(0.00004, 'per stitch'),
  breakPerLock: assumed(6, 'ln per share of thickness above the middle'),
  breakPerWear: assumed(1, 'ln at a wear of 1'),
  skipHazard: assumed(0.00004, 'per stitch'),
  skipAtCrossSeam: { value: 40, unit: 'times', source: 'assumed; the place is from [6]' },
  skipPerLock: assumed(10, 'ln per share of thickness'),
  skipLockFree: assumed(0.08, 'share of thickness off the middle without effect'),
  skipPerWear: assumed(1.2, 'ln at a wear of 1'),
  // The line
  lineTolerance: assumed(0.8, 'mm'),
  placement: assumed(0.25, 'mm sd where a person lays the parts'),
  placementHeading: assumed(0.004, 'rad sd'),
  lineKick: assumed(0.22, 'mm sd at a cross seam'),
  lineNoise: assumed(0.03, 'mm sd per stitch'),
  steeringLag: assumed(10, 'mm'),
  steeringLimit: assumed(0.03, '1/mm'),
  steeringPerOffset: assumed(0.0016, '1/mm per mm: set by hand once'),
  steeringPerHeading: assumed(0.06, '1/mm per rad: set by hand once'),
  lookAhead: { value: 15, unit: 'mm', source: 'assumed; steering by a camera ahead of the needle [1]' },
  lookAheadNoise: assumed(0.08, 'mm sd'),
  templateError: assumed(2.8e-4, '1/mm sd: handling 2.2e-4 and 3.5 % of a 200 mm curve, in quadrature'),
  templateLength: assumed(80, 'mm'),
  offLinePlies: assumed(0.8, 'plies that the foot no longer presses beyond the tolerance'),
  // Sensors
  consumptionSkipped: { value: 0.45, unit: 'share of a sound stitch', source: 'assumed; the sign from [8]' },
  consumptionBroken: { value: 0.15, unit: 'share of a sound stitch', source: 'assumed; the sign from [8]' },
  tensionSkipped: assumed(0.72, 'share of a sound stitch'),
  tensionBroken: assumed(0.08, 'share of a sound stitch'),
  consumptionNoise: assumed(0.28, 'mm sd'),
  tensionReadingNoise: assumed(4, 'cN sd'),
  torqueBase: assumed(42, 'N cm'),
  torquePerPly: assumed(9, 'N cm'),
  torqueBackTack: assumed(5, 'N cm'),
  torqueWear: assumed(6, 'N cm at a wear of 1'),
  torqueNoise: assumed(1.6, 'N cm sd'),
  // The person
  personSeesLock: assumed(0.15, 'lock point off by, share of thickness'),
  personSeesLockStitches: assumed(60, 'stitches'),
  personTensionGain: assumed(0.8, 'share of the error turned away at the knob'),
  personSeesLine: assumed(0.62, 'mm'),
  personSeesLineStitches: assumed(18, 'stitches'),
  personRealigns: assumed(0.1, 'mm sd left after laying the parts anew'),
  personSeesGap: assumed(15, 'stitches without a lock'),
  tensionSeconds: assumed(8, 's'),
  realignSeconds: assumed(12, 's'),
  rethreadSeconds: assumed(40, 's'),
  bobbinSeconds: assumed(25, 's'),
  resewSeconds: assumed(120, 's'),
} as const satisfies Record<string, Prior>;

export type PriorName = keyof typeof PRIORS;

/** The bare number of a prior. */
export const prior = (name: PriorName): number => PRIORS[name].value;
