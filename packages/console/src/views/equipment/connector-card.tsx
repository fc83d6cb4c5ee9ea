import type { User } from '@selvedge/core/records';
import type { TextKey } from '../../language/texts.js';
import { useWords } from '../../language/use-words.js';
import { sentence } from '../../parts/sentence.js';
import type { NameOf } from './equipment-view.js';
import { Guard } from './guard.js';
import { Leases } from './leases.js';
import { type Connector, LinkMark } from './marks.js';
import { Openings } from './openings.js';
import { Tags } from './tags.js';
import { Writes } from './writes.js';

const MEANS: Readonly<Record<Connector['state'], TextKey>> = {
  ...{ connecting: 'eqMeansConnecting', up: 'eqMeansUp' },
  ...{ degraded: 'eqMeansDegraded', down: 'eqMeansDown' },
};

/** One connection to equipment: whether it is there, what it says, what may be written to it, what was. */
export function ConnectorCard({
  connector,
  nameOf,
  user,
}: {
  connector: Connector;
  nameOf: NameOf;
  user: User | null;
}) {
  const { t, format, said } = useWords();
  const { id, state, why, cpuShare } = connector;
  const name = `connector-${id}`;
  return (
    <article className={`connector connector-${state}`} aria-labelledby={name}>
      <header className="connector-head">
        <div>
          <h2 id={name}>{id}</h2>
          <p className="quiet-text">{t('eqSpeaks', { protocol: connector.speaks })}</p>
        </div>
        <LinkMark state={state} />
      </header>
      <p className="reason">
        {t(MEANS[state])}
        {state !== 'up' && why !== '' && <> {sentence(said(why))}</>}
      </p>
      <dl className="figures connector-figures">
        <div>
          <dt>{t('eqRestarts')}</dt>
          <dd>
            <b>{format.whole(connector.restarts)}</b>
            <small>{t('eqRestartsHelp')}</small>
          </dd>
        </div>
        <div>
          <dt>{t('eqGaps')}</dt>
          <dd>
            <b className={connector.gaps > 0 ? 'bad-text' : ''}>{format.whole(connector.gaps)}</b>
            <small>{t('eqGapsHelp')}</small>
          </dd>
        </div>
        <div>
          <dt>{t('eqLoad')}</dt>
          <dd>
            <b>{cpuShare === null ? '–' : format.percent(cpuShare)}</b>
            <small>{t(cpuShare === null ? 'eqLoadNone' : 'eqLoadHelp')}</small>
          </dd>
        </div>
      </dl>
      <div className="connector-grid">
        <div className="connector-side">
          <Guard connector={connector} nameOf={nameOf} user={user} />
          <Leases connector={connector} nameOf={nameOf} user={user} />
          <Openings openings={connector.openings} nameOf={nameOf} />
        </div>
        <div className="connector-side">
          <Writes connector={connector} nameOf={nameOf} />
          <Tags tags={connector.tags} />
        </div>
      </div>
    </article>
  );
}
