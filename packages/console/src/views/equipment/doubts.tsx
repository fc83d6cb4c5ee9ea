import type { WriteView } from '@selvedge/core/records';
import { type FormEvent, useState } from 'react';
import { DO } from '../../api/paths.js';
import { useWords } from '../../language/use-words.js';
import { useSite } from '../../live/use-site.js';
import { TextField, useAct, Wrong } from '../../parts/form.js';
import type { NameOf } from './equipment-view.js';
import { whyInWords } from './held.js';
import type { Connector } from './marks.js';
import { valueInWords } from './values.js';

/** The oldest of them; the next ones come up as people look. */
const AT_ONCE = 6;

/** Writes of which nobody knows whether they happened: before everything else, until somebody has looked. */
export function Doubts({ connectors, nameOf }: { connectors: readonly Connector[]; nameOf: NameOf }) {
  const { t, format } = useWords();
  const doubts = connectors.flatMap((connector) => connector.doubts.map((write) => ({ connector, write })));
  const inAll = connectors.reduce((sum, { doubtsInAll }) => sum + doubtsInAll, 0);
  return (
    <>
      {/* Always there, so that it is read aloud when it fills; what people type below is not. */}
      <p className="unseen" role="alert">
        {doubts.length > 0 && t('eqDoubts')}
      </p>
      {doubts.length > 0 && (
        <section className="doubts" aria-labelledby="doubts">
          <h2 id="doubts">
            <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
              <path d="M12 2.2 21.8 12 12 21.8 2.2 12z" />
              <path d="M12 7.4v5.4M12 16.1v.4" />
            </svg>
            {t('eqDoubts')}
          </h2>
          <p>{t('eqDoubtText')}</p>
          <ul>
            {doubts.slice(0, AT_ONCE).map(({ connector, write }) => (
              <Doubt key={write.write} connector={connector} write={write} nameOf={nameOf} />
            ))}
          </ul>
          {inAll > AT_ONCE && <p>{t('eqDoubtsMore', { n: format.whole(inAll - AT_ONCE) })}</p>}
        </section>
      )}
    </>
  );
}

function Doubt({ connector, write, nameOf }: { connector: Connector; write: WriteView; nameOf: NameOf }) {
  const words = useWords();
  const { t, format } = words;
  const site = useSite();
  const act = useAct();
  const [note, setNote] = useState('');
  const unit = connector.tags.find(({ tag }) => tag === write.target)?.unit ?? '1';
  const value = valueInWords(write.value, unit, words);
  const seen = async (event: FormEvent) => {
    event.preventDefault();
    if (act.busy || !(await act.post(DO.seen(write.write), { note: note.trim() }))) return;
    // The form goes with its doubt; the next one is the first thing after this place.
    document.getElementById('main')?.focus({ preventScroll: true });
    site.refresh();
  };
  return (
    <li>
      <p className="doubt-what">{t('eqDoubt', { target: write.target, value })}</p>
      <p>
        {format.moment(write.atMs)} · {connector.id} · {nameOf(write.station)}
        {write.why !== '' && <> · {whyInWords(write.why, words)}</>}
      </p>
      {write.outcome === 'held' && <p>{t('eqUntold')}</p>}
      <form onSubmit={(event) => void seen(event)} noValidate>
        <TextField label={t('eqDoubtNote')} value={note} maxLength={500} onChange={setNote} />
        <button type="submit" className="button primary big" aria-disabled={act.busy}>
          {t('eqDoubtDo')}
        </button>
        <Wrong text={act.wrong} />
      </form>
    </li>
  );
}
