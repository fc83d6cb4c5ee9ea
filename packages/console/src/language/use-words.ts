import {
  type Disposition,
  type GateStateName,
  type Names,
  type Origin,
  type Right,
  type Role,
  type Trouble,
  troubleInWords,
} from '@selvedge/core/records';
import { createContext, useContext } from 'react';
import type { Fault } from '../api/client.js';
import { type Format, formatOf } from './format.js';
import { said } from './said.js';
import { fill, type Language, TEXTS, type TextKey } from './texts.js';

/** Everything that turns a value into words of one language. */
export interface Words {
  readonly language: Language;
  readonly format: Format;
  t(key: TextKey, values?: Readonly<Record<string, string>>): string;
  /** A sentence of the server: translated where it is known, else as it was said. */
  said(sentence: string): string;
  state(name: GateStateName): string;
  role(role: Role): string;
  disposition(disposition: Disposition): string;
  origin(origin: Origin): string;
  /** A word of the plant in the reader's language where it has a name there, else as the record keeps it. */
  word(word: string): string;
  /** An answer of a station. */
  answer(label: string): string;
  /** A kind of intervention. */
  intervention(type: string): string;
  /** What is wrong with a station. */
  trouble(trouble: Trouble): string;
  fault(fault: Fault): string;
}

const STATE = {
  shadow: 'stateShadow',
  ramp: 'stateRamp',
  open: 'stateOpen',
  watch: 'stateWatch',
  closed: 'stateClosed',
} as const;
const ROLE = {
  operator: 'roleOperator',
  quality: 'roleQuality',
  engineer: 'roleEngineer',
  owner: 'roleOwner',
} as const;
const WILL = { pass: 'willPass', reject: 'willReject', hold: 'willHold', divert: 'willDivert' } as const;
const ORIGIN = {
  live: 'originLive',
  recorded: 'originRecorded',
  public: 'originPublic',
  simulated: 'originSimulated',
} as const;
export const RIGHTS_IN_WORDS: Readonly<Record<Right, TextKey>> = {
  ...{ look: 'rightLook', answer: 'rightAnswer', bring: 'rightBring', judge: 'rightJudge' },
  ...{ sign: 'rightSign', configure: 'rightConfigure', govern: 'rightGovern' },
};
/** Kinds of interventions that have a name in every language. */
export const TYPES: Readonly<Record<string, TextKey>> = {
  ...{ verdict: 'typeVerdict', audit: 'typeAudit', realign: 'typeRealign', tension: 'typeTension' },
  ...{ rework: 'typeRework', takeover: 'typeTakeover', stop: 'typeStop', other: 'typeOther' },
};

/**
 * @param timeZone the plant's; the browser's own until the site has said it
 * @param plant names of the plant's own words, by word
 */
export function wordsOf(
  language: Language,
  timeZone?: string,
  plant: Readonly<Record<string, Names>> = {},
): Words {
  const texts = TEXTS[language];
  const format = formatOf(language, timeZone);
  const t: Words['t'] = (key, values) => (values === undefined ? texts[key] : fill(texts[key], values));
  const word = (one: string): string => (Object.hasOwn(plant, one) ? plant[one]?.[language] : null) ?? one;
  return {
    language,
    format,
    t,
    said: (sentence) => said(sentence, language) ?? sentence,
    state: (name) => t(STATE[name]),
    role: (role) => t(ROLE[role]),
    disposition: (disposition) => t(WILL[disposition]),
    origin: (origin) => t(ORIGIN[origin]),
    word,
    answer: (label) => (label === 'good' && !Object.hasOwn(plant, label) ? t('good') : word(label)),
    intervention: (type) => (Object.hasOwn(TYPES, type) ? t(TYPES[type] ?? 'typeOther') : word(type)),
    trouble: (trouble) =>
      troubleInWords(trouble, language, (value) =>
        typeof value === 'number' ? format.whole(value) : (said(value, language) ?? value),
      ),
    fault(fault) {
      if (fault.kind === 'unread') return t('faultUnread');
      if (fault.kind === 'unreached') return t('faultUnreached');
      if (fault.code === 'right-missing' || fault.code === 'person-needed') return t('faultRights');
      if (fault.message === '') return t('faultBare', { code: fault.code });
      return t('faultOther', { message: said(fault.message, language) ?? fault.message });
    },
  };
}

export const WordsContext = createContext<Words>(wordsOf('en'));

export const useWords = (): Words => useContext(WordsContext);
