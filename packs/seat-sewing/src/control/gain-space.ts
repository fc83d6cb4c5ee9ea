import { prior } from '../priors.js';
import type { AdviserGains } from './adviser.js';
import type { PidGains } from './pid.js';

/** A gain in the search: where it starts (set by hand once) and how far it may go. Searched in logarithms. */
interface Range {
  readonly start: number;
  readonly low: number;
  readonly high: number;
}

const PID: Readonly<Record<keyof PidGains, Range>> = {
  offset: { start: prior('steeringPerOffset'), low: 1e-5, high: 0.05 },
  change: { start: 0.02, low: 1e-5, high: 1 },
  sum: { start: 2e-5, low: 1e-8, high: 0.01 },
  filter: { start: 0.5, low: 0.02, high: 1 },
  trim: { start: 0.1, low: 1e-4, high: 1 },
  tension: { start: 0.5, low: 0.001, high: 20 },
  tensionSum: { start: 0.01, low: 1e-5, high: 0.2 },
  bobbinReserve: { start: 0.08, low: 0.005, high: 0.5 },
  needleStitches: { start: prior('needleLife'), low: 3000, high: 200_000 },
};

const ADVISER: Readonly<Record<keyof AdviserGains, Range>> = {
  commandWeight: { start: 5e4, low: 100, high: 1e8 },
  headingWeight: { start: 100, low: 0.1, high: 1e6 },
  cancel: { start: 0.8, low: 0.01, high: 1 },
  learnLeast: { start: 0.1, low: 0.001, high: 0.6 },
  learnLate: { start: 6, low: 0.5, high: 30 },
  learnSmooth: { start: 5, low: 0.5, high: 30 },
  preview: { start: 3, low: 0.3, high: 15 },
  trim: { start: 0.1, low: 1e-4, high: 1 },
  ratio: { start: 0.003, low: 1e-5, high: 0.05 },
  bobbinReserve: { start: 0.06, low: 0.005, high: 0.5 },
  needleStitches: { start: prior('needleLife'), low: 3000, high: 200_000 },
};

const decoded = <T>(space: Readonly<Record<string, Range>>, at: ArrayLike<number>): T =>
  Object.fromEntries(
    Object.entries(space).map(([name, { start, low, high }], i) => [
      name,
      Math.min(high, Math.max(low, start * Math.exp(at[i] ?? 0))),
    ]),
  ) as T;

export const PID_DIMENSIONS = Object.keys(PID).length;
export const ADVISER_DIMENSIONS = Object.keys(ADVISER).length;

/** Gains at a point of the search; the origin is the hand-set start. */
export const pidGainsAt = (at: ArrayLike<number> = []): PidGains => decoded(PID, at);
/** The adviser sits on a PID: planned work starts from what was tuned there. */
export const adviserGainsAt = (at: ArrayLike<number> = [], pid: PidGains = pidGainsAt()): AdviserGains =>
  decoded(
    {
      ...ADVISER,
      bobbinReserve: { ...ADVISER.bobbinReserve, start: pid.bobbinReserve },
      needleStitches: { ...ADVISER.needleStitches, start: pid.needleStitches },
    },
    at,
  );
