/** AUC of one score minus that of another on the same units. */
export interface Gain {
  readonly difference: number;
  /** Of the difference, with units of one group counted together. */
  readonly standardError: number;
}

/**
 * AUC of `a` minus AUC of `b`, with a standard error that holds where units of one group resemble each other, such
 * as several pictures of one part (Obuchowski 1997, Biometrics 53:567: placement values summed by group). A unit
 * without a group is one of its own. `bad[i]` 0 or 1, both present.
 */
export function groupedGain(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  bad: ArrayLike<number>,
  groups?: readonly (string | undefined)[],
): Gain {
  const units = Array.from({ length: bad.length }, (_, i) => i);
  const of = (label: number): number[] => units.filter((i) => bad[i] === label);
  const [good, worse] = [of(0), of(1)];
  const placement = (score: ArrayLike<number>, i: number, others: readonly number[]): number => {
    let above = 0;
    for (const j of others) above += score[i]! > score[j]! ? 1 : score[i] === score[j] ? 0.5 : 0;
    const share = above / others.length;
    return bad[i] ? share : 1 - share;
  };
  const gains = units.map((i) => {
    const others = bad[i] ? good : worse;
    return placement(a, i, others) - placement(b, i, others);
  });
  const difference = worse.reduce((sum, i) => sum + gains[i]!, 0) / worse.length;
  const sums = new Map<string, number>();
  units.forEach((i) => {
    const key = groups?.[i] === undefined ? `unit:${i}` : `group:${groups[i]}`;
    const share = (gains[i]! - difference) / (bad[i] ? worse.length : good.length);
    sums.set(key, (sums.get(key) ?? 0) + share);
  });
  let squares = 0;
  for (const sum of sums.values()) squares += sum * sum;
  return { difference, standardError: Math.sqrt((squares * sums.size) / Math.max(1, sums.size - 1)) };
}
