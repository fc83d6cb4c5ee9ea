import { requireSameLength } from '../bounds/range.js';

/** Level at which values are taken to be clustered. */
export const CLUSTER_LEVEL = 0.01;

/**
 * Permutation test of "the values do not care about the groups" (GATE section 11): the statistic is the sum over groups
 * of (sum of centred values)^2 / size, and the values are dealt to the units anew `permutations` times.
 * p = (1 + #{at least as large}) / (1 + permutations) is exact at any size (Phipson and Smyth 2010).
 *
 * @param options `lost` a loss (0/1, true/false) or a score for each unit; `rng` gives independent uniforms on [0, 1); 999
 *   permutations by default.
 * @throws RangeError on unequal lengths.
 */
export const clusterTest = (options: {
  readonly groups: ArrayLike<string | number>;
  readonly lost: ArrayLike<boolean | number>;
  readonly rng: () => number;
  readonly permutations?: number;
}): { p: number; clustered: boolean } => {
  const { groups, lost, rng, permutations = 999 } = options;
  requireSameLength('groups and lost', groups, lost);
  const ids = new Map<string | number, number>();
  const groupOf = Int32Array.from(groups, (group) => {
    const id = ids.get(group) ?? ids.size;
    ids.set(group, id);
    return id;
  });
  const sizes = new Float64Array(ids.size);
  for (const id of groupOf) sizes[id]! += 1;
  const centred = Float64Array.from(lost, Number);
  const mean = centred.reduce((sum, value) => sum + value, 0) / centred.length;
  for (let i = 0; i < centred.length; i += 1) centred[i]! -= mean;

  const sums = new Float64Array(ids.size);
  const statistic = (): number => {
    sums.fill(0);
    for (let i = 0; i < centred.length; i += 1) sums[groupOf[i]!]! += centred[i]!;
    return sums.reduce((total, sum, id) => total + (sum * sum) / sizes[id]!, 0);
  };
  // The tolerance lets equal deals count as equal whatever the order of the additions.
  const observed = statistic() * (1 - 1e-12);
  let asLarge = 1;
  for (let round = 0; round < permutations; round += 1) {
    for (let i = centred.length - 1; i > 0; i -= 1) {
      const j = Math.floor(rng() * (i + 1));
      const kept = centred[i]!;
      centred[i] = centred[j]!;
      centred[j] = kept;
    }
    if (statistic() >= observed) asLarge += 1;
  }
  const p = asLarge / (permutations + 1);
  return { p, clustered: p <= CLUSTER_LEVEL };
};

/**
 * One unit of each group, drawn uniformly: the units (ascending indices) that a certificate may count as independent.
 *
 * @param rng independent uniforms on [0, 1).
 */
export const oneUnitPerGroup = (groups: ArrayLike<string | number>, rng: () => number): number[] => {
  const members = new Map<string | number, number[]>();
  for (let index = 0; index < groups.length; index += 1) {
    const list = members.get(groups[index]!) ?? [];
    list.push(index);
    members.set(groups[index]!, list);
  }
  return [...members.values()].map((list) => list[Math.floor(rng() * list.length)]!).sort((a, b) => a - b);
};
