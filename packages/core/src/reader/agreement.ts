/** Pairs of blind answers of two different readers on the same unit. */
export interface ReadPairs {
  readonly bothBad: number;
  readonly differ: number;
  readonly bothGood: number;
}

export interface Agreement {
  readonly pairs: number;
  readonly agreed: number;
  /** Agreement beyond chance, -1..1; null where all answers are the same and chance explains everything. */
  readonly kappa: number | null;
  readonly interval: readonly [number, number] | null;
}

/** Chi-square with one degree of freedom at 95 %. */
const CHI_SQUARE_95 = 3.841458820694124;
const HALVINGS = 60;

/**
 * How well two readers agree beyond chance. Who reads first is chance, so the readers share one rate of bad answers:
 * kappa = 1 - differ / (2 n p (1 - p)) (Scott 1955), with the 95 % goodness-of-fit interval of Donner and Eliasziw,
 * Statistics in Medicine 11 (1992) 1511, eq. 2, which keeps its level with few pairs and rare bad units.
 *
 * @throws RangeError unless the counts are whole and not negative.
 */
export function agreement({ bothBad, differ, bothGood }: ReadPairs): Agreement {
  if (![bothBad, differ, bothGood].every((n) => Number.isInteger(n) && n >= 0))
    throw new RangeError('pairs are counted in whole numbers from 0 up');
  const pairs = bothBad + differ + bothGood;
  const agreed = bothBad + bothGood;
  const p = (2 * bothBad + differ) / (2 * pairs);
  if (pairs === 0 || p === 0 || p === 1) return { pairs, agreed, kappa: null, interval: null };
  const spread = p * (1 - p);
  const kappa = 1 - differ / (2 * pairs * spread);
  const least = Math.max(-p / (1 - p), -(1 - p) / p);
  const misfit = (k: number): number => {
    const cells = [
      [bothBad, p * p + spread * k],
      [differ, 2 * spread * (1 - k)],
      [bothGood, (1 - p) * (1 - p) + spread * k],
    ] as const;
    return cells.reduce((sum, [n, share]) => {
      const expected = pairs * share;
      if (expected <= 0) return n === 0 ? sum : Number.POSITIVE_INFINITY;
      return sum + (n - expected) ** 2 / expected;
    }, 0);
  };
  /** The last value on the way to `end` that still fits. */
  const last = (end: number): number => {
    if (misfit(end) <= CHI_SQUARE_95) return end;
    let [fits, tooFar] = [kappa, end];
    for (let i = 0; i < HALVINGS; i += 1) {
      const middle = (fits + tooFar) / 2;
      if (misfit(middle) <= CHI_SQUARE_95) fits = middle;
      else tooFar = middle;
    }
    return fits;
  };
  return { pairs, agreed, kappa, interval: [last(least), last(1)] };
}
