import { GATE_SAID, sayer } from '@selvedge/core/records';
import { en } from './said/en.js';
import { id } from './said/id.js';
import { zh } from './said/zh.js';
import { type Language, tagOf } from './texts.js';

/** Every known sentence of the server that is not a gate's; a language that lacks one does not compile. */
export type Said = Readonly<Record<keyof typeof en, string>>;

const sayIn = (language: Language) =>
  sayer({
    en: { ...GATE_SAID.en, ...en },
    zh: { ...GATE_SAID.zh, ...zh },
    id: { ...GATE_SAID.id, ...id },
    // Names of tests are short in the record; people read words.
    plain: {
      testUnit: 'exact binomial bound, counted per unit',
      testPass: 'exact binomial bound, counted per automatic pass',
      testOverkill: 'exact binomial bound on overkill, counted per unit',
      testGroup: 'betting test by groups, counted per unit',
    },
    longest: 1000,
    count: (value) => new Intl.NumberFormat(tagOf(language)).format(value),
  });
const SAYERS = { en: sayIn('en'), zh: sayIn('zh'), id: sayIn('id') };

/** A sentence of the server in the reader's language with its values; null where it is not known. */
export const said = (sentence: string, language: Language): string | null =>
  SAYERS[language](sentence, language);
