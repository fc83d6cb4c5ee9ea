import { lowerIncompleteGamma } from '../bounds/incomplete-gamma.js';
import { firstNonNegative } from '../bounds/root.js';

/** Rule L-4: exact one-sided bounds (Garwood 1936) of a Poisson mean after `count` events, each at its own delta. */
export function poissonUpper(count: number, delta: number): number {
  // P(Poisson(m) <= count) = 1 - P(count + 1, m).
  return meanWhere(count + 1, 1 - delta);
}

export function poissonLower(count: number, delta: number): number {
  // P(Poisson(m) >= count) = P(count, m).
  return count === 0 ? 0 : meanWhere(count, delta);
}

const meanWhere = (a: number, probability: number): number =>
  firstNonNegative((m) => lowerIncompleteGamma(a, m) - probability, 0, 10 * a + 100, 1e-12);
