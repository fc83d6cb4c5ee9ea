import { en } from './said/en.js';
import { id } from './said/id.js';
import { zh } from './said/zh.js';
import { fill, type Language } from './texts.js';

/** Every known sentence of the server; a language that lacks one does not compile. */
export type Said = Readonly<Record<keyof typeof en, string>>;

const OTHER: Readonly<Record<Exclude<Language, 'en'>, Said>> = { zh, id };
const PLACE = /\{(\w+)\}/g;
/** A longer text is no sentence, and matching it would take long. */
const LONGEST = 1000;

/** Sentences with more words of their own first: of two that fit, the more specific one is meant. */
const PATTERNS = (Object.keys(en) as (keyof typeof en)[])
  .sort((a, b) => en[b].replace(PLACE, '').length - en[a].replace(PLACE, '').length)
  .map((key) => ({
    key,
    names: [...en[key].matchAll(PLACE)].map(([, name]) => name ?? ''),
    match: new RegExp(
      `^${en[key]
        .split(PLACE)
        .map((part, i) => (i % 2 === 0 ? part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') : '(.+?)'))
        .join('')}$`,
      's',
    ),
  }));

/** A sentence of the server in the reader's language with its values; null where it is not known. */
export function said(sentence: string, language: Language): string | null {
  if (language === 'en') return sentence;
  if (sentence.length > LONGEST) return null;
  for (const { key, names, match } of PATTERNS) {
    const found = match.exec(sentence);
    if (found === null) continue;
    // A value named `say…` is itself such a sentence.
    const values = names.map((name, i) => {
      const value = found[i + 1] ?? '';
      return [name, name.startsWith('say') ? (said(value, language) ?? value) : value] as const;
    });
    return fill(OTHER[language][key], Object.fromEntries(values));
  }
  return null;
}
