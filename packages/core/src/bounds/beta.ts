import { devianceTerm, stirlingError } from './gamma.js';

/** ln(x^a (1-x)^b / B(a, b)), stable for large a and b by Loader's saddle-point form of the binomial density. */
const logPrefactor = (x: number, a: number, b: number): number => {
  const n = a + b;
  const saddle =
    stirlingError(n) -
    stirlingError(a) -
    stirlingError(b) -
    devianceTerm(a, n * x) -
    devianceTerm(b, n * (1 - x));
  return saddle + 0.5 * Math.log(n / (2 * Math.PI * a * b)) + Math.log((a * b) / n);
};

/** Continued fraction of the incomplete beta function (DLMF 8.17.22) by the modified Lentz method. */
const continuedFraction = (x: number, a: number, b: number): number => {
  // Keeps a denominator that is exactly zero from dividing; no other value feels it.
  const tiny = 1e-300;
  let c = 1;
  let d = 1 / (1 - ((a + b) * x) / (a + 1) + tiny);
  let f = d;
  for (let m = 1; m < 100_000; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / (1 + even * d + tiny);
    c = 1 + even / c + tiny;
    f *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / (1 + odd * d + tiny);
    c = 1 + odd / c + tiny;
    f *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return f;
};

/**
 * Regularised incomplete beta function I_x(a, b), a, b > 0, 0 <= x <= 1: about 1e-13 relative.
 * Source: DLMF 8.17.22 with the prefactor of Loader (2000).
 */
export const incompleteBeta = (x: number, a: number, b: number): number => {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logPrefactor(x, a, b));
  if (x < (a + 1) / (a + b + 2)) return (front * continuedFraction(x, a, b)) / a;
  return 1 - (front * continuedFraction(1 - x, b, a)) / b;
};

/**
 * ln I_x(a, b) for 0 < x < 1: keeps its relative accuracy where I_x underflows.
 */
export const logIncompleteBeta = (x: number, a: number, b: number): number => {
  if (x < (a + 1) / (a + b + 2)) return logPrefactor(x, a, b) + Math.log(continuedFraction(x, a, b) / a);
  return Math.log1p(-Math.exp(logPrefactor(x, a, b)) * (continuedFraction(1 - x, b, a) / b));
};
