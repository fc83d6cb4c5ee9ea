import type { SiteReport } from '@selvedge/core/records';
import type { Numbers } from '../format.js';
import type { Language, Texts } from '../texts/texts.js';
import type { SiteTexts } from './texts/texts.js';

/** What every part of the page needs. */
export interface SiteContext {
  readonly report: SiteReport;
  readonly language: Language;
  readonly t: SiteTexts;
  /** Texts that a replay's report has too. */
  readonly shared: Texts;
  readonly n: Numbers;
  /** The origin as HTML; stands at every group of figures. */
  readonly badge: string;
  /** A moment as the clocks of the plant show it. */
  readonly time: (atMs: number) => string;
  /** A sentence of the record in the reader's language, or as it is. Plain text. */
  readonly say: (text: string) => string;
  readonly fill: (template: string, values: Readonly<Record<string, string>>) => string;
}

/** The state of a gate in the reader's language. Plain text. */
export function gateState({ shared: t }: SiteContext, state: string): string {
  const names: Readonly<Record<string, string>> = {
    shadow: t.stateShadow,
    ramp: t.stateRamp,
    open: t.stateOpen,
    watch: t.stateWatch,
    closed: t.stateClosed,
  };
  return names[state] ?? state;
}
