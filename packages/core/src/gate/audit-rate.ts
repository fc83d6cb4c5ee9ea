import type { SideName } from './side.js';
import type { GateState } from './state.js';

/** Rule G-8: the lowest audit probability of a region now: the side's rate, raised by watch, by an alarm and by a new lot. */
export function auditRate(state: GateState, side: SideName): number {
  const { settings } = state.plan;
  let rate = state[side].rate;
  if (state.name === 'watch') rate = Math.max(rate, settings.watchRate);
  if (state.boostLeft > 0) rate = Math.max(rate, settings.boostRate);
  if (side === 'accept' && state.flow.lotLeft > 0) rate = Math.max(rate, settings.lotRate);
  return rate;
}
