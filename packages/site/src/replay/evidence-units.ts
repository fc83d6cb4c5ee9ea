import { clusterTest, oneUnitPerGroup } from '@selvedge/core';
import type { Contract, Warning } from '@selvedge/core/records';

export interface CalibrationSet {
  /** No NaN. */
  readonly scores: Float64Array;
  readonly bad: readonly boolean[];
  /** One per unit, or null where the set has no groups. */
  readonly groups: readonly string[] | null;
}

/** The units that a certificate is made from, and whether whole groups are its pieces of evidence. */
export interface EvidenceSet extends CalibrationSet {
  readonly byGroup: boolean;
}

/**
 * What counts as evidence. Where bad units come in groups, a group is one piece of it: under `per-unit` all its units
 * are counted, under `per-pass` one of them is drawn.
 */
export function evidenceOf(
  set: CalibrationSet,
  {
    rng,
    independentUnits,
    contract,
  }: {
    /** Draws in [0, 1); taken only where the set has groups. */
    readonly rng: () => number;
    readonly independentUnits: boolean;
    readonly contract: Contract;
  },
): { set: EvidenceSet; clustered: boolean; warnings: Warning[] } {
  const all = { ...set, byGroup: false };
  if (set.groups === null || independentUnits) return { set: all, clustered: false, warnings: [] };
  const { p, clustered } = clusterTest({ groups: set.groups, lost: set.bad, rng });
  if (!clustered) return { set: all, clustered, warnings: [] };
  const kept = oneUnitPerGroup(set.groups, rng);
  const warn = (how: string): Warning[] => [
    {
      code: 'clustered',
      detail: `Bad units come in groups (permutation test p = ${p}), so ${how}. More groups, not more units, make the proof stronger`,
    },
  ];
  if (contract === 'per-unit') {
    const how = `each group counts as one piece of evidence: ${kept.length} groups of ${set.scores.length} units`;
    return { set: { ...set, byGroup: true }, clustered, warnings: warn(how) };
  }
  return {
    set: {
      scores: Float64Array.from(kept, (i) => set.scores[i]!),
      bad: kept.map((i) => set.bad[i]!),
      groups: kept.map((i) => set.groups![i]!),
      byGroup: false,
    },
    clustered,
    warnings: warn(`one unit per group counts: ${kept.length} of ${set.scores.length}`),
  };
}

/** The seed of the draws that belong to an epoch or a replay: nobody can try again for a better one. */
export const drawSeed = (seed: number): number => seed ^ 0x636c;
