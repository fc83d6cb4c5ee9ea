import type { Observation } from '../observe/observation.js';
import type { FittedModel, FitUnit, Scored } from './recipe.js';

const GOLDEN = 8;
/** Fewest units of a bad class for a class of its own. */
const CLASS_UNITS = 8;

/** Up to eight units spread over the range of scores, good and bad, with what the recipe says of them. */
export async function goldenOf(
  units: readonly FitUnit[],
  scores: ArrayLike<number>,
  reference: (units: readonly Observation[]) => Promise<Scored[]>,
): Promise<FittedModel['golden']> {
  const order = units.map((_, i) => i).sort((a, b) => scores[a]! - scores[b]! || a - b);
  const count = Math.min(GOLDEN, order.length);
  const observations = Array.from({ length: count }, (_, k) => {
    const rank = Math.floor((k * (order.length - 1)) / Math.max(1, count - 1));
    return units[order[rank]!]!.observation;
  });
  const expected = await reference(observations);
  return observations.map((observation, i) => ({ observation, expected: expected[i]! }));
}

/** `good` and the bad classes of at least 8 units, from the label of each unit; null where fewer than two have so many. */
export function namedClasses(labels: readonly string[]): string[] | null {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const named = [...counts]
    .flatMap(([name, n]) => (name !== 'good' && n >= CLASS_UNITS ? [name] : []))
    .sort();
  return named.length < 2 ? null : ['good', ...named];
}
