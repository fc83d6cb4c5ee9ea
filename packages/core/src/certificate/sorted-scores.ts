import { requireSameLength } from '../bounds/range.js';

/** Scores and labels of one calibration set; higher score = worse, bad = true or 1. */
export interface Labelled {
  readonly scores: ArrayLike<number>;
  readonly bad: ArrayLike<boolean | number>;
}

/** Number of points of the threshold grid. */
export const GRID = 100;

/** Scores in ascending order, all of them and those of the bad (or good) units. */
export interface SortedScores {
  readonly all: Float64Array;
  readonly lost: Float64Array;
}

/**
 * Sorts the scores of all units and of the units that an automatic decision could get wrong. Two sorts of plain
 * numbers cost less than one sort of pairs, and thresholds need counts only.
 *
 * @throws RangeError if the lists differ in length or a score is NaN.
 */
export const sortScores = ({ scores, bad }: Labelled, lossOf: 'bad' | 'good'): SortedScores => {
  requireSameLength('scores and bad', scores, bad);
  const n = scores.length;
  const all = Float64Array.from(scores);
  const lost = new Float64Array(n);
  let count = 0;
  for (let i = 0; i < n; i += 1) {
    const score = all[i]!;
    if (Number.isNaN(score)) throw new RangeError(`score ${i} is NaN`);
    if (Boolean(bad[i]) === (lossOf === 'bad')) {
      lost[count] = score;
      count += 1;
    }
  }
  return { all: all.sort(), lost: lost.subarray(0, count).sort() };
};

/** How many of the ascending values are <= limit. */
export const countUpTo = (ascending: Float64Array, limit: number): number => {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** One threshold of the grid with the units that it decides: ties with the threshold included. */
export interface GridPoint {
  /** 0..99: the threshold is the floor((index + 1) n / 100)-th score from the safe end. */
  readonly index: number;
  readonly threshold: number;
  /** Units decided automatically. */
  readonly n: number;
  /** Units decided automatically and wrongly. */
  readonly k: number;
}

/** The grid of accept thresholds (score <= threshold), ascending; points without a unit are left out. */
export const acceptGrid = ({ all, lost }: SortedScores): GridPoint[] => {
  const points: GridPoint[] = [];
  for (let index = 0; index < GRID; index += 1) {
    const rank = Math.floor(((index + 1) * all.length) / GRID);
    if (rank === 0) continue;
    const threshold = all[rank - 1]!;
    points.push({ index, threshold, n: countUpTo(all, threshold), k: countUpTo(lost, threshold) });
  }
  return points;
};
