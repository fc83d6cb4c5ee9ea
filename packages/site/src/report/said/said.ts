import { GATE_SAID, sayer } from '@selvedge/core/records';
import type { Language } from '../texts/texts.js';
import { en } from './en.js';
import { id } from './id.js';
import { zh } from './zh.js';

/** Every sentence of a run in another language; one that is missing does not compile. */
export type Said = Readonly<Record<keyof typeof en, string>>;

const say = sayer({
  en: { ...GATE_SAID.en, ...en },
  zh: { ...GATE_SAID.zh, ...zh },
  id: { ...GATE_SAID.id, ...id },
  longest: 4000,
});

/**
 * A sentence of a run in the reader's language, with its values; null where no such sentence is known. The
 * record stays in one language (what is hashed and compared must not depend on the reader), the page does not.
 */
export const said = (text: string, language: Language): string | null =>
  language === 'en' ? text : say(text, language);
