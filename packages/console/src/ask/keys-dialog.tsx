import { useEffect, useState } from 'react';
import { useWords } from '../language/use-words.js';
import { Dialog } from '../parts/dialog.js';
import { Wrong } from '../parts/form.js';
import { DEFAULT_PEDALS, isReserved, keysFor, type PedalAct, type Pedals, withPedal } from './keys.js';

const ACTS: readonly PedalAct[] = [0, 1, 2, 3, 4, 5, 'undo'];

/** Which key of a foot pedal does what. */
export function KeysDialog({
  pedals,
  onPedals,
  onClose,
}: {
  pedals: Pedals;
  onPedals: (pedals: Pedals) => void;
  onClose: () => void;
}) {
  const { t } = useWords();
  const [setting, setSetting] = useState<PedalAct | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  useEffect(() => {
    if (setting === null) return;
    const press = (event: KeyboardEvent) => {
      if (event.key === 'Tab') return;
      event.preventDefault();
      event.stopPropagation();
      if (event.key !== 'Escape' && isReserved(event.key)) {
        setWrong(t('keysReserved', { key: event.key }));
        return;
      }
      setWrong(null);
      if (event.key !== 'Escape') onPedals(withPedal(pedals, event.key, setting));
      setSetting(null);
    };
    addEventListener('keydown', press, true);
    return () => removeEventListener('keydown', press, true);
  }, [setting, pedals, onPedals, t]);
  return (
    <Dialog title={t('keysTitle')} onClose={onClose}>
      <p>{t('keysText')}</p>
      <ul className="pedals">
        {ACTS.map((act) => {
          const keys = keysFor(pedals, act);
          const name = act === 'undo' ? t('undo') : t('keysAnswer', { n: String(act + 1) });
          return (
            <li key={act}>
              <span>{name}</span>
              <span className="pedal-keys">
                {setting === act ? (
                  <em>{t('keysPress')}</em>
                ) : keys.length === 0 ? (
                  <span className="quiet-text">{t('none')}</span>
                ) : (
                  keys.map((key) => <kbd key={key}>{key}</kbd>)
                )}
              </span>
              <button
                type="button"
                className="button"
                aria-label={`${t('keysSet')}: ${name}`}
                onClick={() => setSetting(act)}
              >
                {t('keysSet')}
              </button>
            </li>
          );
        })}
      </ul>
      <Wrong text={wrong} />
      <button type="button" className="button" onClick={() => onPedals(DEFAULT_PEDALS)}>
        {t('keysReset')}
      </button>
    </Dialog>
  );
}
