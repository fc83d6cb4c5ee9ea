import {
  type Disposition,
  rightSchema,
  SITE_FACTS,
  type SiteFactBody,
  type SiteFactKind,
  type UnitView,
} from '@selvedge/core/records';
import type { TextKey } from '../language/texts.js';
import { RIGHTS_IN_WORDS, type Words } from '../language/use-words.js';
import { sentence } from '../parts/sentence.js';
import { EQUIPMENT_EVENTS } from './equipment-words.js';
import { LEARNING_EVENTS } from './learning-words.js';

type Event = UnitView['events'][number];
type Keys<K extends string> = Readonly<Record<K, TextKey>>;
type InWords = string | readonly [main: string, more: string];

const name = (label: string, { answer }: Words): string => answer(label);
const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
const REASONS: Keys<SiteFactBody<'asked'>['reason']> = {
  ...{ ask: 'whyAsk', audit: 'whyAudit', shadow: 'whyShadow' },
  ...{ 'second-read': 'whySecondRead', seed: 'whySeed', 'no-score': 'whyNoScore' },
  ...{ teach: 'whyTeach', 'second-look': 'whySecondLook' },
};
const HOW = { password: 'howPassword', passkey: 'howPasskey', oidc: 'howOidc', code: 'howCode' } as const;
const OUT: Keys<SiteFactBody<'signed-out'>['why']> = {
  ...{ own: 'outOwn', renewed: 'outRenewed', idle: 'outIdle' },
  ...{ longest: 'outLongest', crowded: 'outCrowded', clock: 'outClock' },
};
const CREDENTIAL: Keys<SiteFactBody<'credential-changed'>['what']> = {
  ...{ password: 'evPassword', 'passkey-added': 'evPasskeyAdded' },
  ...{ 'passkey-removed': 'evPasskeyRemoved', 'oidc-linked': 'evOidcLinked' },
};
const GATE: Readonly<Record<string, TextKey>> = {
  ...{ tick: 'evGateTick', close: 'evGateClose', 'new-epoch': 'evGateEpoch', seed: 'evGateSeed' },
  ...{ 'journal-failed': 'evGateJournal', 'signature-bad': 'evGateSignature' },
};
const PART = { up: 'evPartUp', down: 'evPartDown', restarting: 'evPartRestarting' } as const;
const RELEASED = { done: 'evReleased', unknown: 'evReleasedNot', 'not-sent': 'evReleasedNotSent' } as const;

/** Sentences for rows about units, gates and people; a test holds that every kind has one here or among those of equipment. */
const EVENTS: { readonly [K in SiteFactKind]?: (body: SiteFactBody<K>, words: Words) => InWords } = {
  started: ({ version }, { t }) => t('evStarted', { version }),
  stopped: ({ why }, { t }) => [t('evStopped'), why],
  'clock-stepped': ({ byMs }, { t, format }) =>
    t('evClock', { by: `${byMs < 0 ? '−' : '+'}${format.duration(Math.abs(byMs))}` }),
  'space-short': ({ freeBytes, floorBytes }, { t }) =>
    t('evSpaceShort', { free: megabytes(freeBytes), floor: megabytes(floorBytes) }),
  'space-back': ({ freeBytes }, { t }) => t('evSpaceBack', { free: megabytes(freeBytes) }),
  arrived: ({ lot }, { t }) => (lot === null ? t('evArrived') : t('evArrivedLot', { lot })),
  decided: (body, { t, format, said }) => {
    const call = { pass: t('callPass'), reject: t('callReject'), ask: t('callAsk') }[body.call];
    const score = body.score === null ? [] : [t('evScore', { score: format.reading(body.score) })];
    return [
      t(body.audit ? 'evDecidedAudit' : 'evDecided', { call }),
      [sentence(said(body.why)), ...score].join(' '),
    ];
  },
  asked: ({ reason }, { t }) => t('evAskedWhy', { why: t(REASONS[reason]) }),
  'help-shown': (_, { t }) => t('evHelp'),
  answered: ({ counts, label, tookMs }, words) => [
    words.t(counts ? 'evAnswered' : 'evAnsweredNot', { label: name(label, words) }),
    words.format.duration(tookMs),
  ],
  undone: (_, { t }) => t('evUndone'),
  overdue: ({ otherwise }, { t, disposition }) => t('evOverdue', { disposition: disposition(otherwise) }),
  lapsed: (_, { t }) => t('evLapsed'),
  'second-read': ({ first, second }, words) =>
    first.label === second.label
      ? words.t('evSecondAlike', { label: name(second.label, words) })
      : words.t('evSecondOther', { first: name(first.label, words), second: name(second.label, words) }),
  'seed-read': ({ missed }, { t }) => t(missed ? 'evSeedMissed' : 'evSeedCaught'),
  'seed-added': ({ label }, words) => words.t('evSeedAdded', { label: name(label, words) }),
  'seed-removed': ({ reason }, { t }) => [t('evSeedRemoved'), reason],
  released: ({ disposition, by, outcome }, words) => {
    const who = { gate: words.t('byGate'), person: words.t('byPerson'), deadline: words.t('byDeadline') };
    const values = { disposition: words.disposition(disposition as Disposition), by: who[by] };
    return words.t(RELEASED[outcome], values);
  },
  intervened: ({ type, seconds }, { t, format, intervention }) => [
    t('evIntervened', { type: intervention(type) }),
    format.duration(seconds * 1000),
  ],
  found: ({ where, label, counted, note }, words) => [
    words.t('evFound', { label: name(label, words) }),
    [
      words.t(where === 'customer' ? 'findingCustomer' : 'findingEnd'),
      counted ? '' : words.t('evNotCounted'),
      note,
    ]
      .filter(Boolean)
      .join(' · '),
  ],
  signed: ({ escapeRate, contract, reason }, { t, format }) => [
    t('evSigned', {
      rate: format.percent(escapeRate),
      per: t(contract === 'per-unit' ? 'perUnit' : 'perPass'),
    }),
    reason,
  ],
  'secret-committed': ({ epoch }, { t, format }) => t('evSecretCommitted', { epoch: format.whole(epoch) }),
  'secret-revealed': ({ epoch }, { t, format }) => t('evSecretRevealed', { epoch: format.whole(epoch) }),
  certified: ({ n, bads, accept }, { t, format }) =>
    t(accept === null ? 'evCertifiedNot' : 'evCertified', { n: format.whole(n), bads: format.whole(bads) }),
  gate: ({ event }, { t, said }) => {
    const type = String(event.type ?? '');
    const key = Object.hasOwn(GATE, type) ? GATE[type] : undefined;
    return [
      key === undefined ? t('evGateOther', { what: type || '–' }) : t(key),
      typeof event.why === 'string' ? said(event.why) : '',
    ];
  },
  transition: ({ from, to, why }, { t, state, said }) => [
    t('evTransition', { from: state(from), to: state(to) }),
    sentence(said(why)),
  ],
  alarm: ({ why }, { t, said }) => t('evAlarm', { why: said(why) }),
  'model-installed': (body, { t }) => [t('evModel', { name: body.name }), body.recipe],
  part: ({ part, state, why }, { t, said }) => [t(PART[state], { part }), said(why)],
  'user-added': (body, { t, role }) => t('evUserAdded', { name: body.name, role: role(body.role) }),
  'user-changed': (body, { t, role }) => {
    if (body.role !== null) return t('evUserRole', { role: role(body.role) });
    if (body.active !== null) return t(body.active ? 'evUserUnblocked' : 'evUserBlocked');
    return t('evUserChanged');
  },
  'signed-in': ({ how }, { t }) => t('evSignedIn', { how: t(HOW[how]) }),
  'signed-out': ({ why }, { t }) => t('evSignedOut', { why: t(OUT[why]) }),
  'sign-in-refused': ({ user, why }, { t }) => [t('evSignInRefused', { user }), why],
  'credential-changed': ({ what }, { t }) => t(CREDENTIAL[what]),
  'right-refused': ({ right, route }, { t }) => {
    const known = rightSchema.safeParse(right);
    return [t('evRightRefused', { right: known.success ? t(RIGHTS_IN_WORDS[known.data]) : right }), route];
  },
  'token-made': (body, { t }) => [
    t('evTokenMade', { name: body.name }),
    body.rights.map((right) => rightSchema.safeParse(right).data ?? right).join(' · '),
  ],
  'token-revoked': (_, { t }) => t('evTokenRevoked'),
  'settings-changed': ({ what }, { t }) => t('evSettings', { what }),
};

/** One row of the journal in plain words. A kind that this page does not know, or cannot read, keeps its name. */
export function eventInWords(event: Event, words: Words): { main: string; more: string } {
  const { t } = words;
  const told = toldBy(event, words) ?? t('evOther', { kind: event.kind });
  return typeof told === 'string' ? { main: told, more: '' } : { main: told[0], more: told[1] };
}

function toldBy({ kind, body }: Event, words: Words): InWords | null {
  // Rows of the store itself, about what was seen of the unit.
  if (kind === 'blob-pinned') return words.t(body.pinned === false ? 'evUnpinned' : 'evPinned');
  if (kind === 'blob-evicted') return words.t('evEvicted');
  if (!Object.hasOwn(SITE_FACTS, kind)) return null;
  return tell(kind as SiteFactKind, body, words);
}

function tell<K extends SiteFactKind>(kind: K, body: unknown, words: Words): InWords | null {
  const read = SITE_FACTS[kind].safeParse(body);
  if (!read.success) return null;
  const told = EVENTS[kind]?.(read.data as SiteFactBody<K>, words);
  if (told !== undefined) return told;
  const other = EQUIPMENT_EVENTS[kind] ?? LEARNING_EVENTS[kind];
  return other?.(read.data as Record<string, unknown>, words) ?? null;
}
