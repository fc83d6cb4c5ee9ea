import type { Question } from '@selvedge/core/records';
import { useState } from 'react';
import { useWords } from '../language/use-words.js';
import { Dialog } from '../parts/dialog.js';
import { Wrong } from '../parts/form.js';
import type { Asking } from './asking.js';

/** What is known about the unit beside what was seen. */
export function Context({ question }: { question: Question }) {
  const { t, format, word } = useWords();
  const entries = Object.entries(question.context);
  return (
    <section className="context" aria-label={t('askContext')}>
      {entries.length === 0 ? (
        <p className="quiet-text">{t('askNoContext')}</p>
      ) : (
        <dl>
          {entries.map(([name, value]) => (
            <div key={name}>
              <dt>{word(name)}</dt>
              <dd>{typeof value === 'number' ? format.reading(value) : (value ?? '–')}</dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}

/** Help before an answer costs the answer its worth as evidence: it is said before, and nobody is blamed. */
export function HelpDialog({ asking, onClose }: { asking: Asking; onClose: () => void }) {
  const words = useWords();
  const { t } = words;
  const [wrong, setWrong] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const show = async () => {
    setBusy(true);
    const fault = await asking.help();
    setBusy(false);
    if (fault) setWrong(words.fault(fault));
    else onClose();
  };
  return (
    <Dialog title={t('helpTitle')} onClose={onClose}>
      <p>{t('helpText')}</p>
      <Wrong text={wrong} />
      <div className="actions">
        <button type="button" className="button primary big" disabled={busy} onClick={() => void show()}>
          {t('helpDo')}
        </button>
        <button type="button" className="button big" onClick={onClose}>
          {t('cancel')}
        </button>
      </div>
    </Dialog>
  );
}
