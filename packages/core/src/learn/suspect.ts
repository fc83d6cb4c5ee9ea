import { requireSameLength } from '../bounds/range.js';

/** A label that the other labels speak against. */
export interface Suspect {
  readonly index: number;
  readonly given: 'bad' | 'good';
  /** Out-of-fold probability of the given label, 0..1: the lower, the more suspect. */
  readonly probability: number;
}

export interface Suspects {
  /** Most suspect first. */
  readonly suspects: readonly Suspect[];
  /** How many right labels would be suspected too: with right probabilities and no wrong label the list has this length on average [A]. */
  readonly expectedByChance: number;
}

/**
 * Labels to look at once more (rule LN-7), by confident learning (Northcutt, Jiang and Chuang 2021, JAIR 70, eq. 1-2):
 * a unit is suspect where the other class's probability reaches the mean that units of that class have themselves, and
 * is the larger of the two.
 *
 * @param options.probability probability of bad of each unit from a fit that has not seen it, calibrated, 0..1.
 * @param options.bad the labels that were given.
 * @returns none where one of the classes is absent: then nothing speaks for it.
 * @throws RangeError on lists of unequal length or a probability outside [0, 1].
 */
export const suspects = ({
  probability,
  bad,
}: {
  readonly probability: ArrayLike<number>;
  readonly bad: readonly boolean[];
}): Suspects => {
  requireSameLength('probability and bad', probability, bad);
  const chances = Array.from(probability);
  const outside = chances.findIndex((p) => !(p >= 0 && p <= 1));
  if (outside !== -1)
    throw new RangeError(`probability ${outside} is ${probability[outside]}, outside of [0, 1]`);
  if (!bad.includes(true) || !bad.includes(false)) return { suspects: [], expectedByChance: 0 };
  const mean = (given: boolean): number => {
    const own = chances.filter((_, i) => bad[i] === given).map((p) => (given ? p : 1 - p));
    return own.reduce((sum, p) => sum + p, 0) / own.length;
  };
  const [usualBad, usualGood] = [mean(true), mean(false)];
  const speaksBad = (p: number): boolean => p > 0.5 && p >= usualBad;
  const speaksGood = (p: number): boolean => p < 0.5 && 1 - p >= usualGood;
  const found = chances.flatMap((p, index): Suspect[] => {
    if (bad[index] ? !speaksGood(p) : !speaksBad(p)) return [];
    return [{ index, given: bad[index] ? 'bad' : 'good', probability: bad[index] ? p : 1 - p }];
  });
  found.sort((a, b) => a.probability - b.probability);
  // A unit with probability p is good with chance 1 - p although it speaks for bad, and the other way round.
  const expectedByChance = chances.reduce(
    (sum, p) => sum + (speaksBad(p) ? 1 - p : 0) + (speaksGood(p) ? p : 0),
    0,
  );
  return { suspects: found, expectedByChance };
};
