/** A small matrix, row by row. */
export type Matrix = readonly (readonly number[])[];

const multiply = (a: Matrix, b: Matrix): number[][] =>
  a.map((row) => b[0]!.map((_, j) => row.reduce((sum, x, k) => sum + x * b[k]![j]!, 0)));

const transposed = (a: Matrix): number[][] => a[0]!.map((_, j) => a.map((row) => row[j]!));

/**
 * Gain of the linear-quadratic regulator u = -K x for x+ = A x + B u, one input: the discrete algebraic Riccati
 * equation P = Q + A'(P - P B (R + B'P B)^-1 B'P) A, solved by value iteration from P = Q.
 */
export function lqrGain(
  a: Matrix,
  b: readonly number[],
  q: readonly number[],
  r: number,
  iterations = 4000,
): number[] {
  const n = b.length;
  const at = transposed(a);
  let p: number[][] = q.map((qi, i) => q.map((_, j) => (i === j ? qi : 0)));
  let gain: number[] = new Array(n).fill(0);
  for (let it = 0; it < iterations; it++) {
    const pb = p.map((row) => row.reduce((sum, x, k) => sum + x * b[k]!, 0));
    const s = r + b.reduce((sum, x, k) => sum + x * pb[k]!, 0);
    const pa = multiply(p, a);
    const next =
      b.length === 0 ? [] : a[0]!.map((_, j) => b.reduce((sum, x, k) => sum + x * pa[k]![j]!, 0) / s);
    const moved = next.reduce((largest, x, j) => Math.max(largest, Math.abs(x - gain[j]!)), 0);
    gain = next;
    const apa = multiply(at, pa);
    p = apa.map((row, i) => row.map((x, j) => x - s * gain[i]! * gain[j]! + (i === j ? q[i]! : 0)));
    if (it > 10 && moved < 1e-12 * (1 + Math.abs(gain[0]!))) break;
  }
  return gain;
}

/** Gains of the Kalman filter x+ = A x + noise q, y = C x + noise r, stitch by stitch from covariance `start`. */
export interface KalmanGains {
  /** Gain of the first measurements, then that of all later ones. */
  readonly first: readonly Float64Array[];
  readonly steady: Float64Array;
  /** Variance of the innovation in the steady state. */
  readonly innovation: number;
  /** Covariance after the steady measurement. */
  readonly covariance: Matrix;
}

/**
 * @param q diagonal of the process noise, @param c the measurement's row, @param r variance of the reading.
 * Solves the filter's Riccati equation by running it.
 */
export function kalmanGains(options: {
  readonly a: Matrix;
  readonly c: readonly number[];
  readonly q: readonly number[];
  readonly r: number;
  readonly start: Matrix;
  /** Gains kept for the first measurements; default 25. */
  readonly keep?: number;
  readonly iterations?: number;
}): KalmanGains {
  const { a, c, q, r, start, keep = 25, iterations = 400 } = options;
  const at = transposed(a);
  let p: number[][] = start.map((row) => [...row]);
  const first: Float64Array[] = [];
  let gain = new Float64Array(c.length);
  let innovation = r;
  for (let it = 0; it < Math.max(keep, iterations); it++) {
    const pc = p.map((row) => row.reduce((sum, x, k) => sum + x * c[k]!, 0));
    innovation = r + c.reduce((sum, x, k) => sum + x * pc[k]!, 0);
    const next = Float64Array.from(pc, (x) => x / innovation);
    let moved = 0;
    for (let i = 0; i < next.length; i++)
      moved = Math.max(moved, Math.abs(next[i]! - gain[i]!) / (1e-9 + Math.abs(next[i]!)));
    gain = next;
    const updated = p.map((row, i) => row.map((x, j) => x - gain[i]! * pc[j]!));
    if (it < keep) first.push(gain);
    if (it >= keep && moved < 1e-6) return { first, steady: gain, innovation, covariance: updated };
    const spread = multiply(multiply(a, updated), at);
    p = spread.map((row, i) => row.map((x, j) => x + (i === j ? q[i]! : 0)));
  }
  return { first, steady: gain, innovation, covariance: p };
}
