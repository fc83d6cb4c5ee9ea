/** Ways in which a plant can lie outside of every prior. One file, so that nobody has to look for them. */
export const OUTSIDE = [
  { name: 'sensor-bias', what: 'the look-ahead camera reads 0.45 mm to one side' },
  { name: 'wrong-look-ahead', what: 'the camera looks 32 mm ahead where 15 mm are declared' },
  {
    name: 'mirrored-curve',
    what: 'the template of every part is fed in mirrored, at a quarter of its curvature',
  },
  {
    name: 'sticky-hide',
    what: 'the material follows the handler at half and late, and slips without notice',
  },
  {
    name: 'wrong-thread',
    what: 'thread of another make: more friction, a third more pull at the lock, a feeler that reads 8 % high',
  },
  {
    name: 'camera-half-dark',
    what: 'the camera sees nothing in half of the stretches, and is noisy in the rest',
  },
] as const;

export type OutsideName = (typeof OUTSIDE)[number]['name'];

/** What the outside plants change. All are neutral in a plant inside the priors. */
export interface Oddities {
  /** mm added to the camera's reading. */
  readonly cameraBias: number;
  /** mm in place of the drawn look-ahead; null = as drawn. */
  readonly lookAhead: number | null;
  /** Share of the path's curvature that is missed on top of the template error. */
  readonly mirrored: number;
  /** Factors on steering gain and compliance length; probability a stitch of a slip, and its size (mm sd). */
  readonly follow: number;
  readonly late: number;
  readonly slipRate: number;
  readonly slip: number;
  /** Factors on the thread's friction, on the lock's answer to the ratio, and on the feeler of thread consumption. */
  readonly friction: number;
  readonly lock: number;
  readonly feeler: number;
  /** Share of the 40-stitch stretches without a picture, and a factor on the noise of the rest. */
  readonly dark: number;
  readonly noise: number;
}

const NEUTRAL: Oddities = {
  cameraBias: 0,
  lookAhead: null,
  mirrored: 0,
  follow: 1,
  late: 1,
  slipRate: 0,
  slip: 0,
  friction: 1,
  lock: 1,
  feeler: 1,
  dark: 0,
  noise: 1,
};

const ODD: Readonly<Record<OutsideName, Partial<Oddities>>> = {
  'sensor-bias': { cameraBias: 0.45 },
  'wrong-look-ahead': { lookAhead: 32 },
  'mirrored-curve': { mirrored: 0.25 },
  'sticky-hide': { follow: 0.5, late: 2.5, slipRate: 0.01, slip: 0.25 },
  'wrong-thread': { friction: 1.25, lock: 1.33, feeler: 1.08 },
  'camera-half-dark': { dark: 0.5, noise: 2 },
};

export const odditiesOf = (name: OutsideName | null): Oddities =>
  name === null ? NEUTRAL : { ...NEUTRAL, ...ODD[name] };
