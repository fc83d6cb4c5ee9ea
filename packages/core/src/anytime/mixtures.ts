import { incompleteBeta } from '../bounds/beta.js';
import { logBeta, logGamma } from '../bounds/gamma.js';
import { logNormalCdf, lowerIncompleteGamma } from '../bounds/incomplete-gamma.js';
import { firstNonNegative } from '../bounds/root.js';

/**
 * Mixture boundaries of Howard, Ramdas, McAuliffe and Sekhon (2021), "Time-uniform, nonparametric, nonasymptotic
 * confidence sequences". `s` is the sum of deviations, `v` the intrinsic time; a boundary u(v) is crossed at any time
 * with probability at most alpha. `vOpt` is the intrinsic time at which the boundary is tightest.
 */
export interface Tuning {
  readonly vOpt: number;
  readonly alphaOpt: number;
}

/** ln of a test supermartingale as a function of s and v. */
export type LogMixture = (s: number, v: number) => number;

const twoSidedRho = ({ vOpt, alphaOpt }: Tuning): number => {
  const log = Math.log(1 / alphaOpt);
  return vOpt / (2 * log + Math.log(1 + 2 * log));
};

const oneSidedRho = ({ vOpt, alphaOpt }: Tuning): number => twoSidedRho({ vOpt, alphaOpt: 2 * alphaOpt });

/** Normal mixture for sub-Gaussian sums, one-sided (half-normal prior; equation 11 of the paper). */
export const oneSidedNormalMixture = (tuning: Tuning): LogMixture => {
  const rho = oneSidedRho(tuning);
  return (s, v) =>
    0.5 * Math.log((4 * rho) / (v + rho)) + (s * s) / (2 * (v + rho)) + logNormalCdf(s / Math.sqrt(v + rho));
};

/** Boundary of the two-sided normal mixture in closed form (equation 14). */
export const twoSidedNormalBound = (tuning: Tuning, v: number, alpha: number): number => {
  const rho = twoSidedRho(tuning);
  return Math.sqrt((v + rho) * (Math.log1p(v / rho) - 2 * Math.log(alpha)));
};

/** Gamma-exponential mixture for sub-exponential sums with scale c (proposition 9). */
export const gammaExponentialMixture = (tuning: Tuning, c: number): LogMixture => {
  const shape = oneSidedRho(tuning) / (c * c);
  const constant = shape * Math.log(shape) - logGamma(shape) - Math.log(lowerIncompleteGamma(shape, shape));
  return (s, v) => {
    const a = v / (c * c) + shape;
    const x = s / c + a;
    return constant + logGamma(a) + Math.log(lowerIncompleteGamma(a, x)) - a * Math.log(x) + x - shape;
  };
};

/** Beta-binomial mixture for sums of deviations bounded by -g and h (proposition 7). */
export const betaBinomialMixture = (
  tuning: Tuning,
  { g, h, oneSided }: { readonly g: number; readonly h: number; readonly oneSided: boolean },
): LogMixture => {
  const width = g + h;
  const r = Math.max((oneSided ? oneSidedRho(tuning) : twoSidedRho(tuning)) - g * h, 1e-3 * g * h);
  const logMass = (a: number, b: number): number =>
    logBeta(a, b) + (oneSided ? Math.log(incompleteBeta(h / width, a, b)) : 0);
  const normaliser = logMass(r / (g * width), r / (h * width));
  return (s, v) =>
    (v / (g * h)) * Math.log(width) -
    ((v + h * s) / (h * width)) * Math.log(g) -
    ((v - g * s) / (g * width)) * Math.log(h) +
    logMass((r + v - g * s) / (g * width), (r + v + h * s) / (h * width)) -
    normaliser;
};

/**
 * The boundary of a mixture at intrinsic time v: the s at which it reaches 1 / alpha.
 *
 * @param largest an s that cannot be passed (v / g for bounded deviations); default: found by doubling.
 */
export const mixtureBound = (mixture: LogMixture, v: number, alpha: number, largest?: number): number => {
  const f = (s: number): number => mixture(s, v) + Math.log(alpha);
  let above = largest ?? Math.sqrt(v) + 1;
  if (largest === undefined) while (f(above) < 0) above *= 2;
  return firstNonNegative(f, 0, above, 1e-12 * above);
};

/**
 * Two-sided time-uniform interval of a Bernoulli rate after k of n (beta-binomial mixture), tightest near `tOpt` units.
 *
 * @throws RangeError unless 0 < n.
 */
export const bernoulliSequence = (options: {
  readonly k: number;
  readonly n: number;
  readonly alpha: number;
  readonly tOpt: number;
}): readonly [number, number] => {
  const { k, n, alpha, tOpt } = options;
  if (!(n > 0)) throw new RangeError(`n must be positive, got ${n}`);
  const excess = (rate: number): number => {
    const variance = rate * (1 - rate);
    const tuning = { vOpt: variance * tOpt, alphaOpt: 0.05 };
    const mixture = betaBinomialMixture(tuning, { g: rate, h: 1 - rate, oneSided: false });
    return mixture(k - n * rate, n * variance) + Math.log(alpha);
  };
  const observed = k / n;
  return [
    k === 0 ? 0 : firstNonNegative((rate) => -excess(rate), 0, observed, 1e-12),
    k === n ? 1 : firstNonNegative(excess, observed, 1, 1e-12),
  ];
};
