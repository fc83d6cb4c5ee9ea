import type { ReplayDocument } from '@selvedge/core/records';

/**
 * Area under the ROC curve (Mann-Whitney, ties count half), or null where one class is missing.
 * `scores`: higher = worse; NaN scores are left out.
 */
export function rocAuc(scores: ArrayLike<number>, bad: ArrayLike<boolean>): number | null {
  const order = Array.from({ length: scores.length }, (_, i) => i)
    .filter((i) => !Number.isNaN(scores[i]!))
    .sort((a, b) => scores[a]! - scores[b]!);
  let rankSum = 0;
  let bads = 0;
  for (let i = 0; i < order.length; ) {
    let j = i;
    let tiedBads = 0;
    while (j < order.length && scores[order[j]!] === scores[order[i]!]) {
      if (bad[order[j]!]) tiedBads++;
      j++;
    }
    rankSum += (tiedBads * (i + 1 + j)) / 2;
    bads += tiedBads;
    i = j;
  }
  const goods = order.length - bads;
  return bads && goods ? (rankSum - (bads * (bads + 1)) / 2) / (bads * goods) : null;
}

/** Precision, recall, F1 and confusion of class calls; a class that never occurs and is never called is left out. */
export function classReport(
  truth: readonly string[],
  calls: readonly string[],
): NonNullable<ReplayDocument['classes']> {
  const names = [...new Set([...truth, ...calls])].sort();
  const confusion: Record<string, Record<string, number>> = {};
  for (const t of names) confusion[t] = Object.fromEntries(names.map((c) => [c, 0]));
  truth.forEach((t, i) => {
    confusion[t]![calls[i]!]! += 1;
  });
  const perClass: NonNullable<ReplayDocument['classes']>['perClass'] = {};
  for (const name of names) {
    const hit = confusion[name]![name]!;
    const units = names.reduce((sum, c) => sum + confusion[name]![c]!, 0);
    const called = names.reduce((sum, t) => sum + confusion[t]![name]!, 0);
    const precision = called ? hit / called : 0;
    const recall = units ? hit / units : 0;
    perClass[name] = {
      precision,
      recall,
      f1: hit ? (2 * precision * recall) / (precision + recall) : 0,
      units,
    };
  }
  const occurring = names.filter((n) => perClass[n]!.units > 0);
  const macroF1 = occurring.reduce((sum, n) => sum + perClass[n]!.f1, 0) / Math.max(1, occurring.length);
  return { macroF1, perClass, confusion };
}

/** Median of a list; 0 for an empty one. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = [...values].sort((a, b) => a - b);
  const mid = sorted.length >> 1;
  return sorted.length % 2 ? sorted[mid]! : (sorted[mid - 1]! + sorted[mid]!) / 2;
}
