import type { Page } from 'playwright-core';
import { type Language, TEXTS, type TextKey } from '../src/language/texts.js';

/** Letters that a text with places needs beside them before what looks like it is taken for it. */
const ENOUGH = 12;
const asPattern = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Whether words are a text of the console in English that this language says otherwise. */
export function englishTexts(language: Language): (words: string) => boolean {
  const own = new Set<string>(Object.values(TEXTS[language]));
  const whole = new Set<string>();
  const filled: RegExp[] = [];
  for (const key of Object.keys(TEXTS.en) as TextKey[]) {
    const text = TEXTS.en[key];
    if (own.has(text)) continue;
    const parts = text.split(/\{\w+\}/);
    if (parts.length === 1) whole.add(text);
    else if (parts.join('').replace(/[^a-z]/gi, '').length >= ENOUGH)
      filled.push(new RegExp(`^${parts.map(asPattern).join('.+')}$`));
  }
  return (words) => whole.has(words) || filled.some((text) => text.test(words));
}

/**
 * What stands in English on a page of another language: texts of the console for every language, and for Chinese
 * every word in Latin letters that is no name of the plant (`names`) and no mark (a hash, a unit of measure).
 */
export async function untranslated(
  page: Page,
  { language, names }: { language: Language; names?: RegExp },
): Promise<string[]> {
  if (language === 'en') return [];
  const said = await page.evaluate(() => {
    const found = new Set<string>();
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node !== null; node = walk.nextNode()) {
      const at = node.parentElement;
      // Names of languages stand in their own; a row of the journal is shown as it was written.
      if (at?.closest('option[lang], noscript, script, style, code, pre, summary') === null)
        if (at.checkVisibility()) found.add((node.textContent ?? '').trim());
    }
    for (const label of document.body.querySelectorAll('[aria-label]'))
      found.add((label.getAttribute('aria-label') ?? '').trim());
    found.delete('');
    return [...found];
  });
  const english = englishTexts(language);
  const latin = (words: string): boolean =>
    language === 'zh' && names !== undefined && /[A-Za-z]{3,}/.test(words.replace(names, ''));
  return said.filter((words) => english(words) || latin(words)).map((words) => `not ${language}: ${words}`);
}
