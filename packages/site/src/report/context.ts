import type { Evidence } from '@selvedge/core/records';
import { escapeHtml, type Numbers, numbersOf } from './format.js';
import { said } from './said/said.js';
import { type Language, TEXTS, type Texts } from './texts/texts.js';

/** What every part of the page needs. */
export interface Context {
  readonly e: Evidence;
  readonly language: Language;
  readonly t: Texts;
  readonly n: Numbers;
  /** The contract in words: what escapes are counted per. Plain text. */
  readonly per: string;
  /** The origin of the data as HTML; stands beside every figure. */
  readonly badge: string;
  /** What the labels can show. Plain text. */
  readonly agreement: string;
  /** A sentence of the run in the reader's language; one that is not known stays as it is. Plain text. */
  readonly say: (text: string) => string;
}

export function contextOf(e: Evidence, language: Language): Context {
  const t = TEXTS[language];
  const { origin } = e.document;
  const name = {
    live: t.originLive,
    recorded: t.originRecorded,
    public: t.originPublic,
    simulated: t.originSimulated,
  }[origin];
  return {
    e,
    language,
    t,
    n: numbersOf(language),
    per: e.promise.contract === 'per-unit' ? t.perUnit : t.perPass,
    badge: `<span class="badge ${origin}">${escapeHtml(name)}</span>`,
    say: (text) => said(text, language) ?? text,
    // Evidence carries no seeded known-bad units, so live labels never show more than what operators said.
    agreement: origin === 'live' ? t.agreeOperators : t.agreeLabels,
  };
}

/**
 * Automatic passes that nobody looked at, the trials of the per-pass rate; null where the record does not tell them
 * from automatic rejects.
 */
export function unseenPasses({ document: { stream }, promise }: Evidence): number | null {
  if (stream.escapes > 0) return Math.round(stream.escapes / stream.escapePerAutoPass);
  if (promise.overkillRate === 0) return stream.automatic - stream.audits;
  // A bound of 1 without an escape is the bound of no trial.
  return stream.automatic === 0 || (promise.contract === 'per-pass' && stream.escapeUpper === 1) ? 0 : null;
}

/** The state of a gate in the reader's language; an unknown one as it is. Plain text. */
export function stateName({ t }: Context, state: string): string {
  const names = new Map<string, string>([
    ['shadow', t.stateShadow],
    ['ramp', t.stateRamp],
    ['open', t.stateOpen],
    ['watch', t.stateWatch],
    ['closed', t.stateClosed],
  ]);
  return names.get(state) ?? state;
}
