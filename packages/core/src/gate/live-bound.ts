import { weightedUpper } from '../anytime/weighted.js';
import { correctForMisses, type Meaning, meaningOf } from '../reader/label-noise.js';
import type { SideName } from './side.js';
import type { Evidence, GateState } from './state.js';

/**
 * What a bound of a side speaks of (rule G-19). Known-bad seeds say how often readers miss; whether they call good
 * units bad, which is what an overkill bound would need, no seed shows.
 */
export const meaningOn = ({ seeds }: GateState, side: SideName): Meaning =>
  side === 'accept' ? meaningOf(seeds.read) : 'agreement with operators';

/**
 * The time-uniform upper bound of P(wrong | region) from labels, rule G-19: below 60 read seeds U at the live share
 * of delta, about agreement; from then on U(delta / 2) / (1 - U_miss(delta / 2)), about truth. Each of the two
 * holds at every moment at once with its own meaning. Overdue answers count as wrong.
 */
export function boundOf(state: GateState, side: SideName, evidence: Evidence): number {
  const live = state.ledger[side].live;
  if (meaningOn(state, side) !== 'truth') return measured(evidence, live);
  return correctForMisses(measured(evidence, live / 2), state.seeds.missUpper);
}

function measured({ n, k, overdue, weighted }: Evidence, delta: number): number {
  const rows = weighted.map((row) => ({
    weight: row.weight,
    n: row.n + row.overdue,
    k: row.k + row.overdue,
  }));
  return weightedUpper({ n: n + overdue, k: k + overdue }, rows, delta);
}
