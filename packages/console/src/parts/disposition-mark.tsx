import type { Disposition } from '@selvedge/core/records';
import { useWords } from '../language/use-words.js';

const SHAPES: Readonly<Record<Disposition | 'open', React.ReactNode>> = {
  pass: <path d="m3 8.5 3.4 3.4L13 4.8" />,
  reject: <path d="M4 4l8 8M12 4l-8 8" />,
  hold: <path d="M5.2 3.5v9M10.8 3.5v9" />,
  divert: <path d="M3 12.5C3 8 6 6.5 12 6.5M9 3.2l3.4 3.3L9 9.8" />,
  open: <circle cx="8" cy="8" r="4.6" strokeDasharray="2.2 2" />,
};

/** What a unit became: shape, colour and word. */
export function DispositionMark({ disposition }: { disposition: Disposition | null }) {
  const words = useWords();
  const what = disposition ?? 'open';
  return (
    <span className={`became became-${what}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
        {SHAPES[what]}
      </svg>
      {disposition === null ? words.t('open') : words.disposition(disposition)}
    </span>
  );
}
