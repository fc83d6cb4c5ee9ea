import type { EquipmentView, OpeningView, WriteView } from '@selvedge/core/records';
import { type Look, Mark } from '../../parts/mark.js';
import { isHeld } from './held.js';

export type Connector = EquipmentView['connectors'][number];
export type Mode = Connector['mode'];
type Quality = Connector['tags'][number]['quality'];

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
export function OutcomeMark({ write: { outcome, why } }: { write: Pick<WriteView, 'outcome' | 'why'> }) {
  if (outcome === null) return <Mark look={FLYING} />;
  return <Mark look={OUTCOME[outcome === 'refused' && isHeld(why) ? 'held' : outcome]} />;
}
