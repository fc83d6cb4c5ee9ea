/** Languages into which English sentences of the record are put. */
type Other = 'zh' | 'id';

export interface SayerOptions<K extends string> {
  /** The sentences as they are said, by key: English, `{name}` where a value stands. */
  readonly en: Readonly<Record<K, string>>;
  readonly zh: Readonly<Record<K, string>>;
  readonly id: Readonly<Record<K, string>>;
  /** Better words for a reader of English, where the record has a short name. */
  readonly plain?: Readonly<Partial<Record<K, string>>>;
  /** A longer text is no sentence with its values, and matching it would take long. */
  readonly longest: number;
  /** How a count (a value called `n`, `bads`, `planned`, `units` or `of`, all digits) is written; as it was said where left out. */
  readonly count?: (value: number) => string;
}

const PLACE = /\{(\w+)\}/g;
const COUNTS = new Set(['n', 'bads', 'planned', 'units', 'of']);

/** Puts values in the places of a text; a place without a value stays. */
export const fillPlaces = (text: string, values: ReadonlyMap<string, string>): string =>
  text.replace(PLACE, (whole, name: string) => values.get(name) ?? whole);

/**
 * What puts sentences of the record into a reader's language, with their values; null where a sentence is not known.
 * A value whose name begins with `say` is itself a sentence, one that begins with `list` is several, apart by ", ".
 */
export function sayer<K extends string>(
  options: SayerOptions<K>,
): (text: string, language: 'en' | Other) => string | null {
  const { en, plain = {} as Partial<Record<K, string>>, longest, count } = options;
  // The most specific sentence first: of two that fit, the one with more words of its own is meant.
  const patterns = (Object.keys(en) as K[])
    .sort((a, b) => en[b].replace(PLACE, '').length - en[a].replace(PLACE, '').length)
    .map((key) => ({
      key,
      names: [...en[key].matchAll(PLACE)].map((found) => String(found[1])),
      match: new RegExp(
        `^${en[key]
          .split(PLACE)
          .map((part, i) => (i % 2 === 0 ? part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') : '(.+?)'))
          .join('')}$`,
        's',
      ),
    }));
  const say = (text: string, language: 'en' | Other): string | null => {
    if (text.length > longest) return null;
    for (const { key, names, match } of patterns) {
      const found = match.exec(text);
      if (found === null) continue;
      const values = names.map((name, i) => [name, value(name, String(found[i + 1]), language)] as const);
      const words = language === 'en' ? (plain[key] ?? en[key]) : options[language][key];
      return fillPlaces(words, new Map(values));
    }
    return null;
  };
  const value = (name: string, text: string, language: 'en' | Other): string => {
    if (name.startsWith('say')) return say(text, language) ?? text;
    if (name.startsWith('list'))
      return text
        .split(', ')
        .map((part) => say(part, language) ?? part)
        .join(language === 'zh' ? '、' : ', ');
    if (count !== undefined && COUNTS.has(name) && /^\d{1,15}$/.test(text)) return count(Number(text));
    return language === 'id' ? text.replace(/^(-?\d+)\.(\d+)/, '$1,$2') : text;
  };
  return say;
}
