import type { Language } from '../../texts/texts.js';
import { en } from './en.js';
import { id } from './id.js';
import { zh } from './zh.js';

/** Every text of the report of a period; a language that lacks one does not compile. */
export type SiteTexts = Readonly<Record<keyof typeof en, string>>;

export const SITE_TEXTS: Readonly<Record<Language, SiteTexts>> = { en, zh, id };
