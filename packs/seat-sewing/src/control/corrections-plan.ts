import type { OpeningBudget } from '@selvedge/core';
import { prior } from '../priors.js';

/** What the owner signed, with the lengths of the steps in covers of a machine's non-safety parts. */
export interface CorrectionsPlan {
  /** alpha = smallest budget that is signed: see `largestAlpha`; delta = of a machine, shared by its settings and their attempts. */
  readonly budget: OpeningBudget;
  /** With the lease the owner signs the share of covers that were out in shadow, between `budget.alpha` and this. */
  readonly largestAlpha: number;
  /** mm: a cover is out where a picture of its seam shows more; share of thickness likewise where the threads lock. */
  readonly tolerance: number;
  readonly lockTolerance: number;
  readonly shadowCovers: number;
  /** After opening one pair of covers in so many is still drawn by the coin. */
  readonly pairEvery: number;
  /** Attempts of a setting, and covers between a trial that ended without proof and the next. */
  readonly attempts: number;
  readonly againAfter: number;
  /** Acts that the corrected halves cost more than those left alone, from which corrections stop: so many and two sd. */
  readonly maxCost: number;
  /** Error of stopping a trial whose corrections are no worse, because its pairs speak for the incumbent. */
  readonly doubt: number;
}

export const CORRECTIONS_PLAN: CorrectionsPlan = {
  budget: { alpha: 0.1, delta: 0.05 },
  largestAlpha: 0.25,
  tolerance: prior('lineTolerance'),
  lockTolerance: prior('lockTolerance'),
  shadowCovers: 48,
  pairEvery: 6,
  attempts: 4,
  againAfter: 240,
  maxCost: 5,
  doubt: 0.2,
};
