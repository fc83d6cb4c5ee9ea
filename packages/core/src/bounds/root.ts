/**
 * inf{x in [lo, hi] : f(x) >= 0} of a non-decreasing `f`, by bisection; `hi` if there is none. The result
 * errs upward by at most `tolerance` (absolute), so that an upper bound stays an upper bound.
 */
export const firstNonNegative = (
  f: (x: number) => number,
  lo: number,
  hi: number,
  tolerance = 1e-14,
): number => {
  let below = lo;
  let above = hi;
  // The count of steps ends the search where the tolerance is finer than the spacing of doubles.
  for (let step = 0; step < 200 && above - below > tolerance; step += 1) {
    const middle = below + (above - below) / 2;
    if (f(middle) >= 0) above = middle;
    else below = middle;
  }
  return above;
};
