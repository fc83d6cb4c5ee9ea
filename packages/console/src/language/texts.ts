import { en } from './texts/en.js';
import { equipmentEn } from './texts/equipment/en.js';
import { equipmentId } from './texts/equipment/id.js';
import { equipmentZh } from './texts/equipment/zh.js';
import { eventsEn } from './texts/events/en.js';
import { eventsId } from './texts/events/id.js';
import { eventsZh } from './texts/events/zh.js';
import { id } from './texts/id.js';
import { learningEn } from './texts/learning/en.js';
import { learningId } from './texts/learning/id.js';
import { learningZh } from './texts/learning/zh.js';
import { proofEn } from './texts/proof/en.js';
import { proofId } from './texts/proof/id.js';
import { proofZh } from './texts/proof/zh.js';
import { stageEn } from './texts/stage/en.js';
import { stageId } from './texts/stage/id.js';
import { stageZh } from './texts/stage/zh.js';
import { zh } from './texts/zh.js';

/** English, Simplified Chinese, Indonesian. */
export type Language = 'en' | 'zh' | 'id';

export type TextKey =
  | keyof typeof en
  | keyof typeof eventsEn
  | keyof typeof equipmentEn
  | keyof typeof learningEn
  | keyof typeof proofEn
  | keyof typeof stageEn;

/** The texts of pages; rows of the journal and equipment have files of their own. */
export type OwnTexts = Readonly<Record<keyof typeof en, string>>;

export type EquipmentTexts = Readonly<Record<keyof typeof equipmentEn, string>>;

export type LearningTexts = Readonly<Record<keyof typeof learningEn, string>>;

export type ProofTexts = Readonly<Record<keyof typeof proofEn, string>>;

export type StageTexts = Readonly<Record<keyof typeof stageEn, string>>;

/** Every text of the console; a language that lacks one does not compile. */
export type Texts = Readonly<Record<TextKey, string>>;

export const TEXTS: Readonly<Record<Language, Texts>> = {
  en: { ...en, ...eventsEn, ...equipmentEn, ...learningEn, ...proofEn, ...stageEn },
  zh: { ...zh, ...eventsZh, ...equipmentZh, ...learningZh, ...proofZh, ...stageZh },
  id: { ...id, ...eventsId, ...equipmentId, ...learningId, ...proofId, ...stageId },
};

/** How each language calls itself. */
export const LANGUAGES: readonly { readonly code: Language; readonly name: string; readonly tag: string }[] =
  [
    { code: 'en', name: 'English', tag: 'en-GB' },
    { code: 'zh', name: '简体中文', tag: 'zh-CN' },
    { code: 'id', name: 'Indonesia', tag: 'id-ID' },
  ];

/** The tag for dates and numbers. */
export const tagOf = (language: Language): string =>
  LANGUAGES.find(({ code }) => code === language)?.tag ?? 'en-GB';

/** The kept choice where the site offers it, else the first language of the site. */
export const chooseLanguage = (kept: string | null, offered: readonly Language[]): Language =>
  offered.find((code) => code === kept) ?? offered[0] ?? 'en';

/** Before the site has said what it offers: the kept choice, else the first of the browser's wishes that is spoken here. */
export const guessLanguage = (kept: string | null, wishes: readonly string[]): Language => {
  for (const wish of [kept, ...wishes]) {
    const found = LANGUAGES.find(({ code }) => wish?.toLowerCase().split('-')[0] === code);
    if (found) return found.code;
  }
  return 'en';
};

/** Puts values in the places of a text. */
export const fill = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? '') : whole,
  );
