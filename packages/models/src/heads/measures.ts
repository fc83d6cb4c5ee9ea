/** Area under the ROC curve, ties counted half (Mann-Whitney). NaN without both kinds. */
export function areaUnderCurve(scores: ArrayLike<number>, bad: ArrayLike<number>): number {
  const order = Array.from(scores, (_, i) => i).sort((a, b) => scores[a]! - scores[b]!);
  let positives = 0;
  let rankSum = 0;
  for (let i = 0; i < order.length; ) {
    let j = i;
    while (j < order.length && scores[order[j]!] === scores[order[i]!]) j++;
    const rank = (i + j + 1) / 2;
    for (let k = i; k < j; k++) {
      if (bad[order[k]!]) {
        positives++;
        rankSum += rank;
      }
    }
    i = Math.max(j, i + 1);
  }
  const negatives = order.length - positives;
  if (positives === 0 || negatives === 0) return Number.NaN;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

/** Standard error of an AUC (Hanley and McNeil 1982, equation 2). */
export function aucStandardError(auc: number, bad: number, good: number): number {
  const q1 = auc / (2 - auc);
  const q2 = (2 * auc * auc) / (1 + auc);
  const a2 = auc * auc;
  return Math.sqrt(
    Math.max(0, auc * (1 - auc) + (bad - 1) * (q1 - a2) + (good - 1) * (q2 - a2)) / (bad * good),
  );
}

/** Mean of the per-class F1 over the classes that occur in `truth`. */
export function macroF1(predicted: ArrayLike<number>, truth: ArrayLike<number>, count: number): number {
  const hit = new Float64Array(count);
  const called = new Float64Array(count);
  const actual = new Float64Array(count);
  for (let i = 0; i < truth.length; i++) {
    actual[truth[i]!]!++;
    called[predicted[i]!]!++;
    if (truth[i] === predicted[i]) hit[truth[i]!]!++;
  }
  let sum = 0;
  let classes = 0;
  for (let c = 0; c < count; c++) {
    if (actual[c] === 0) continue;
    classes++;
    sum += (2 * hit[c]!) / (actual[c]! + called[c]!);
  }
  return sum / classes;
}

/** Index of the largest of each row of `[rows, count]`. */
export function largestOf(values: Float64Array, count: number): Int32Array {
  const out = new Int32Array(values.length / count);
  for (let i = 0; i < out.length; i++) {
    for (let c = 1; c < count; c++) {
      if (values[i * count + c]! > values[i * count + out[i]!]!) out[i] = c;
    }
  }
  return out;
}

/**
 * AUC of `a` minus AUC of `b` on the same units, with its standard error (DeLong, DeLong and Clarke-Pearson 1988:
 * variances of the placement values).
 */
export function aucDifference(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  bad: ArrayLike<number>,
): { difference: number; standardError: number } {
  const [fromA, fromB] = [placements(a, bad), placements(b, bad)];
  const spread = (u: number[], v: number[]): number => {
    const d = u.map((value, i) => value - v[i]!);
    const mean = d.reduce((sum, value) => sum + value, 0) / d.length;
    return d.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, d.length - 1) / d.length;
  };
  const mean = (u: number[]): number => u.reduce((sum, value) => sum + value, 0) / u.length;
  return {
    difference: mean(fromA.bad) - mean(fromB.bad),
    standardError: Math.sqrt(spread(fromA.bad, fromB.bad) + spread(fromA.good, fromB.good)),
  };
}

/** For each bad unit the share of good ones below it, for each good unit the share of bad ones above it. */
function placements(scores: ArrayLike<number>, bad: ArrayLike<number>): { bad: number[]; good: number[] } {
  const of = (wanted: boolean): Float64Array =>
    Float64Array.from(Array.from(scores).filter((_, i) => Boolean(bad[i]) === wanted)).sort();
  const [goods, bads] = [of(false), of(true)];
  const below = (sorted: Float64Array, value: number): number => {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle]! < value) low = middle + 1;
      else high = middle;
    }
    let ties = low;
    while (ties < sorted.length && sorted[ties] === value) ties++;
    return (low + ties) / 2 / sorted.length;
  };
  const out = { bad: [] as number[], good: [] as number[] };
  for (let i = 0; i < scores.length; i++) {
    if (bad[i]) out.bad.push(below(goods, scores[i]!));
    else out.good.push(1 - below(bads, scores[i]!));
  }
  return out;
}
