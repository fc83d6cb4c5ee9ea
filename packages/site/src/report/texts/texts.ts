import { en } from './en.js';
import { id } from './id.js';
import { zh } from './zh.js';

/** Keys to texts; `{name}` marks the place of a value. */
export type Catalogue = Readonly<Record<string, string>>;

/** English, Simplified Chinese, Indonesian. */
export type Language = 'en' | 'zh' | 'id';

/** Every text of the report; a language that lacks one does not compile. */
export type Texts = Readonly<Record<keyof typeof en, string>>;

export const TEXTS: Readonly<Record<Language, Texts>> = { en, zh, id };
