import { requireShare } from '../bounds/range.js';

/** Multiples of the budget that the detector looks for. */
export const HARM_MULTIPLES = [2, 4, 8, 16] as const;

/** Beyond this nothing changes any decision; it keeps the state finite and so readable as JSON. */
const CEILING = 1e300;

/** Shiryaev-Roberts statistics of the harm detector, one for each of the multiples 2, 4, 8, 16. All >= 0. */
export type HarmState = readonly [number, number, number, number];

/** The state before the first audit: nothing seen. */
export const harmStart = (): HarmState => [0, 0, 0, 0];

/**
 * The state after one more audit: R_c <- (R_c + 1) LR with LR of rate c alpha (at most .9) against alpha.
 * While the rate is at most alpha the mean of the four grows by at most 1 an audit on average, so the mean
 * time until it reaches a threshold is at least that threshold in audits (ARL). Source: GATE section 5;
 * Shin, Ramdas and Rinaldo (2024), e-detectors.
 *
 * LR - 1 is a multiple of L - alpha, so with audits drawn at unequal probabilities 1 + w (LR - 1) is as fair given the
 * audit: E[w (L - alpha) | audited] = floor (R - alpha) / E p (see `weightedLog`), and the mean time still counts audits.
 *
 * @param weight lowest audit probability of that moment over the unit's own, in (0, 1].
 * @throws RangeError unless 0 < alpha < .9.
 */
export const harmStep = (state: HarmState, bad: boolean, alpha: number, weight = 1): HarmState => {
  requireShare('alpha', alpha / 0.9);
  const next = (index: 0 | 1 | 2 | 3): number => {
    const theta = Math.min(HARM_MULTIPLES[index] * alpha, 0.9);
    const full = bad ? theta / alpha : (1 - theta) / (1 - alpha);
    const ratio = weight === 1 ? full : 1 + weight * (full - 1);
    return Math.min((state[index] + 1) * ratio, CEILING);
  };
  return [next(0), next(1), next(2), next(3)];
};

/** What is compared with the thresholds: the mean of the four statistics. */
export const harmStatistic = (state: HarmState): number => (state[0] + state[1] + state[2] + state[3]) / 4;
