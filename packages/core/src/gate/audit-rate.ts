import type { SideName } from './side.js';
import type { GateState } from './state.js';

/** Rules G-8, G-24: the lowest audit probability of a region now: the side's rate, raised by watch, by an alarm, by a new lot and by probation. */
export function auditRate(state: GateState, side: SideName): number {
  const { settings } = state.plan;
  let rate = state[side].rate;
  if (state.name === 'watch') rate = Math.max(rate, settings.watchRate);
  if (state.boostLeft > 0) rate = Math.max(rate, settings.boostRate);
  if (side === 'accept' && state.flow.lotLeft > 0) rate = Math.max(rate, settings.lotRate);
  if (side === 'accept' && (state.probationLeft ?? 0) > 0) rate = Math.max(rate, settings.probationRate ?? 0);
  return rate;
}
