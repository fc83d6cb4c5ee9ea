/** A group of units under a name that it keeps. */
export interface NamedGroup {
  readonly group: string;
  /** In the order that they were handed in. */
  readonly units: readonly string[];
}

/**
 * Names for groups that are found anew, so that a group keeps its name while units join and leave (rule LN-10). A name
 * goes to the found group that holds the most of its units; a found group that could have several takes the one of which
 * it holds the most (two groups that have grown together go on under the larger one's name). What no name fits is
 * called `group:` and its first unit, with a number where that name is known already. At a tie what comes first wins.
 *
 * @param found groups of unit ids, none empty, no unit in two of them.
 * @param before groups of the last time, by the same rule.
 */
export const keepNames = (
  found: readonly (readonly string[])[],
  before: readonly NamedGroup[],
): NamedGroup[] => {
  const shared = found.flatMap((units, at) =>
    before.map(({ group, units: old }) => ({
      at,
      group,
      count: old.filter((unit) => units.includes(unit)).length,
    })),
  );
  shared.sort((a, b) => b.count - a.count);
  const nameOf = new Map<number, string>();
  const used = new Set<string>();
  for (const { at, group, count } of shared) {
    if (count === 0 || nameOf.has(at) || used.has(group)) continue;
    nameOf.set(at, group);
    used.add(group);
  }
  const taken = new Set(before.map(({ group }) => group));
  return found.map((units, at) => {
    const kept = nameOf.get(at);
    if (kept !== undefined) return { group: kept, units };
    let name = `group:${units[0]}`;
    for (let more = 2; taken.has(name); more += 1) name = `group:${units[0]}:${more}`;
    return { group: name, units };
  });
};
