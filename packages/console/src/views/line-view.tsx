import { type LineView, mayRole, type StationCard } from '@selvedge/core/records';
import { useState } from 'react';
import { ASK } from '../api/paths.js';
import { useWords } from '../language/use-words.js';
import { useLive, useSite, useStore } from '../live/use-site.js';
import { Empty, Loaded } from '../parts/empty.js';
import { Meter } from '../parts/meter.js';
import { sentence } from '../parts/sentence.js';
import { StateMark } from '../parts/state-mark.js';
import { linkTo } from '../router/use-route.js';
import { InterventionDialog, Interventions } from './interventions.js';
import { LastUnits } from './last-units.js';
import { LiveUnit } from './live-unit/live-unit.js';
import { StagePanel } from './stage/stage-panel.js';

/** The whole line at a glance. */
export function LineViewPage() {
  const known = useLive(ASK.line);
  return (
    <Loaded known={known}>
      {(view) =>
        view.stage ? (
          <div className="beside-stage">
            <StagePanel />
            <Line view={view} />
          </div>
        ) : (
          <Line view={view} />
        )
      }
    </Loaded>
  );
}

function Line({ view }: { view: LineView }) {
  const { t, format, origin } = useWords();
  const { value: session } = useStore(useSite().session);
  const [entering, setEntering] = useState(false);
  const waiting = view.stations.reduce((sum, { queue }) => sum + queue, 0);
  const since = format.clock(view.dayStartMs);
  if (view.stations.length === 0)
    return (
      <Empty title={t('lineEmptyTitle')}>
        <p>{t('lineEmptyText')}</p>
      </Empty>
    );
  const lines = [...new Set(view.stations.map(({ line }) => line))];
  return (
    <div className={`page line-page${view.stations.length === 1 ? ' line-single' : ''}`}>
      <div className="stack">
        <header className="page-head">
          <div>
            <h1>{lines.length === 1 ? lines[0] : t('lineTitle')}</h1>
            <p className="quiet-text">{t('today', { time: since })}</p>
          </div>
          {waiting > 0 && (
            <a className="button primary big" {...linkTo({ view: 'ask' })}>
              {t('toAnswer', { n: format.whole(waiting) })}
            </a>
          )}
        </header>
        {view.journal.state === 'failing' && (
          <p className="alarm" role="alert">
            {t('journalFailing')}
          </p>
        )}
        {view.journal.waiting > view.journal.most / 2 && (
          <p className="alarm" role="status">
            {t('journalWaiting', {
              waiting: format.whole(view.journal.waiting),
              most: format.whole(view.journal.most),
            })}
          </p>
        )}
      </div>
      {lines.map((line) => (
        <section key={line} aria-label={line}>
          {lines.length > 1 && <h2>{line}</h2>}
          <ol className="stations">
            {view.stations
              .filter((card) => card.line === line)
              .map((card) => (
                <li key={card.id}>
                  <Card
                    card={card}
                    last={view.lastUnits.find(({ station }) => station === card.id)?.id ?? null}
                  />
                </li>
              ))}
          </ol>
        </section>
      ))}
      <div className="columns">
        <section aria-labelledby="interventions">
          <div className="section-head">
            <h2 id="interventions">
              {t('interventions')}{' '}
              {session && <span className={`origin origin-${session.origin}`}>{origin(session.origin)}</span>}
            </h2>
            <button type="button" className="button" onClick={() => setEntering(true)}>
              {t('interventionAdd')}
            </button>
          </div>
          <p className="quiet-text">
            {t('today', { time: since })} · {t('goodUnits', { n: format.whole(view.goodUnits) })}
          </p>
          <Interventions rows={view.interventions} sums={view.touchSums} since={since} />
          <a className="reach" {...linkTo({ view: 'shift' })}>
            {t('ledgerLink')}
          </a>
        </section>
        <section aria-labelledby="last-units">
          <h2 id="last-units">{t('lastUnits')}</h2>
          <LastUnits units={view.lastUnits} stations={view.stations} />
        </section>
      </div>
      {entering && <InterventionDialog stations={view.stations} onClose={() => setEntering(false)} />}
    </div>
  );
}

function Card({ card, last }: { card: StationCard; last: string | null }) {
  const { t, format, said, trouble } = useWords();
  const { value: session } = useStore(useSite().session);
  const maySign = session?.user ? mayRole(session.user.role, 'sign') : false;
  const name = `station-${card.id}`;
  const every = card.auditRate > 0 ? 1 / card.auditRate : 0;
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
              {every === 0 || manual || every < 1.05
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
        {card.model === null && card.troubles.every(({ code }) => code !== 'no-model') && (
          <p>{t('modelNone')}</p>
        )}
      </div>
      {card.troubles.length > 0 && (
        <div className="troubles">
          <b>{t('troubles')}</b>
          <ul>
            {card.troubles.map((one) => (
              <li key={JSON.stringify(one)}>{sentence(trouble(one))}</li>
            ))}
          </ul>
          {card.troubles.some(({ code }) => code === 'write-unknown') && (
            <a className="reach" {...linkTo({ view: 'equipment' })}>
              {t('eqDoubtLink')}
            </a>
          )}
        </div>
      )}
    </article>
  );
}
