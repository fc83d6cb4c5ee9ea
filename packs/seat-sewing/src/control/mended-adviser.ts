import type { AdviserGains } from './adviser.js';
import { TUNED_ADVISER } from './tuned-gains.generated.js';

/**
 * The adviser of the repeated study: the tuned gains, but for four that were set by hand on development plants after the
 * identification and the trim had been mended (docs/decisions/0020): the search of the first study ended at a regulator
 * slower than the PID, with a learner later than its estimator. No optimiser ran again.
 */
export const MENDED_ADVISER: AdviserGains = {
  ...TUNED_ADVISER,
  commandWeight: 1500,
  learnLate: 6,
  learnSmooth: 6,
  trim: 0.2,
};
