import type { Draft } from './draft.js';
import { type Finding, pathText } from './fault.js';

/** Items of a list that share what has to be their own. */
export function unique(
  items: readonly Draft[],
  key: string,
  word: string,
  where: (item: Draft) => boolean = () => true,
): Finding[] {
  const first = new Map<string, Draft>();
  return items.filter(where).flatMap((item) => {
    const value = item.at(key).text();
    if (value === null) return [];
    const other = first.get(value);
    if (other === undefined) {
      first.set(value, item);
      return [];
    }
    return [
      {
        path: item.at(key).path,
        code: 'duplicate' as const,
        what: `"${value}" is the ${word} of ${pathText(other.path)} already`,
        cure: `Give each its own ${word}`,
      },
    ];
  });
}
