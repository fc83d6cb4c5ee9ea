import { gateSaidEn } from './gate-said-en.js';
import { gateSaidId } from './gate-said-id.js';
import { gateSaidZh } from './gate-said-zh.js';

/** Every sentence of a gate in another language; one that is missing does not compile. */
export type GateSaid = Readonly<Record<keyof typeof gateSaidEn, string>>;

/** The sentences of gates, for every page that shows them: a report, a console. */
export const GATE_SAID = { en: gateSaidEn, zh: gateSaidZh, id: gateSaidId } as const;
