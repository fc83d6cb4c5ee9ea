import { prior } from '../priors.js';

/**
 * How plants differ, and what a whole cover adds to the seam of `../priors.ts`. Together the two files hold every
 * constant of the simulated line. Centres are those of `../priors.ts`, fixed earlier (docs/decisions/0008); the spreads
 * between plants are assumptions: nobody has published them. Fixed in docs/decisions/0020 before any controller ran.
 */
export interface Spread {
  /** `uniform`: a..b. `ln`: a x exp(b x normal). `normal`: a + b x normal. */
  readonly law: 'uniform' | 'ln' | 'normal';
  readonly a: number;
  readonly b: number;
  readonly unit: string;
  readonly source: string;
}

const assumed = (law: Spread['law'], a: number, b: number, unit: string): Spread => ({
  law,
  a,
  b,
  unit,
  source: 'assumed',
});

/** Drawn once a plant. */
export const LINE_PRIORS = {
  // Steering
  handling: assumed('uniform', 1e-4, 2.2e-4, '1/mm sd of the path against its template, new at each cover'),
  templateLow: assumed('normal', 0.01, 0, 'smallest share of the curve that the template misses'),
  templateHigh: assumed('uniform', 0.03, 0.06, 'largest share of the curve that the template misses'),
  compliance: assumed('ln', prior('steeringLag'), 0.25, 'mm'),
  steeringGain: assumed('ln', 1, 0.12, 'curvature at the needle per curvature asked for'),
  lookAhead: assumed('normal', prior('lookAhead'), 1.5, 'mm'),
  cameraNoise: assumed('ln', prior('lookAheadNoise'), 0.2, 'mm sd'),
  cameraBias: assumed('normal', 0, 0.08, 'mm'),
  lineNoise: assumed('ln', prior('lineNoise'), 0.2, 'mm sd per stitch'),
  lineKick: assumed('ln', prior('lineKick'), 0.25, 'mm sd at a cross seam'),
  placement: assumed('ln', prior('placement'), 0.2, 'mm sd where a person lays the parts'),
  // Thread
  frictionLotShare: assumed('uniform', 0.05, 0.15, 'sd between thread lots, share of the friction'),
  tensionWander: assumed('ln', prior('tensionWander'), 0.3, 'ln sd: lint and oil'),
  temperature: assumed('normal', prior('temperature'), 2, 'degC'),
  temperatureSwing: assumed('uniform', 1, 4, 'degC'),
  coversPerSpool: assumed('uniform', 300, 620, 'covers; 620 = the published spool at 2 m a cover'),
  bobbinFillShare: assumed('uniform', 0.02, 0.05, 'sd between bobbins, share of the stitches'),
  thickness: assumed('ln', 1, 0.05, 'thickness of the plies against the declared one'),
  breakHazard: assumed('ln', prior('breakHazard'), 0.4, 'per stitch'),
  skipHazard: assumed('ln', prior('skipHazard'), 0.4, 'per stitch'),
  wearRate: assumed('ln', 1, 0.2, 'needle wear against the declared one'),
  // Sensors
  consumptionGain: assumed('normal', 1, 0.015, 'reading / truth'),
  footGain: assumed('normal', 1, 0.02, 'reading / truth'),
  stripBias: assumed('normal', 0, 0.04, 'mm, of the camera that looks at the finished seam'),
} as const satisfies Record<string, Spread>;

export type PlantConstants = { readonly [K in keyof typeof LINE_PRIORS]: number };

const one = (value: number, unit: string, source = 'assumed') => ({ value, unit, source });

/** The same in all plants. */
export const LINE_CONSTANTS = {
  stitches: one(300, 'stitches a cover'),
  machines: one(2, 'machines a plant'),
  parts: one(4, 'part numbers a plant, the last one a safety part'),
  partLot: one(16, 'covers of one part number in a row'),
  curves: one(3, 'curves a path'),
  curveTightest: one(150, 'mm radius'),
  curveWidest: one(400, 'mm radius'),
  curveLengthLow: one(60, 'mm'),
  curveLengthHigh: one(160, 'mm'),
  guideLength: one(45, 'mm over which the mechanical guide halves an error, twice'),
  puckerFrom: one(0.018, '1/mm of steering that the material no longer takes'),
  puckerHazard: one(0.02, 'per stitch beyond it'),
  footNoise: one(0.08, 'mm sd'),
  stripStitches: one(8, 'stitches a picture: 32 mm'),
  stripNoise: one(0.1, 'mm sd of the offset measured in a picture'),
  needleSeconds: one(30, 's'),
} as const;

/** The bare number. */
export const lineConstant = (name: keyof typeof LINE_CONSTANTS): number => LINE_CONSTANTS[name].value;
