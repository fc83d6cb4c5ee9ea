import { requireSameLength } from '../bounds/range.js';
import { jumperStart, jumperStep } from './jumper.js';
import { Ranker } from './ranker.js';

/** Which units the score martingale observes. */
export interface WatchRule {
  /** The first unit of each group instead of every unit. */
  readonly perGroup: boolean;
  /** One of this many units (or groups) is observed. */
  readonly every: number;
  /** False where even the sparsest rule did not stay quiet: the scores moved while they were collected. */
  readonly quiet: boolean;
}

/** Wealth that exchangeable scores reach in at most one path of twenty (Ville). */
const LOUD = Math.log(20);
/** Share of paths that may be loud. */
const LOUD_SHARE = 0.1;
/** Fewest observations from which a rule is judged. */
const FEWEST = 30;

/**
 * Chooses the martingale's unit of observation on scores that were collected before it is needed (a calibration
 * set). Neighbours that are alike (a worn tool, a slow setting, a lot) make it alarm although nothing changed; the
 * martingale itself says so when it is run over the calibration scores. Of every unit, every 2nd, 4th, 8th … the
 * densest is taken of whose paths at most a tenth ever reach wealth 20: one path for each offset, each of the two
 * statistics and each direction of time. Exchangeable scores reach it in at most 5 % of the paths, so a rule too
 * sparse costs power, never validity. [H]: a dependence that the calibration set does not show is not found.
 *
 * @param options `scores` in order of arrival, no NaN; `groups` of the same length, or null; `perGroup` true where
 *   scores of one group are known to be alike; `middle` a typical good score; `rng` independent uniforms on [0, 1).
 * @throws RangeError on unequal lengths or NaN.
 */
export const chooseWatchRule = (options: {
  readonly scores: Float64Array;
  readonly groups: readonly string[] | null;
  readonly perGroup: boolean;
  readonly middle: number;
  readonly rng: () => number;
}): WatchRule => {
  const { scores, groups, middle, rng } = options;
  if (groups !== null) requireSameLength('groups and scores', groups, scores);
  const perGroup = options.perGroup && groups !== null;
  const level = perGroup ? scores.filter(firstOfGroup(groups)) : scores;
  const spread = level.map((score) => Math.abs(score - middle));
  let every = 1;
  for (;;) {
    let paths = 0;
    let loud = 0;
    for (let offset = 0; offset < every; offset += 1) {
      for (const values of [level, spread]) {
        const path = values.filter((_, i) => i % every === offset);
        for (const directed of [path, path.toReversed()]) {
          paths += 1;
          if (reaches(directed, LOUD, rng)) loud += 1;
        }
      }
    }
    if (loud <= LOUD_SHARE * paths) return { perGroup, every, quiet: true };
    if (level.length / (2 * every) < FEWEST) return { perGroup, every, quiet: false };
    every *= 2;
  }
};

/** Tells of each unit in order of arrival whether the rule observes it. Units without a score are to be left out. */
export const observer = ({ perGroup, every }: WatchRule): ((group: string | null) => boolean) => {
  const seen = new Set<string>();
  let count = 0;
  return (group) => {
    if (perGroup && group !== null) {
      if (seen.has(group)) return false;
      seen.add(group);
    }
    count += 1;
    return (count - 1) % every === 0;
  };
};

const firstOfGroup = (groups: readonly string[]): ((score: number, index: number) => boolean) => {
  const seen = new Set<string>();
  return (_, index) => {
    const group = groups[index]!;
    if (seen.has(group)) return false;
    seen.add(group);
    return true;
  };
};

const reaches = (scores: Float64Array, wealth: number, rng: () => number): boolean => {
  const ranker = new Ranker();
  let state = jumperStart();
  for (const score of scores) {
    state = jumperStep(state, ranker.next(score, rng()));
    if (state.logWealth >= wealth) return true;
  }
  return false;
};
