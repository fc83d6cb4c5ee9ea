import type { Question } from '@selvedge/core/records';
import { useWords } from '../language/use-words.js';
import { useStore } from '../live/use-site.js';
import { DispositionMark } from '../parts/disposition-mark.js';
import { Thumbnail } from '../parts/thumbnail.js';
import { linkTo } from '../router/use-route.js';
import type { After } from './asking.js';
import type { Observations } from './observations.js';

/** Past cases that the model finds most alike: how each looked, how people judged it and what became of it. */
export function SimilarUnits({
  after,
  station,
  observations,
}: {
  after: After;
  station: Question['station'];
  observations: Observations;
}) {
  const { t } = useWords();
  return (
    <>
      <h3>{t('afterSimilar')}</h3>
      {after.similar.length === 0 ? (
        <p className="quiet-text">{t('afterNoSimilar')}</p>
      ) : (
        <ul className="similar">
          {after.similar.map((past) => (
            <li key={past.unit}>
              <Past past={past} station={station} channel={mostMarked(after)} observations={observations} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Past({
  past: { unit, label, bad, disposition },
  station,
  channel,
  observations,
}: {
  past: After['similar'][number];
  station: string;
  channel: number;
  observations: Observations;
}) {
  const { t, answer } = useWords();
  const { view, fault } = useStore(observations.of(unit, station));
  return (
    <a {...linkTo({ view: 'unit', id: unit })} className={`past ${bad ? 'past-bad' : 'past-good'}`}>
      {view ? (
        <Thumbnail view={view} unit={unit} channel={channel} />
      ) : (
        <span className="stamp stamp-words">{fault ? '–' : t('loading')}</span>
      )}
      <b>{answer(label)}</b>
      <DispositionMark disposition={disposition} />
      <span className="past-unit">{unit}</span>
    </a>
  );
}

/** The channel in which the unit differs most from a typical good one: the one worth comparing. */
export function mostMarked({ marks }: Pick<After, 'marks'>): number {
  let best = 0;
  let most = 0;
  for (const [i, channel] of (marks ?? []).entries())
    for (const mark of channel)
      if (Math.abs(mark) > most) {
        most = Math.abs(mark);
        best = i;
      }
  return best;
}
