import { mayRole, type StationCard } from '@selvedge/core/records';
import { useWords } from '../language/use-words.js';
import { useSite, useStore } from '../live/use-site.js';
import { Meter } from '../parts/meter.js';
import { sentence } from '../parts/sentence.js';
import { StateMark } from '../parts/state-mark.js';
import { linkTo } from '../router/use-route.js';
import { LiveUnit } from './live-unit/live-unit.js';

/** One station at a glance: its gate and why it is so, what it decides, what waits, what was promised, what is wrong. */
export function Card({ card, last }: { card: StationCard; last: string | null }) {
  const { t, format, said, trouble } = useWords();
  const { value: session } = useStore(useSite().session);
  const maySign = session?.user ? mayRole(session.user.role, 'sign') : false;
  const name = `station-${card.id}`;
  const every = card.auditRate > 0 ? 1 / card.auditRate : 0;
  // The disk is said once for the whole page.
  const troubles = card.troubles.filter(({ code }) => code !== 'store-short' && code !== 'store-full');
  // What was automatic while the gate was open is no sign that it decides anything now.
  const manual = card.state === 'shadow' || card.state === 'closed';
  const before = manual && card.automatic > 0;
  return (
    <article className={`card card-${card.state}`} aria-labelledby={name}>
      <header className="card-head">
        <h3 id={name}>
          <a {...linkTo({ view: 'station', id: card.id })}>{card.name}</a>
        </h3>
        <StateMark state={card.state} />
      </header>
      <p className="reason">{sentence(said(card.reason))}</p>
      {card.live && <LiveUnit station={card.id} name={card.name} last={last} />}
      <dl className="figures">
        <div className="figure-main">
          <dt>{t(before ? 'automaticBefore' : 'automatic')}</dt>
          <dd>
            <b>{format.percent(card.automaticShare)}</b>
            <small>
              {manual && !before
                ? t('automaticNone')
                : t(before ? 'automaticBeforeOf' : 'automaticOf', {
                    automatic: format.whole(card.automatic),
                    units: format.whole(card.units),
                  })}
            </small>
          </dd>
        </div>
        <div>
          <dt>{t('queue')}</dt>
          <dd>
            <b>{format.whole(card.queue)}</b>
            <small className={card.overdue > 0 ? 'bad-text' : ''}>
              {card.overdue > 0 ? t('overdue', { n: format.whole(card.overdue) }) : t('queueHelp')}
            </small>
          </dd>
        </div>
        <div>
          <dt>{t('takt')}</dt>
          <dd>
            <b>{card.taktMs === null ? '–' : format.duration(card.taktMs)}</b>
            <small>{t(card.taktMs === null ? 'taktNone' : 'taktHelp')}</small>
          </dd>
        </div>
        <div>
          <dt>{t('audits')}</dt>
          <dd>
            <b>{format.whole(card.audits)}</b>
            <small>
              {manual
                ? t('auditNone')
                : every === 0 || every < 1.05
                  ? t('auditEvery')
                  : t('auditRate', {
                      n: format.reading(every < 10 ? Math.round(every * 10) / 10 : Math.round(every)),
                    })}
            </small>
          </dd>
        </div>
      </dl>
      {card.state === 'shadow' && (
        <Meter
          label={t('evidence')}
          value={card.evidence.labels}
          most={card.evidence.planned}
          text={
            card.evidence.planned === null
              ? t('evidenceNoPlan', {
                  labels: format.whole(card.evidence.labels),
                  bad: format.whole(card.evidence.bad),
                })
              : t('evidenceOf', {
                  labels: format.whole(card.evidence.labels),
                  planned: format.whole(card.evidence.planned),
                  bad: format.whole(card.evidence.bad),
                })
          }
        />
      )}
      <div className="promise">
        {card.budget ? (
          <>
            <p>
              {t('budgetIs')} <b>{t('budgetAtMost', { rate: format.percent(card.budget.escapeRate) })}</b>{' '}
              {t(card.budget.contract === 'per-unit' ? 'perUnit' : 'perPass')}
              {card.liveUpper !== null && !manual && (
                <>
                  {' '}
                  ·{' '}
                  {card.liveUpper > 0.5
                    ? t('liveUpperNone')
                    : t('liveUpper', { rate: format.percent(card.liveUpper, 'up') })}
                </>
              )}
            </p>
            <p className="quiet-text">
              {t('budgetSigned', { who: card.budget.signedBy, when: format.moment(card.budget.atMs) })}
            </p>
          </>
        ) : (
          <p>
            {t('budgetNone')}{' '}
            {maySign && <a {...linkTo({ view: 'station', id: card.id })}>{t('budgetNoneDo')}</a>}
          </p>
        )}
        {card.model === null && troubles.every(({ code }) => code !== 'no-model') && <p>{t('modelNone')}</p>}
      </div>
      {troubles.length > 0 && (
        <div className="troubles">
          <b>{t('troubles')}</b>
          <ul>
            {troubles.map((one) => (
              <li key={JSON.stringify(one)}>{sentence(trouble(one))}</li>
            ))}
          </ul>
          {troubles.some(({ code }) => code === 'write-unknown') && (
            <a className="reach" {...linkTo({ view: 'equipment' })}>
              {t('eqDoubtLink')}
            </a>
          )}
        </div>
      )}
    </article>
  );
}
