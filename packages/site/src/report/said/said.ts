import type { Language } from '../texts/texts.js';
import { en } from './en.js';
import { id } from './id.js';
import { zh } from './zh.js';

/** Every sentence of a run in another language; one that is missing does not compile. */
export type Said = Readonly<Record<keyof typeof en, string>>;

const OTHER: Readonly<Record<Exclude<Language, 'en'>, Said>> = { zh, id };

interface Pattern {
  readonly key: keyof typeof en;
  readonly match: RegExp;
  readonly names: readonly string[];
}

/** Beyond this a text is no sentence with its values, and matching it would take long. */
const LONGEST = 4000;

const PLACE = /\{(\w+)\}/g;

/** The most specific sentence first: of two that fit, the one with more words of its own is meant. */
const PATTERNS: readonly Pattern[] = (Object.keys(en) as (keyof typeof en)[])
  .map((key) => ({ key, own: en[key].replace(PLACE, '').length }))
  .sort((a, b) => b.own - a.own)
  .map(({ key }) => ({
    key,
    match: new RegExp(
      `^${en[key]
        .split(PLACE)
        .map((part, i) => (i % 2 === 0 ? part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') : '(.+?)'))
        .join('')}$`,
      's',
    ),
    names: [...en[key].matchAll(PLACE)].map((m) => m[1]!),
  }));

/**
 * A sentence of a run in the reader's language, with its values; null where no such sentence is known. The
 * record stays in one language (what is hashed and compared must not depend on the reader), the page does not.
 */
export function said(text: string, language: Language): string | null {
  if (language === 'en') return text;
  if (text.length > LONGEST) return null;
  for (const { key, match, names } of PATTERNS) {
    const found = match.exec(text);
    if (found === null) continue;
    const values = new Map(names.map((name, i) => [name, valueIn(name, found[i + 1] ?? '', language)]));
    return OTHER[language][key].replace(PLACE, (whole, name: string) => values.get(name) ?? whole);
  }
  return null;
}

function valueIn(name: string, text: string, language: Exclude<Language, 'en'>): string {
  if (name.startsWith('say')) return said(text, language) ?? text;
  if (name.startsWith('list'))
    return text
      .split(', ')
      .map((part) => said(part, language) ?? part)
      .join(language === 'zh' ? '、' : ', ');
  return language === 'id' ? text.replace(/^(-?\d+)\.(\d+)/, '$1,$2') : text;
}
