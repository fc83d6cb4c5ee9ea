import type { GateStateName } from '@selvedge/core/records';
import { useWords } from '../language/use-words.js';

/** One shape a state, so that nobody needs the colour: 24 x 24, drawn in the colour of the text. */
const SHAPES: Readonly<Record<GateStateName, React.ReactNode>> = {
  shadow: <circle cx="12" cy="12" r="8.5" fill="none" strokeDasharray="3.4 3.3" />,
  ramp: <path d="M3.5 19.5h17v-15z" fill="currentColor" strokeLinejoin="round" />,
  open: (
    <>
      <circle cx="12" cy="12" r="9" fill="currentColor" />
      <path d="m7.8 12.4 2.9 2.9 5.6-6" fill="none" className="knock" />
    </>
  ),
  watch: (
    <>
      <path d="M12 2.2 21.8 12 12 21.8 2.2 12z" fill="currentColor" strokeLinejoin="round" />
      <path d="M12 7.4v5.4M12 16.1v.4" fill="none" className="knock" />
    </>
  ),
  closed: (
    <>
      <rect x="3" y="3" width="18" height="18" rx="2.5" fill="currentColor" />
      <path d="M7.5 12h9" fill="none" className="knock" />
    </>
  ),
};

/** The state of a gate: shape, colour and word. */
export function StateMark({ state, large = false }: { state: GateStateName; large?: boolean }) {
  const words = useWords();
  return (
    <span className={`state state-${state}${large ? ' state-large' : ''}`}>
      <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
        {SHAPES[state]}
      </svg>
      {words.state(state)}
    </span>
  );
}
