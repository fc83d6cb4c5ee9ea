import { logGamma } from './gamma.js';

/** ln(x^a e^-x / Gamma(a)). */
const logFront = (a: number, x: number): number => a * Math.log(x) - x - logGamma(a);

/** P(a, x) / front by DLMF 8.11.4, for x < a + 1. */
const lowerSeries = (a: number, x: number): number => {
  let term = 1 / a;
  let sum = term;
  for (let k = 1; term > sum * 1e-17; k += 1) {
    term *= x / (a + k);
    sum += term;
  }
  return sum;
};

/** Q(a, x) / front by the continued fraction DLMF 8.9.2, for x >= a + 1. */
const upperFraction = (a: number, x: number): number => {
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let f = d;
  let change = 0;
  for (let k = 1; Math.abs(change - 1) > 1e-16 && k < 100_000; k += 1) {
    const an = -k * (k - a);
    b += 2;
    d = 1 / (an * d + b);
    c = b + an / c;
    change = d * c;
    f *= change;
  }
  return f;
};

/** Regularised lower incomplete gamma function P(a, x), a > 0, x > 0. */
export const lowerIncompleteGamma = (a: number, x: number): number =>
  x < a + 1
    ? Math.exp(logFront(a, x)) * lowerSeries(a, x)
    : 1 - Math.exp(logFront(a, x)) * upperFraction(a, x);

/** ln Phi(z) of the standard normal distribution, accurate in the far lower tail. */
export const logNormalCdf = (z: number): number => {
  if (z === 0) return -Math.LN2;
  const x = (z * z) / 2;
  if (z > 0) return Math.log1p((lowerIncompleteGamma(0.5, x) - 1) / 2);
  if (x < 1.5) return Math.log((1 - lowerIncompleteGamma(0.5, x)) / 2);
  return logFront(0.5, x) + Math.log(upperFraction(0.5, x) / 2);
};
