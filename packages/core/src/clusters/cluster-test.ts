/** Uniform on [0, 1): handed in, since the core has no chance of its own. */
export type Uniform = () => number;

export interface ClusterTest {
  /** P-value of "values are dealt to groups at random": (1 + #permutations at least as clustered) / (1 + rounds). */
  readonly p: number;
  readonly groups: number;
  readonly units: number;
}

/**
 * Rule C-1, permutation test for correlation inside groups. Statistic: sum over groups of (sum of centred
 * values)^2 / size, which grows when members of a group are alike. Exact at any sample size (Phipson and Smyth
 * 2010 for the +1). Groups of one unit say nothing and are allowed.
 *
 * @param values losses (0/1) or scores, one per unit; no NaN.
 * @param groups group of each unit.
 */
export function clusterTest(
  values: ArrayLike<number>,
  groups: readonly string[],
  { uniform, rounds = 999 }: { uniform: Uniform; rounds?: number },
): ClusterTest {
  const units = values.length;
  const code = new Map<string, number>();
  const groupOf = Int32Array.from(groups, (g) => {
    const known = code.get(g) ?? code.size;
    code.set(g, known);
    return known;
  });
  const sizes = new Float64Array(code.size);
  for (const g of groupOf) sizes[g]! += 1;
  let mean = 0;
  for (let i = 0; i < units; i++) mean += values[i]! / units;
  const centred = Float64Array.from({ length: units }, (_, i) => values[i]! - mean);
  const sums = new Float64Array(code.size);
  const statistic = (): number => {
    sums.fill(0);
    for (let i = 0; i < units; i++) sums[groupOf[i]!]! += centred[i]!;
    let total = 0;
    for (let g = 0; g < sums.length; g++) total += (sums[g]! * sums[g]!) / sizes[g]!;
    return total;
  };
  const observed = statistic() * (1 - 1e-12);
  let reached = 0;
  for (let r = 0; r < rounds; r++) {
    for (let i = units - 1; i > 0; i--) {
      const j = Math.floor(uniform() * (i + 1));
      const held = centred[i]!;
      centred[i] = centred[j]!;
      centred[j] = held;
    }
    if (statistic() >= observed) reached++;
  }
  return { p: (1 + reached) / (1 + rounds), groups: code.size, units };
}

/** Rule C-2: one unit of each group, drawn by `uniform`; indexes ascending. */
export function onePerGroup(groups: readonly string[], uniform: Uniform): number[] {
  const members = new Map<string, number[]>();
  groups.forEach((g, i) => {
    const list = members.get(g);
    if (list) list.push(i);
    else members.set(g, [i]);
  });
  return [...members.values()]
    .map((list) => list[Math.floor(uniform() * list.length)]!)
    .sort((a, b) => a - b);
}
