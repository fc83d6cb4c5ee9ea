import type { TextKey } from '../language/texts.js';
import type { Words } from '../language/use-words.js';

type InWords = string | readonly [main: string, more: string];
type Body = Readonly<Record<string, unknown>>;

const text = (value: unknown): string => (value === null || value === undefined ? '–' : String(value));
const named = (label: unknown, { answer }: Words): string => answer(text(label));
const size = (units: unknown, { format }: Words): string =>
  format.whole(Array.isArray(units) ? units.length : 0);

const GROUP: Readonly<Record<string, TextKey>> = {
  ...{ found: 'evGroupFound', named: 'evGroupNamed', dropped: 'evGroupDropped' },
};
const ACT: Readonly<Record<string, TextKey>> = {
  ...{ succeeded: 'evActSucceeded', failed: 'evActFailed' },
  ...{ 'taken-over': 'evActTakenOver', 'not-done': 'evActNotDone' },
};

/** Sentences for rows about learning, applicants and actions; each body has passed its schema. */
export const LEARNING_EVENTS: Readonly<Record<string, (body: Body, words: Words) => InWords>> = {
  'roles-committed': ({ evidenceShare }, { t, format }) =>
    t('evRoles', { share: format.percent(Number(evidenceShare)) }),
  applied: ({ name, parity }, { t }) => [t('evApplied', { name: text(name) }), text(parity)],
  'application-refused': ({ name, why }, { t }) => [
    t('evApplicationRefused', { name: text(name) }),
    text(why),
  ],
  'shadow-scored': ({ units }, words) => words.t('evShadowScored', { n: size(units, words) }),
  assessed: ({ n, automaticShare, missing }, { t, format }) =>
    missing === null
      ? t('evAssessedCertified', {
          n: format.whole(Number(n)),
          share: format.percent(Number(automaticShare)),
        })
      : t('evAssessedMissing', {
          n: format.whole(Number(n)),
          labels: (missing as Body).labels === null ? '?' : format.whole(Number((missing as Body).labels)),
        }),
  recommended: ({ why }, { t }) => [t('evRecommended'), text(why)],
  hired: ({ by, reason }, { t }) => [t(by === 'policy' ? 'evHiredPolicy' : 'evHired'), text(reason)],
  dismissed: ({ why, barred, note }, { t }) => [
    t(why === 'readmitted' ? 'evReadmitted' : barred === true ? 'evBarred' : 'evDismissed'),
    text(note),
  ],
  'learning-policy': ({ active, reason }, { t }) => [
    t(active === true ? 'evPolicy' : 'evPolicyEnded'),
    text(reason),
  ],
  'second-look': ({ before, after }, words) =>
    after === null
      ? words.t('evSecondLook', { label: named(before, words) })
      : before === after
        ? words.t('evSecondLookKept', { label: named(after, words) })
        : words.t('evSecondLookChanged', { before: named(before, words), label: named(after, words) }),
  'class-group': ({ state, units, proposedName, name }, words) =>
    words.t(GROUP[text(state)] ?? 'evGroupFound', {
      n: size(units, words),
      name: text(name ?? proposedName),
    }),
  'host-allowed': ({ host, allowed, reason }, { t }) => [
    t(allowed === true ? 'evHostAllowed' : 'evHostRefused', { host: text(host) }),
    text(reason),
  ],
  'act-proposed': ({ action }, { t }) => t('evActProposed', { action: text(action) }),
  'act-ended': ({ outcome }, { t }) => t(ACT[text(outcome)] ?? 'evActNotDone'),
};
