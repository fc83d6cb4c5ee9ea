import { foundStatistic } from '../anytime/found.js';
import { regionBudget } from './side.js';
import type { GateState } from './state.js';

/** Rule G-20: harm that shows downstream, on the scale of the harm statistic of the audits. 0 where nothing was found. */
export function foundHarm(state: GateState): number {
  const { positions } = state.findings;
  if (positions.length === 0) return 0;
  return foundStatistic({ positions, units: state.flow.inAccept, rate: regionBudget(state, 'accept') });
}
