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

/**
 * The root of a smooth, non-decreasing `f` with f(0) < 0 <= f(enough), from above by at most 1e-13. Regula falsi with
 * the Illinois correction: about ten evaluations where bisection needs fifty.
 */
export const risingRoot = (f: (x: number) => number, enough: number): number => {
  let below = 0;
  let fBelow = f(0);
  let above = enough;
  let fAbove = f(above);
  let side = 0;
  for (let step = 0; step < 200 && above - below > 1e-13; step += 1) {
    let x = below + ((above - below) * -fBelow) / (fAbove - fBelow);
    if (!(x > below && x < above) || step % 8 === 7) x = below + (above - below) / 2;
    const fx = f(x);
    if (fx >= 0) {
      above = x;
      fAbove = fx;
      if (side === 1) fBelow /= 2;
      side = 1;
    } else {
      below = x;
      fBelow = fx;
      if (side === -1) fAbove /= 2;
      side = -1;
    }
  }
  return above;
};
