import { auditRate } from './audit-rate.js';
import type { SideName } from './side.js';
import type { Evidence, GateState, WeightedLabels } from './state.js';

/**
 * Rule G-22: audits are drawn alike until the first audit that finds a bad unit; from then on, where it is switched
 * on and a cut was fixed with the threshold, units close to the threshold are audited more and the others less.
 */
export function startWeighting(state: GateState): GateState {
  const { weightedAudits, weightedLow } = state.plan.settings;
  const { accept } = state;
  if (!weightedAudits || accept.weighting || !cutInside(state)) return state;
  return {
    ...state,
    accept: { ...accept, weighting: true, rate: state.ramped ? accept.rate : weightedLow },
  };
}

const cutInside = ({ accept: { cut, threshold } }: GateState): boolean =>
  cut !== null && threshold !== null && cut < threshold;

/**
 * Probability that this unit is audited. `auditRate` is the lowest of its region; above the cut it is higher, but only
 * while the side's own rate is at its floor: what the ramp demands is drawn alike, so the weights stay few.
 */
export function auditPropensity(state: GateState, side: SideName, score: number): number {
  const lowest = auditRate(state, side);
  const { weighting, rate, cut } = state.accept;
  if (side === 'reject' || !weighting) return lowest;
  const { weightedLow, weightedHigh } = state.plan.settings;
  return rate <= weightedLow && cut !== null && score > cut ? Math.max(lowest, weightedHigh) : lowest;
}

/** Labels with one more of a weight; null = drawn alike. The weights are few, since settings make them. */
export function counted(
  evidence: Evidence,
  weight: number | null,
  { n, k, overdue }: { readonly n: number; readonly k: number; readonly overdue: number },
): Evidence {
  const add = <L extends { n: number; k: number; overdue: number }>(labels: L): L => ({
    ...labels,
    n: labels.n + n,
    k: labels.k + k,
    overdue: Math.max(0, labels.overdue + overdue),
  });
  if (weight === null) return add(evidence);
  const { weighted } = evidence;
  const known = weighted.some((row) => row.weight === weight);
  const rows: readonly WeightedLabels[] = known
    ? weighted
    : [...weighted, { weight, n: 0, k: 0, overdue: 0 }];
  return { ...evidence, weighted: rows.map((row) => (row.weight === weight ? add(row) : row)) };
}
