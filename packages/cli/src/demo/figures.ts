/** The mean of some covers, and of how many. */
export interface Mean {
  readonly n: number;
  readonly mean: number | null;
}

/** Difference of two means with its two-sided 95 % interval; null where a group has fewer than two. */
export interface Difference {
  readonly difference: number;
  readonly interval: readonly [number, number];
}

const Z = 1.959_964;

export const meanOf = (values: readonly number[]): Mean => ({
  n: values.length,
  mean: values.length === 0 ? null : round(average(values)),
});

/** Mean of `a` minus mean of `b` by Welch's t. Covers of one run lean on each other: the interval is of this run alone. */
export function differenceOf(a: readonly number[], b: readonly number[]): Difference | null {
  if (a.length < 2 || b.length < 2) return null;
  const [va, vb] = [variance(a) / a.length, variance(b) / b.length];
  const difference = average(a) - average(b);
  const both = va + vb;
  if (both === 0) return { difference: round(difference), interval: [round(difference), round(difference)] };
  const freedom = both ** 2 / (va ** 2 / (a.length - 1) + vb ** 2 / (b.length - 1));
  const half = t975(freedom) * Math.sqrt(both);
  return { difference: round(difference), interval: [round(difference - half), round(difference + half)] };
}

/** Least-squares slope of `y` over `x` with its two-sided 95 % interval; null with fewer than four, or one `x` alone. */
export function slopeOf(
  points: readonly (readonly [x: number, y: number])[],
): { readonly slope: number; readonly interval: readonly [number, number] } | null {
  const n = points.length;
  if (n < 4) return null;
  const mx = average(points.map(([x]) => x));
  const my = average(points.map(([, y]) => y));
  const sxx = points.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
  if (sxx === 0) return null;
  const slope = points.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0) / sxx;
  const left = points.reduce((sum, [x, y]) => sum + (y - my - slope * (x - mx)) ** 2, 0);
  const half = t975(n - 2) * Math.sqrt(left / (n - 2) / sxx);
  return { slope: round(slope, 5), interval: [round(slope - half, 5), round(slope + half, 5)] };
}

/** Student's t at 97.5 % (Abramowitz and Stegun 26.7.5; within 1 % from 3 degrees of freedom on, wider below is cut at 3). */
export function t975(freedom: number): number {
  const v = Math.max(3, freedom);
  const g1 = (Z ** 3 + Z) / 4;
  const g2 = (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / 96;
  const g3 = (3 * Z ** 7 + 19 * Z ** 5 + 17 * Z ** 3 - 15 * Z) / 384;
  return Z + g1 / v + g2 / v ** 2 + g3 / v ** 3;
}

export const round = (value: number, digits = 4): number => Number(value.toFixed(digits));

const average = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;

const variance = (values: readonly number[]): number => {
  const m = average(values);
  return values.reduce((sum, x) => sum + (x - m) ** 2, 0) / (values.length - 1);
};
