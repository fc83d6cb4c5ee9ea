import type { WriteView } from '@selvedge/core/records';
import { useId, useState } from 'react';
import { useWords } from '../../language/use-words.js';
import { useSite } from '../../live/use-site.js';
import { linkTo } from '../../router/use-route.js';
import type { NameOf } from './equipment-view.js';
import { whyInWords } from './held.js';
import { type Connector, OutcomeMark } from './marks.js';
import { valueInWords } from './values.js';

/** More of them are shown when they are asked for. */
const AT_ONCE = 8;

/** The last writes, those that were held back among them, newest first. */
export function Writes({ connector, nameOf }: { connector: Connector; nameOf: NameOf }) {
  const { t, format } = useWords();
  const id = useId();
  const [all, setAll] = useState(false);
  const shown = all ? connector.writes : connector.writes.slice(0, AT_ONCE);
  return (
    <section aria-labelledby={id}>
      <h3 id={id}>{t('eqWrites')}</h3>
      {connector.writes.length === 0 && <p className="quiet-text">{t('eqWritesNone')}</p>}
      <ol className="writes">
        {shown.map((write) => (
          <Write
            key={write.write}
            write={write}
            unit={connector.tags.find(({ tag }) => tag === write.target)?.unit ?? '1'}
            station={nameOf(write.station)}
          />
        ))}
      </ol>
      {shown.length < connector.writes.length && (
        <button type="button" className="button" onClick={() => setAll(true)}>
          {t('eqMore', { n: format.whole(connector.writes.length) })}
          <span className="unseen">: {t('eqWrites')}</span>
        </button>
      )}
    </section>
  );
}

function Write({ write, unit, station }: { write: WriteView; unit: string; station: string }) {
  const words = useWords();
  const { t, format } = words;
  const { clock } = useSite();
  const today = format.day(write.atMs) === format.day(clock.now());
  const why = write.outcome === 'done' ? '' : whyInWords(write.why, words);
  return (
    <li>
      <time dateTime={new Date(write.atMs).toISOString()} title={format.moment(write.atMs)}>
        {today
          ? format.clockSeconds(write.atMs)
          : `${format.shortDay(write.atMs)}, ${format.clock(write.atMs)}`}
      </time>
      <div>
        <p>
          <b>{write.target}</b> → {valueInWords(write.value, unit, words)}
        </p>
        <p className="quiet-text">
          {station} · <For decision={write.decision} />
        </p>
      </div>
      <div>
        <OutcomeMark write={write} />
        {why !== '' && <p className="quiet-text">{why}</p>}
        {write.seenBy !== null && <p className="quiet-text">{t('eqWriteSeen', { who: write.seenBy })}</p>}
      </div>
    </li>
  );
}

/** What a write followed from: a unit, a person's hand, the end of a lease. */
function For({ decision }: { decision: string }) {
  const { t } = useWords();
  const [kind, id] = [decision.slice(0, decision.indexOf(':')), decision.slice(decision.indexOf(':') + 1)];
  if (kind === 'user') return <>{t('eqByHand')}</>;
  if (kind === 'lease') return <>{t('eqByLease')}</>;
  if (kind !== 'unit') return <>{decision}</>;
  return <a {...linkTo({ view: 'unit', id })}>{id}</a>;
}
