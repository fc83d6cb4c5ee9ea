import type { Question } from '@selvedge/core/records';
import type { Ref } from 'react';
import { useWords } from '../language/use-words.js';

/**
 * Two to six large answers. All have the same weight on the screen: a page that shouts one of them gets more of it.
 */
export function Answers({
  ref,
  question,
  onChoose,
}: {
  ref: Ref<HTMLFieldSetElement>;
  question: Question;
  onChoose: (label: string, by: 'touch' | 'keyboard') => void;
}) {
  const { t, answer } = useWords();
  return (
    <fieldset
      className="answers"
      ref={ref}
      aria-label={t('askQuestion')}
      data-count={question.choices.length}
    >
      {question.choices.map(({ label, bad }, i) => (
        <button
          type="button"
          key={label}
          className={`answer ${bad ? 'answer-bad' : 'answer-good'}`}
          aria-keyshortcuts={String(i + 1)}
          onKeyDown={(event) => {
            if (event.repeat) event.preventDefault();
          }}
          onClick={(event) => onChoose(label, event.detail === 0 ? 'keyboard' : 'touch')}
        >
          <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            {bad ? <path d="M5.5 5.5l13 13M18.5 5.5l-13 13" /> : <path d="m4 12.8 5.4 5.4L20 7.2" />}
          </svg>
          <span className="answer-label">{answer(label)}</span>
          <kbd>{i + 1}</kbd>
        </button>
      ))}
    </fieldset>
  );
}
