import type { GateStateName } from '@selvedge/core/records';
import { type Look, Mark } from './mark.js';

const LOOK: Readonly<Record<GateStateName, Look>> = {
  shadow: ['ring', 'shadow', 'stateShadow'],
  ramp: ['rise', 'ramp', 'stateRamp'],
  open: ['check', 'open', 'stateOpen'],
  watch: ['warn', 'watch', 'stateWatch'],
  closed: ['shut', 'closed', 'stateClosed'],
};

/** The state of a gate. */
export const StateMark = ({ state, large = false }: { state: GateStateName; large?: boolean }) => (
  <Mark look={LOOK[state]} large={large} />
);
