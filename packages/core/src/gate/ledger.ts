import type { Budget } from './plan.js';

/** Shares of delta of one side. Their sum is the side's delta (a union bound). */
export interface SideLedger {
  readonly certificate: number;
  readonly live: number;
  /** For the upper bound of the region's share of all units. */
  readonly region: number;
}

export interface Ledger {
  readonly accept: SideLedger;
  /** Zeros where there is no automatic reject. */
  readonly reject: SideLedger;
}

/**
 * Splits 1 - confidence (rule G-1): certificate .5, live e-process .4, region share .1 of a side; both sides
 * share equally, one side alone has all. At 95 % with two sides: .0125 + .01 + .0025 each.
 */
export function deltaLedger({
  confidence,
  overkillRate,
}: Pick<Budget, 'confidence' | 'overkillRate'>): Ledger {
  const delta = 1 - confidence;
  const sides = overkillRate > 0 ? 2 : 1;
  const accept = split(delta / sides);
  return { accept, reject: overkillRate > 0 ? accept : split(0) };
}

function split(delta: number): SideLedger {
  return { certificate: delta / 2, live: delta * 0.4, region: delta * 0.1 };
}
