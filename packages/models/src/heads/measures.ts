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
