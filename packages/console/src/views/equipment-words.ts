import type { TextKey } from '../language/texts.js';
import type { Words } from '../language/use-words.js';

type InWords = string | readonly [main: string, more: string];
type Body = Readonly<Record<string, unknown>>;

const text = (value: unknown): string => (value === null || value === undefined ? '–' : String(value));
const written = (value: unknown, { format }: Words): string =>
  typeof value === 'number' ? format.reading(value) : text(value);

const ENDED: Readonly<Record<string, TextKey>> = {
  ...{ done: 'evWriteDone', refused: 'evWriteRefused', unknown: 'evWriteUnknown' },
};
const GUARD: Readonly<Record<string, TextKey>> = {
  ...{ off: 'evGuardOff', shadow: 'evGuardShadow', advise: 'evGuardAdvise', act: 'evGuardAct' },
};

/** Sentences for rows about what is written to equipment, and about the site itself; each body has passed its schema. */
export const EQUIPMENT_EVENTS: Readonly<Record<string, (body: Body, words: Words) => InWords>> = {
  described: ({ name, stations }, { t, format }) =>
    t('evDescribed', { name: text(name), n: format.whole(Array.isArray(stations) ? stations.length : 0) }),
  'key-made': (_, { t }) => t('evKeyMade'),
  'write-intended': ({ target, value }, words) =>
    words.t('evWriteIntended', { target: text(target), value: written(value, words) }),
  'write-ended': ({ target, outcome, why }, { t }) => [
    t(ENDED[text(outcome)] ?? 'evWriteUnknown', { target: text(target) }),
    text(why),
  ],
  'write-refused': ({ target, why }, { t }) => [t('evWriteHeld', { target: text(target) }), text(why)],
  'write-seen': ({ note }, { t }) => [t('evWriteSeen'), text(note)],
  'guard-mode': ({ connector, mode, reason }, { t }) => [
    t(GUARD[text(mode)] ?? 'evGuardOff', { part: text(connector) }),
    text(reason),
  ],
  'lease-signed': ({ target, untilMs, reason }, { t, format }) => [
    t('evLeaseSigned', { target: text(target), when: format.moment(Number(untilMs)) }),
    text(reason),
  ],
  'lease-ended': ({ why }, { t }) => [t('evLeaseEnded'), text(why)],
  proposed: ({ target, value, applied, why }, words) => [
    words.t(applied === true ? 'evProposedSent' : 'evProposed', {
      ...{ target: text(target), value: written(value, words) },
    }),
    applied === true ? '' : text(why),
  ],
  opening: ({ target }, { t }) => t('evOpening', { target: text(target) }),
};
