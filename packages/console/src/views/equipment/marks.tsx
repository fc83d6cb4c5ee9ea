import type { EquipmentView, OpeningView, WriteView } from '@selvedge/core/records';
import type { ReactNode } from 'react';
import type { TextKey } from '../../language/texts.js';
import { useWords } from '../../language/use-words.js';
import { isHeld } from './held.js';

export type Connector = EquipmentView['connectors'][number];
export type Mode = Connector['mode'];
type Quality = Connector['tags'][number]['quality'];

/** One shape a meaning, so that nobody needs the colour: 24 x 24, drawn in the colour of the text. */
const SHAPES = {
  ring: <circle cx="12" cy="12" r="8.5" fill="none" strokeDasharray="3.4 3.3" />,
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
  rise: <path d="M3.5 19.5h17v-15z" fill="currentColor" strokeLinejoin="round" />,
  speak: <path d="M4 4.5h16v11h-9l-4.5 4v-4H4z" fill="none" strokeLinejoin="round" />,
  go: <path d="M6 3.5 20 12 6 20.5z" fill="currentColor" strokeLinejoin="round" />,
} as const satisfies Readonly<Record<string, ReactNode>>;

type Look = readonly [
  shape: keyof typeof SHAPES,
  tone: 'shadow' | 'ramp' | 'open' | 'watch' | 'closed',
  word: TextKey,
];

function Mark({ look: [shape, tone, word] }: { look: Look }) {
  const { t } = useWords();
  return (
    <span className={`state state-${tone}`}>
      <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
        {SHAPES[shape]}
      </svg>
      {t(word)}
    </span>
  );
}

const LINK: Readonly<Record<Connector['state'], Look>> = {
  connecting: ['ring', 'shadow', 'eqConnecting'],
  up: ['check', 'open', 'eqUp'],
  degraded: ['warn', 'watch', 'eqDegraded'],
  down: ['cross', 'closed', 'eqDown'],
};
/** Whether equipment is there. */
export const LinkMark = ({ state }: { state: Connector['state'] }) => <Mark look={LINK[state]} />;

const MODE: Readonly<Record<Mode, Look>> = {
  off: ['bar', 'shadow', 'eqModeOff'],
  shadow: ['ring', 'shadow', 'eqModeShadow'],
  advise: ['speak', 'ramp', 'eqModeAdvise'],
  act: ['go', 'open', 'eqModeAct'],
};
/** What a guard may do. */
export const ModeMark = ({ mode }: { mode: Mode }) => <Mark look={MODE[mode]} />;

const QUALITY: Readonly<Record<Quality, Look>> = {
  good: ['check', 'open', 'eqQualityGood'],
  uncertain: ['warn', 'watch', 'eqQualityUncertain'],
  bad: ['cross', 'closed', 'eqQualityBad'],
};
/** How far a value can be trusted. */
export const QualityMark = ({ quality }: { quality: Quality }) => <Mark look={QUALITY[quality]} />;

const STEP: Readonly<Record<OpeningView['step'], Look>> = {
  SHADOW: ['ring', 'shadow', 'eqStepShadow'],
  TRIAL: ['rise', 'ramp', 'eqStepTrial'],
  OPEN: ['check', 'open', 'eqStepOpen'],
};
/** How far the gate of a setting is. */
export const StepMark = ({ step }: { step: OpeningView['step'] }) => <Mark look={STEP[step]} />;

const OUTCOME: Readonly<Record<NonNullable<WriteView['outcome']>, Look>> = {
  done: ['check', 'open', 'eqWriteDone'],
  refused: ['cross', 'closed', 'eqWriteRefused'],
  held: ['bar', 'watch', 'eqWriteHeld'],
  unknown: ['warn', 'closed', 'eqWriteUnknown'],
};
const FLYING: Look = ['ring', 'shadow', 'eqWriteFlying'];
/** How a write ended. What the guard stopped at the last moment was held back like all that it stops. */
export function OutcomeMark({ write: { outcome, why } }: { write: WriteView }) {
  if (outcome === null) return <Mark look={FLYING} />;
  return <Mark look={OUTCOME[outcome === 'refused' && isHeld(why) ? 'held' : outcome]} />;
}
