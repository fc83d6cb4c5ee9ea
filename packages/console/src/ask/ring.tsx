import type { Question } from '@selvedge/core/records';
import { useWords } from '../language/use-words.js';
import { useNow } from '../live/use-site.js';
import { countdown } from './countdown.js';

const RADIUS = 27;
const ROUND = 2 * Math.PI * RADIUS;

/** The time that is left, and what happens then. */
export function Ring({ question }: { question: Question }) {
  const { t, format, disposition } = useWords();
  const now = useNow(250);
  const { seconds, share, level } = countdown(question.askedAtMs, question.deadlineAtMs, now);
  const values = { n: format.whole(seconds), disposition: disposition(question.otherwise) };
  const shown =
    seconds < 100 ? String(seconds) : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  return (
    <div className={`ring ring-${level}`}>
      <div className="ring-clock" role="timer" aria-label={t('askSecondsLeft', values)}>
        <svg viewBox="0 0 64 64" aria-hidden="true" focusable="false">
          <circle cx="32" cy="32" r={RADIUS} className="ring-ground" />
          <circle
            cx="32"
            cy="32"
            r={RADIUS}
            className="ring-left"
            strokeDasharray={ROUND.toFixed(2)}
            strokeDashoffset={(ROUND * (1 - share)).toFixed(2)}
            transform="rotate(-90 32 32)"
          />
        </svg>
        <span aria-hidden="true" className={shown.length > 3 ? 'ring-long' : ''}>
          {shown}
        </span>
      </div>
      <p aria-hidden="true">{t('askIfNot', values)}</p>
      <p className="unseen" aria-live="polite">
        {level === 'now' && t('askSoon', { n: '10' })}
      </p>
    </div>
  );
}
