import type { LineView } from '@selvedge/core/records';
import { useState } from 'react';
import { ASK } from '../api/paths.js';
import { useWords } from '../language/use-words.js';
import { useLive, useSite, useStore } from '../live/use-site.js';
import { Empty, Loaded } from '../parts/empty.js';
import { sentence } from '../parts/sentence.js';
import { linkTo } from '../router/use-route.js';
import { InterventionDialog, Interventions } from './interventions.js';
import { LastUnits } from './last-units.js';
import { StagePanel } from './stage/stage-panel.js';
import { Card } from './station-card.js';

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
  const { t, format, origin, trouble } = useWords();
  const { value: session } = useStore(useSite().session);
  const [entering, setEntering] = useState(false);
  const waiting = view.stations.reduce((sum, { queue }) => sum + queue, 0);
  const since = format.clock(view.dayStartMs);
  // The disk is everybody's matter: it is said once, and not at every station again.
  const short = view.stations.flatMap(({ troubles }) => troubles).find(({ code }) => code === 'store-short');
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
        {short && (
          <p className="alarm" role="alert">
            {sentence(trouble(short))}
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
