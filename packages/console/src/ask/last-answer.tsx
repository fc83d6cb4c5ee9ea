import { useState } from 'react';
import { useWords } from '../language/use-words.js';
import { useNow, useStore } from '../live/use-site.js';
import { Dialog } from '../parts/dialog.js';
import type { After, Asking } from './asking.js';
import type { Observations } from './observations.js';
import type { Last } from './queue.js';
import { SeenOf } from './seen-of.js';
import { SimilarUnits } from './similar-units.js';

/** The last answer in one line, with the way to take it back while that is possible. */
export function LastBar({ asking, observations }: { asking: Asking; observations: Observations }) {
  const { t, format, answer } = useWords();
  const { last } = useStore(asking.queue);
  const undoing = useStore(asking.undoing);
  const [open, setOpen] = useState(false);
  const now = useNow(200);
  if (last === null) return <div className="last-bar" />;
  const label = answer(last.label);
  const left = last.answered === null ? null : Math.max(0, last.answered.undoUntilMs - now);
  const may = left === null || left > 0;
  return (
    <div className={`last-bar${may ? ' last-open' : ''}`}>
      <p>
        <b>{t('youSaid', { label })}</b> <span className="last-unit">{last.question.unit}</span>{' '}
        <span className="quiet-text">
          {last.answered === null
            ? t('sending')
            : may
              ? t('undoLeft', { n: format.whole(Math.ceil((left ?? 0) / 1000)) })
              : t('undoOver')}
        </span>
      </p>
      {last.answered && (
        <button type="button" className="button only-narrow" onClick={() => setOpen(true)}>
          {t('afterModel')}
        </button>
      )}
      <button
        type="button"
        className="button undo"
        disabled={!may || undoing}
        onClick={() => void asking.undo()}
      >
        {t('undo')}
      </button>
      {open && last.answered && (
        <Dialog title={t('askUnit', { unit: last.question.unit })} onClose={() => setOpen(false)}>
          <AfterPanel
            after={last.answered.after}
            station={last.question.station}
            last={last}
            observations={observations}
          />
        </Dialog>
      )}
    </div>
  );
}

/** What the model said of a unit, where it looked, and units that look alike. */
export function AfterPanel({
  after,
  station,
  last = null,
  observations,
}: {
  after: After;
  /** Where the unit was seen. */
  station: string;
  last?: Last | null;
  observations: Observations;
}) {
  const { t, format, answer } = useWords();
  // Help comes before an answer: there is nothing yet to agree with.
  const how = after.agreed === null ? 'silent' : after.agreed ? 'agreed' : 'differed';
  const said = {
    silent: t(after.score === null ? 'afterSilent' : 'afterUnsure'),
    agreed: t('afterAgreed'),
    differed: t('afterDiffered'),
  }[how];
  return (
    <section className={`after after-${how}`} aria-label={t('afterModel')}>
      {last && (
        <p className="quiet-text">
          {last.question.unit} · {t('youSaid', { label: answer(last.label) })}
        </p>
      )}
      <p className="after-said">
        <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
          {how === 'agreed' && <path d="M5 9.5h14M5 14.5h14" />}
          {how === 'differed' && <path d="M5 9.5h14M5 14.5h14M16 5 8 19" />}
          {how === 'silent' && <path d="M5 12h14" />}
        </svg>
        <span>
          {t('afterModel')} {last ? said : ''}
          {after.score !== null && (
            <span className="quiet-text"> {t('afterScore', { score: format.reading(after.score) })}</span>
          )}
        </span>
      </p>
      {last && (after.marks || after.heatHref) && (
        <>
          <SeenOf
            key={last.question.unit}
            observations={observations}
            unit={last.question.unit}
            shown={after}
            small
          />
          {after.marks && <p className="quiet-text">{t('afterMarks')}</p>}
          {after.heatHref && <p className="quiet-text">{t('obsHeat')}</p>}
        </>
      )}
      <SimilarUnits after={after} station={station} observations={observations} />
    </section>
  );
}
