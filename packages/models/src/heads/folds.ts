import type { Random } from './random.js';

/**
 * Splits rows into folds: whole groups together, each class spread as evenly as the groups allow (greedy, as
 * scikit-learn's StratifiedGroupKFold: groups in falling order of spread, each into the fold that keeps the
 * class shares most even). A row without a group is a group of its own.
 * @returns the fold (0..folds-1) of each row.
 */
export function stratifiedFolds(
  labels: Int32Array,
  groups: readonly (string | undefined)[] | undefined,
  folds: number,
  random: Random,
): Int32Array {
  const classes = labels.reduce((max, label) => Math.max(max, label), 0) + 1;
  const out = new Int32Array(labels.length);
  if (groups === undefined || groups.every((group) => group === undefined)) {
    const order = Int32Array.from(labels, (_, i) => i);
    random.shuffle(order);
    const next = new Int32Array(classes);
    let start = 0;
    for (let c = 0; c < classes; c++) {
      next[c] = start;
      start += labels.reduce((n, label) => n + (label === c ? 1 : 0), 0) % folds;
    }
    for (const row of order) out[row] = next[labels[row]!]!++ % folds;
    return out;
  }
  const members = new Map<string, number[]>();
  for (let row = 0; row < labels.length; row++) {
    const key = groups[row] === undefined ? `row:${row}` : `group:${groups[row]}`;
    const list = members.get(key);
    if (list === undefined) members.set(key, [row]);
    else list.push(row);
  }
  const keys = [...members.values()];
  const order = Int32Array.from(keys, (_, i) => i);
  random.shuffle(order);
  const total = new Float64Array(classes);
  for (const label of labels) total[label]!++;
  const counts = keys.map((rows) => {
    const c = new Float64Array(classes);
    for (const row of rows) c[labels[row]!]!++;
    return c;
  });
  const spread = (c: Float64Array): number => {
    const mean = c.reduce((sum, v) => sum + v, 0) / classes;
    return c.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  };
  const sorted = [...order].sort((a, b) => spread(counts[b]!) - spread(counts[a]!));
  const filled = Array.from({ length: folds }, () => new Float64Array(classes));
  for (const group of sorted) {
    let best = 0;
    let bestCost = Number.POSITIVE_INFINITY;
    for (let f = 0; f < folds; f++) {
      let cost = 0;
      for (let c = 0; c < classes; c++) {
        const share = counts[group]![c]! / Math.max(1, total[c]!);
        cost += ((2 * filled[f]![c]!) / Math.max(1, total[c]!) + share) * share;
      }
      if (cost < bestCost - 1e-12) {
        best = f;
        bestCost = cost;
      }
    }
    for (let c = 0; c < classes; c++) filled[best]![c]! += counts[group]![c]!;
    for (const row of keys[group]!) out[row] = best;
  }
  return out;
}
