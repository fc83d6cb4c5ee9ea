import { binomialUpper } from '../bounds/binomial.js';

/** Seeds that must have been read before a bound speaks of truth. */
export const SEEDS_FOR_TRUTH = 60;

/** What a bound from audits is about. */
export type Meaning = 'truth' | 'agreement with operators';

/** Below 60 read seeds nobody knows how often the readers miss: the audits measure agreement. */
export const meaningOf = (seeded: number): Meaning =>
  seeded < SEEDS_FOR_TRUTH ? 'agreement with operators' : 'truth';

/**
 * Upper bound of the true rate when readers miss bad units: min(1, U_measured / (1 - U_miss)). The two bounds must
 * share delta (half each). Assumes that readers miss, never invent, and that seeds are as hard as live bad units.
 *
 * @param measured upper bound of the rate at which audits find bad units, 0..1.
 * @param missed upper bound of the rate at which readers miss seeded bad units, 0..1.
 */
export const correctForMisses = (measured: number, missed: number): number =>
  missed >= 1 ? 1 : Math.min(1, measured / (1 - missed));

/**
 * The seeded bound of a fixed number of audits: exact binomial bounds of both rates at delta / 2 each (GATE section
 * 10). With fewer than 60 seeds: the plain bound at delta, with the meaning that it then has.
 *
 * @throws RangeError unless counts are whole and in order and 0 < delta < 1.
 */
export const seededUpper = (options: {
  readonly bad: number;
  readonly audited: number;
  readonly missed: number;
  readonly seeded: number;
  readonly delta: number;
}): { upper: number; meaning: Meaning } => {
  const { bad, audited, missed, seeded, delta } = options;
  const meaning = meaningOf(seeded);
  if (meaning !== 'truth') return { upper: binomialUpper(bad, audited, delta), meaning };
  const half = delta / 2;
  return {
    upper: correctForMisses(binomialUpper(bad, audited, half), binomialUpper(missed, seeded, half)),
    meaning,
  };
};
