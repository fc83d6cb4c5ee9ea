import { requireShare } from './range.js';

/**
 * Family-wise error rules: indices (ascending) of the hypotheses that are rejected so that the chance of rejecting
 * any true one is at most delta. All throw RangeError unless 0 < delta < 1.
 */
export const bonferroni = (pValues: readonly number[], delta: number): number[] => {
  requireShare('delta', delta);
  return pValues.flatMap((p, index) => (p <= delta / pValues.length ? [index] : []));
};

/** Holm's step-down rule (Holm 1979). */
export const holm = (pValues: readonly number[], delta: number): number[] => {
  requireShare('delta', delta);
  const order = pValues.map((_, index) => index).sort((a, b) => pValues[a]! - pValues[b]!);
  const failed = order.findIndex((index, rank) => pValues[index]! > delta / (pValues.length - rank));
  return order.slice(0, failed === -1 ? order.length : failed).sort((a, b) => a - b);
};

/** Fixed-sequence testing from `starts` equally spaced starting points at delta / starts each (Bauer 1991). */
export const fixedSequence = (pValues: readonly number[], delta: number, starts = 1): number[] => {
  requireShare('delta', delta);
  const spacing = Math.floor(pValues.length / starts);
  const rejected = new Set<number>();
  for (let start = 0; start < starts; start += 1) {
    for (let i = start * spacing; i < pValues.length && pValues[i]! <= delta / starts; i += 1)
      rejected.add(i);
  }
  return [...rejected].sort((a, b) => a - b);
};

/** Rejections of Benjamini and Hochberg (1995): the false share among them is at most q on average. */
export const benjaminiHochberg = (pValues: readonly number[], q: number): number[] => {
  requireShare('q', q);
  const sorted = [...pValues].sort((a, b) => a - b);
  const rank = sorted.findLastIndex((p, index) => p <= (q * (index + 1)) / sorted.length);
  return pValues.flatMap((p, index) => (rank >= 0 && p <= sorted[rank]! ? [index] : []));
};
