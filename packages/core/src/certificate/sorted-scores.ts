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
  const all = new Float64Array(n);
  const lost = new Float64Array(n);
  let count = 0;
  for (let i = 0; i < n; i += 1) {
    const score = scores[i]!;
    all[i] = score;
    if (Number.isNaN(score)) throw new RangeError(`score ${i} is NaN`);
    if (Boolean(bad[i]) === (lossOf === 'bad')) {
      lost[count] = score;
      count += 1;
    }
  }
  return { all: all.sort(), lost: lost.subarray(0, count).sort() };
};

const count = (ascending: Float64Array, before: (value: number) => boolean): number => {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (before(ascending[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** How many of the ascending values are <= limit. */
export const countUpTo = (ascending: Float64Array, limit: number): number =>
  count(ascending, (value) => value <= limit);

/** How many of the ascending values are < limit. */
export const countBelow = (ascending: Float64Array, limit: number): number =>
  count(ascending, (value) => value < limit);

/** One threshold with the units that it decides: ties with the threshold included. */
export interface GridPoint {
  /** 0..99: the last grid point at or below; grid point j is the floor((j + 1) n / 100)-th score from the safe end. -1: below the grid. */
  readonly index: number;
  readonly threshold: number;
  /** Units decided automatically. */
  readonly n: number;
  /** Units decided automatically and wrongly. */
  readonly k: number;
}

/** Units at grid point `index` before ties are counted; Infinity beyond the grid. */
export const rankOf = (index: number, n: number): number =>
  index < GRID ? Math.floor(((index + 1) * n) / GRID) : Number.POSITIVE_INFINITY;

/** The threshold that decides at least `units` units (at least 1), and what it decides. */
export const pointHolding = ({ all, lost }: SortedScores, units: number): Omit<GridPoint, 'index'> => {
  const threshold = all[units - 1]!;
  return { threshold, n: countUpTo(all, threshold), k: countUpTo(lost, threshold) };
};

/** The grid of accept thresholds (score <= threshold), ascending; points without a unit are left out. */
export const acceptGrid = (sorted: SortedScores): GridPoint[] => {
  const points: GridPoint[] = [];
  for (let index = 0; index < GRID; index += 1) {
    const units = rankOf(index, sorted.all.length);
    if (units > 0) points.push({ index, ...pointHolding(sorted, units) });
  }
  return points;
};

/**
 * The thresholds among all scores at which a chain of tests can stop or end, ascending: at and right below each loss, at
 * the given starts and at the end. Between two losses the p-value only falls, so testing these is testing every score.
 * Made as they are asked for: most chains stop early.
 *
 * @param startRanks ascending, in units, each at least 1; nothing is made below the first.
 */
export function* everyScore(sorted: SortedScores, startRanks: readonly number[]): Generator<GridPoint> {
  const { all, lost } = sorted;
  const total = all.length;
  const ranks = startRanks.filter((rank) => rank <= total);
  if (ranks.length === 0) return;
  const pointAt = (units: number): GridPoint => {
    const point = pointHolding(sorted, units);
    return { index: Math.floor((point.n * GRID) / total + 1e-9) - 1, ...point };
  };
  let passed = countBelow(lost, all[ranks[0]! - 1]!);
  for (;;) {
    const loss = lost[passed];
    const below = loss === undefined ? total : countBelow(all, loss);
    while (ranks.length > 0 && ranks[0]! <= below) yield pointAt(ranks.shift()!);
    if (below > 0) yield pointAt(below);
    if (loss === undefined) return;
    yield pointAt(below + 1);
    passed = countUpTo(lost, loss);
  }
}
