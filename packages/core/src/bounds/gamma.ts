const HALF_LOG_TWO_PI = 0.9189385332046727;

/** Lanczos coefficients, g = 7, nine terms (Godfrey 2001): relative error below 1e-14 for x >= 0.5. */
const LANCZOS = [
  0.9999999999998099, 676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406,
  12.507343278686905, -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
];

/** Error of Stirling's formula, ln Gamma(x + 1) - [(x + .5) ln x - x + .5 ln 2 pi], for x > 15 (Abramowitz-Stegun 6.1.41). */
const stirlingSeries = (x: number): number => {
  const inverse = 1 / (x * x);
  return (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse * (1 / 1680 - inverse / 1188)))) / x;
};

/** ln Gamma(x) for x > 0. */
export const logGamma = (x: number): number => {
  if (x > 16) return (x - 0.5) * Math.log(x - 1) - (x - 1) + HALF_LOG_TWO_PI + stirlingSeries(x - 1);
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  let sum = LANCZOS[0]!;
  for (let i = 1; i < LANCZOS.length; i += 1) sum += LANCZOS[i]! / (x - 1 + i);
  const t = x + 6.5;
  return HALF_LOG_TWO_PI + (x - 0.5) * Math.log(t) - t + Math.log(sum);
};

/** ln B(a, b) for a, b > 0. */
export const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b);

/** Error of Stirling's formula at any x > 0. */
export const stirlingError = (x: number): number =>
  x > 15 ? stirlingSeries(x) : logGamma(x + 1) - (x + 0.5) * Math.log(x) + x - HALF_LOG_TWO_PI;

/** x ln(x / m) + m - x without cancellation near x = m (Loader 2000, `bd0`). */
export const devianceTerm = (x: number, m: number): number => {
  if (Math.abs(x - m) >= 0.1 * (x + m)) return x * Math.log(x / m) + m - x;
  const v = (x - m) / (x + m);
  let sum = (x - m) * v;
  let power = 2 * x * v;
  for (let j = 1; ; j += 1) {
    power *= v * v;
    const next = sum + power / (2 * j + 1);
    if (next === sum) return sum;
    sum = next;
  }
};
