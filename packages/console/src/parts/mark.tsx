import type { ReactNode } from 'react';
import type { TextKey } from '../language/texts.js';
import { useWords } from '../language/use-words.js';

/** One shape a meaning, so that nobody needs the colour: 24 x 24, drawn in the colour of the text. */
const SHAPES = {
  ring: <circle cx="12" cy="12" r="8.5" fill="none" strokeDasharray="3.4 3.3" />,
  rise: <path d="M3.5 19.5h17v-15z" fill="currentColor" strokeLinejoin="round" />,
  check: (
    <>
      <circle cx="12" cy="12" r="9" fill="currentColor" />
      <path d="m7.8 12.4 2.9 2.9 5.6-6" fill="none" className="knock" />
    </>
  ),
  warn: (
    <>
      <path d="M12 2.2 21.8 12 12 21.8 2.2 12z" fill="currentColor" strokeLinejoin="round" />
      <path d="M12 7.4v5.4M12 16.1v.4" fill="none" className="knock" />
    </>
  ),
  shut: (
    <>
      <rect x="3" y="3" width="18" height="18" rx="2.5" fill="currentColor" />
      <path d="M7.5 12h9" fill="none" className="knock" />
    </>
  ),
  cross: (
    <>
      <rect x="3" y="3" width="18" height="18" rx="2.5" fill="currentColor" />
      <path d="m8 8 8 8M16 8l-8 8" fill="none" className="knock" />
    </>
  ),
  bar: (
    <>
      <rect x="3" y="3" width="18" height="18" rx="2.5" fill="none" />
      <path d="M7.5 12h9" fill="none" />
    </>
  ),
  speak: <path d="M4 4.5h16v11h-9l-4.5 4v-4H4z" fill="none" strokeLinejoin="round" />,
  go: <path d="M6 3.5 20 12 6 20.5z" fill="currentColor" strokeLinejoin="round" />,
} as const satisfies Readonly<Record<string, ReactNode>>;

/** How a state looks: its shape, the colour of the gate state that it is like, and its word. */
export type Look = readonly [
  shape: keyof typeof SHAPES,
  tone: 'shadow' | 'ramp' | 'open' | 'watch' | 'closed',
  word: TextKey,
];

/** A state of anything: shape, colour and word. */
export function Mark({ look: [shape, tone, word], large = false }: { look: Look; large?: boolean }) {
  const { t } = useWords();
  return (
    <span className={`state state-${tone}${large ? ' state-large' : ''}`}>
      <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
        {SHAPES[shape]}
      </svg>
      {t(word)}
    </span>
  );
}
