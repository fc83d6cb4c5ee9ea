import type { AdviserGains } from './adviser.js';
import type { PidGains } from './pid.js';

/** A gain in the search: where it starts (set by hand once, then where a first search ended: docs/decisions/0020) and how far it may go. Searched in logarithms. */
interface Range {
  readonly start: number;
  readonly low: number;
  readonly high: number;
}

const PID: Readonly<Record<keyof PidGains, Range>> = {
  offset: { start: 0.002, low: 1e-5, high: 0.05 },
  change: { start: 0.05, low: 1e-5, high: 1 },
  sum: { start: 1.4e-5, low: 1e-8, high: 0.01 },
  filter: { start: 0.9, low: 0.02, high: 1 },
  trim: { start: 0.35, low: 1e-4, high: 1 },
  tension: { start: 3, low: 0.001, high: 20 },
  tensionSum: { start: 0.025, low: 1e-5, high: 0.2 },
  bobbinReserve: { start: 0.07, low: 0.005, high: 0.5 },
  needleStitches: { start: 12_000, low: 3000, high: 200_000 },
};

const ADVISER: Readonly<Record<keyof AdviserGains, Range>> = {
  commandWeight: { start: 5000, low: 100, high: 1e8 },
  headingWeight: { start: 8, low: 0.1, high: 1e6 },
  cancel: { start: 0.95, low: 0.01, high: 1 },
  learnLeast: { start: 0.05, low: 0.001, high: 0.6 },
  learnLate: { start: 16, low: 0.5, high: 30 },
  learnSmooth: { start: 2, low: 0.5, high: 30 },
  preview: { start: 2, low: 0.3, high: 15 },
  trim: { start: 0.5, low: 1e-4, high: 1 },
  ratio: { start: 0.006, low: 1e-5, high: 0.05 },
  bobbinReserve: { start: 0.07, low: 0.005, high: 0.5 },
  needleStitches: { start: 12_000, low: 3000, high: 200_000 },
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

/** Gains at a point of the search; the origin is the start. */
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
