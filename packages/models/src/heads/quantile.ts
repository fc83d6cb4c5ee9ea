/** Linear interpolation between order statistics (Hyndman and Fan 1996, type 7) of a sorted array. */
export function quantile(sorted: ArrayLike<number>, p: number): number {
  const at = p * (sorted.length - 1);
  const low = Math.floor(at);
  const a = sorted[low]!;
  return a + (at - low) * ((sorted[Math.min(low + 1, sorted.length - 1)] ?? a) - a);
}

/**
 * Several quantiles (type 7) of unsorted values by selection (Hoare's quickselect, median of three): the order of
 * `values` is changed. Values must not be NaN.
 */
export function quantiles(values: Float32Array, ps: readonly number[]): number[] {
  const last = values.length - 1;
  return ps.map((p) => {
    const at = p * last;
    const low = Math.floor(at);
    select(values, low);
    const a = values[low]!;
    if (at === low) return a;
    let next = Number.POSITIVE_INFINITY;
    for (let i = low + 1; i <= last; i++) if (values[i]! < next) next = values[i]!;
    return a + (at - low) * (next - a);
  });
}

/** Puts the k-th smallest value at k, smaller or equal ones before it, larger or equal ones after it. */
function select(values: Float32Array, k: number): void {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const a = values[low]!;
    const b = values[(low + high) >> 1]!;
    const c = values[high]!;
    const pivot = Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i > j) break;
      const held = values[i]!;
      values[i++] = values[j]!;
      values[j--] = held;
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else return;
  }
}

/** Inverse of the standard normal distribution function for 0 < p < 1 (Acklam's rational fit, 1.15e-9 relative). */
export function normalQuantile(p: number): number {
  const a = [
    -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716,
    2.506628277459239,
  ];
  const b = [
    -54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572,
  ];
  const c = [
    -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
    2.938163982698783,
  ];
  const d = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416];
  const poly = (k: readonly number[], x: number): number => k.reduce((sum, v) => sum * x + v, 0);
  if (p > 0.5) return -normalQuantile(1 - p);
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p));
    return poly(c, q) / (poly(d, q) * q + 1);
  }
  const q = p - 0.5;
  const r = q * q;
  return (poly(a, r) * q) / (poly(b, r) * r + 1);
}
