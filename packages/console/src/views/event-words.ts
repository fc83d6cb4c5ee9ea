import { SITE_FACTS, type UnitView } from '@selvedge/core/records';
import type { Words } from '../language/use-words.js';
import { sentence } from '../parts/sentence.js';

type Event = UnitView['events'][number];

/** One row of the journal in plain words. A kind that this page does not know, or cannot read, keeps its name. */
export function eventInWords(event: Event, words: Words): { main: string; more: string } {
  const { t, format, said, disposition, intervention } = words;
  const name = (label: string) => (label === 'good' ? t('good') : label);
  const by = { gate: t('byGate'), person: t('byPerson'), deadline: t('byDeadline') };
  const call = { pass: t('callPass'), reject: t('callReject'), ask: t('callAsk') };
  const plain = (main: string, more = '') => ({ main, more });
  const other = plain(t('evOther', { kind: event.kind }));
  const read = <K extends keyof typeof SITE_FACTS>(kind: K) => {
    const found = SITE_FACTS[kind].safeParse(event.body);
    return found.success ? (found.data as ReturnType<(typeof SITE_FACTS)[K]['parse']>) : null;
  };
  switch (event.kind) {
    case 'arrived':
      return plain(t('evArrived'));
    case 'decided': {
      const body = read('decided');
      if (!body) return other;
      const main = t(body.audit ? 'evDecidedAudit' : 'evDecided', { call: call[body.call] });
      const score = body.score === null ? [] : [t('evScore', { score: format.reading(body.score) })];
      return plain(main, [sentence(said(body.why)), ...score].join(' '));
    }
    case 'asked':
      return plain(t('evAsked'));
    case 'help-shown':
      return plain(t('evHelp'));
    case 'answered': {
      const body = read('answered');
      if (!body) return other;
      const main = t(body.counts ? 'evAnswered' : 'evAnsweredNot', { label: name(body.label) });
      return plain(main, format.duration(body.tookMs));
    }
    case 'undone':
      return plain(t('evUndone'));
    case 'overdue': {
      const body = read('overdue');
      return body ? plain(t('evOverdue', { disposition: disposition(body.otherwise) })) : other;
    }
    case 'released': {
      const body = read('released');
      if (!body) return other;
      const values = { disposition: disposition(body.disposition), by: by[body.by] };
      const key = { done: 'evReleased', unknown: 'evReleasedNot', 'not-sent': 'evReleasedNotSent' } as const;
      return plain(t(key[body.outcome], values));
    }
    case 'intervened': {
      const body = read('intervened');
      if (!body) return other;
      return plain(
        t('evIntervened', { type: intervention(body.type) }),
        format.duration(body.seconds * 1000),
      );
    }
    case 'found': {
      const body = read('found');
      if (!body) return other;
      const where = t(body.where === 'customer' ? 'findingCustomer' : 'findingEnd');
      return plain(t('evFound', { label: name(body.label) }), [where, body.note].filter(Boolean).join(' · '));
    }
    default:
      return other;
  }
}
