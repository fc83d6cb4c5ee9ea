import type { TextKey } from '../language/texts.js';
import type { Words } from '../language/use-words.js';
import { isHeld, whyInWords } from './equipment/held.js';

type InWords = string | readonly [main: string, more: string];
type Body = Readonly<Record<string, unknown>>;

const text = (value: unknown): string => (value === null || value === undefined ? '–' : String(value));
const written = (value: unknown, { format }: Words): string =>
  typeof value === 'number' ? format.value(value) : text(value);

const ENDED: Readonly<Record<string, TextKey>> = {
  ...{ done: 'evWriteDone', refused: 'evWriteRefused', unknown: 'evWriteUnknown' },
};
const GUARD: Readonly<Record<string, TextKey>> = {
  ...{ off: 'evGuardOff', shadow: 'evGuardShadow', advise: 'evGuardAdvise', act: 'evGuardAct' },
};

const LEASE: Readonly<Record<string, TextKey>> = {
  ...{ expired: 'evLeaseExpired', withdrawn: 'evLeaseWithdrawn', replaced: 'evLeaseReplaced' },
  ...{ harm: 'evLeaseHarm', 'moved-by-others': 'evLeaseMoved', connection: 'evLeaseConnection' },
};

function opening(event: Body): TextKey {
  if (event.kind === 'shadow-proposal')
    return event.agreed === true ? 'evOpeningAgreed' : 'evOpeningDisagreed';
  if (event.kind === 'lease-signed') return 'evOpeningLease';
  if (event.kind === 'trial-pair') return Number(event.gain) > 0 ? 'evOpeningBetter' : 'evOpeningWorse';
  if (event.kind === 'applied-outcome') return event.inTolerance === true ? 'evOpeningIn' : 'evOpeningOut';
  return 'evOpeningEnded';
}

/** Sentences for rows about what is written to equipment, and about the site itself; each body has passed its schema. */
export const EQUIPMENT_EVENTS: Readonly<Record<string, (body: Body, words: Words) => InWords>> = {
  described: ({ name, stations }, { t, format }) =>
    t('evDescribed', { name: text(name), n: format.whole(Array.isArray(stations) ? stations.length : 0) }),
  'key-made': (_, { t }) => t('evKeyMade'),
  'write-intended': ({ target, value }, words) =>
    words.t('evWriteIntended', { target: text(target), value: written(value, words) }),
  // What the guard stopped at the last moment was not refused by the equipment.
  'write-ended': ({ target, outcome, why }, words) => [
    words.t(
      outcome === 'refused' && isHeld(text(why)) ? 'evWriteHeld' : (ENDED[text(outcome)] ?? 'evWriteUnknown'),
      { target: text(target) },
    ),
    whyInWords(text(why), words),
  ],
  'write-refused': ({ target, why }, words) => [
    words.t('evWriteHeld', { target: text(target) }),
    whyInWords(text(why), words),
  ],
  'write-seen': ({ note }, { t }) => [t('evWriteSeen'), text(note)],
  'guard-mode': ({ connector, mode, reason }, { t }) => [
    t(GUARD[text(mode)] ?? 'evGuardOff', { part: text(connector) }),
    text(reason),
  ],
  'lease-signed': ({ target, untilMs, reason }, { t, format }) => [
    t('evLeaseSigned', { target: text(target), when: format.moment(Number(untilMs)) }),
    text(reason),
  ],
  'lease-ended': ({ why }, { t }) => t(LEASE[text(why)] ?? 'evLeaseConnection'),
  proposed: ({ target, value, applied, why }, words) => {
    const values = { target: text(target), value: written(value, words) };
    // One that went out all the same ended as writes end.
    const ended = applied === true ? undefined : ENDED[text(why)];
    if (ended !== undefined) return words.t(ended, values);
    return applied === true
      ? words.t('evProposedSent', values)
      : [words.t('evProposed', values), whyInWords(text(why), words)];
  },
  opening: ({ target, event }, { t }) => t(opening(event as Body), { target: text(target) }),
};
