import { binomialLower, binomialUpper } from '../bounds/binomial.js';
import { requireShare } from '../bounds/range.js';
import { requireCount } from './quantity.js';

/** A share of units, never shown without its interval. All 0..1. */
export interface ShareInterval {
  readonly share: number;
  readonly lower: number;
  readonly upper: number;
  readonly confidence: number;
  readonly of: number;
}

/**
 * Rule L-1: k of n with the exact two-sided interval (Clopper-Pearson, half of 1 - confidence on each side); null
 * where n = 0, since nothing is known then.
 *
 * @throws RangeError unless 0 <= k <= n are whole and 0 < confidence < 1.
 */
export function shareOf(k: number, n: number, confidence = 0.95): ShareInterval | null {
  requireCount('k', k);
  requireCount('n', n);
  requireShare('confidence', confidence);
  if (k > n) throw new RangeError(`${k} of ${n} units: a part cannot exceed the whole`);
  if (n === 0) return null;
  const delta = (1 - confidence) / 2;
  return {
    share: k / n,
    lower: binomialLower(k, n, delta),
    upper: binomialUpper(k, n, delta),
    confidence,
    of: n,
  };
}
