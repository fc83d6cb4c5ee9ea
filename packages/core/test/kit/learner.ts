import { type Askable, teachingOrder } from '../../src/learn/teach.js';
import { normals, uniforms } from '../seeded.js';

export interface Seen {
  readonly feature: readonly number[];
  readonly bad: boolean;
}

/** Good units around 0; 5 % bad ones in two places beside them, of which one is rare. */
export const generate = (n: number, seed: number): Seen[] => {
  const uniform = uniforms(seed);
  const normal = normals(seed ^ 0xabc);
  return Array.from({ length: n }, () => {
    const u = uniform();
    const [x, y, spread] = u < 0.04 ? [3, 0, 0.6] : u < 0.05 ? [-1, 3.2, 0.6] : [0, 0, 1];
    return { feature: [x + spread * normal(), y + spread * normal()], bad: u < 0.05 };
  });
};

const terms = ([x = 0, y = 0]: readonly number[]): number[] => [1, x, y, x * x, x * y, y * y];

/** Logistic regression with quadratic terms and a small ridge, by Newton steps: probability of bad. */
export const fitLogistic = (seen: readonly Seen[]): ((feature: readonly number[]) => number) => {
  const size = 6;
  let beta = new Array<number>(size).fill(0);
  const probability = (feature: readonly number[], by: readonly number[]): number =>
    1 / (1 + Math.exp(-terms(feature).reduce((sum, term, i) => sum + term * by[i]!, 0)));
  for (let round = 0; round < 15; round += 1) {
    const hessian = Array.from({ length: size }, (_, i) =>
      Array.from({ length: size }, (__, j) => (i === j ? 0.3 : 0)),
    );
    const gradient = beta.map((value) => -0.3 * value);
    for (const { feature, bad } of seen) {
      const p = probability(feature, beta);
      const row = terms(feature);
      for (let i = 0; i < size; i += 1) {
        gradient[i]! += ((bad ? 1 : 0) - p) * row[i]!;
        for (let j = 0; j < size; j += 1) hessian[i]![j]! += p * (1 - p) * row[i]! * row[j]!;
      }
    }
    const move = solve(hessian, gradient);
    beta = beta.map((value, i) => value + move[i]!);
  }
  return (feature) => probability(feature, beta);
};

/** Gauss elimination of a symmetric positive matrix. */
function solve(matrix: number[][], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  const size = rows.length;
  for (let i = 0; i < size; i += 1) {
    for (let below = i + 1; below < size; below += 1) {
      const factor = rows[below]![i]! / rows[i]![i]!;
      for (let j = i; j <= size; j += 1) rows[below]![j]! -= factor * rows[i]![j]!;
    }
  }
  const found = new Array<number>(size).fill(0);
  for (let i = size - 1; i >= 0; i -= 1) {
    let sum = rows[i]![size]!;
    for (let j = i + 1; j < size; j += 1) sum -= rows[i]![j]! * found[j]!;
    found[i] = sum / rows[i]![i]!;
  }
  return found;
}

/** Share of a large set that may pass at 0.5 % bad per unit, were the threshold known: how good the scores are. */
export const shareOf = (
  probability: (feature: readonly number[]) => number,
  test: readonly Seen[],
): number => {
  const scored = test.map(({ feature, bad }) => ({ p: probability(feature), bad })).sort((a, b) => a.p - b.p);
  let bads = 0;
  const first = scored.findIndex(({ bad }) => {
    bads += bad ? 1 : 0;
    return bads > 0.005 * test.length;
  });
  return (first === -1 ? test.length : first) / test.length;
};

export interface Learning {
  readonly labels: number;
  readonly share: number;
}

/** Labels batch by batch, in the order that teaches most or at random, and the share after each batch. */
export const learn = (
  how: 'teaching' | 'random',
  {
    seed,
    start = 60,
    batch = 20,
    until = 500,
  }: { seed: number; start?: number; batch?: number; until?: number },
): Learning[] => {
  const pool = generate(1500, seed);
  const test = generate(8000, seed ^ 0x7e57);
  const rng = uniforms(seed ^ 0x0dd);
  const labelled = pool.slice(0, start);
  let open = pool.slice(start);
  const path: Learning[] = [];
  for (;;) {
    const probability = fitLogistic(labelled);
    path.push({ labels: labelled.length, share: shareOf(probability, test) });
    if (labelled.length >= until) return path;
    const picked =
      how === 'random'
        ? Array.from({ length: batch }, (_, i) => i)
        : teachingOrder(askables(open, probability), {
            threshold: expectedThreshold(open, probability),
            labelled: labelled.map(({ feature }) => feature),
            count: batch,
            rng,
          }).map(({ index }) => index);
    labelled.push(...picked.map((i) => open[i]!));
    const taken = new Set(picked);
    open = open.filter((_, i) => !taken.has(i));
  }
};

const logOdds = (p: number): number => Math.log(p / (1 - p));

function askables(open: readonly Seen[], probability: (feature: readonly number[]) => number): Askable[] {
  return open.map(({ feature }) => {
    const p = probability(feature);
    return { role: 'training', score: logOdds(p), probability: p, feature, askedNearby: 0 };
  });
}

/** Where the believed escapes reach the budget. */
function expectedThreshold(
  open: readonly Seen[],
  probability: (feature: readonly number[]) => number,
): number {
  const ps = open.map(({ feature }) => probability(feature)).sort((a, b) => a - b);
  let sum = 0;
  const at = ps.findIndex((p) => {
    sum += p;
    return sum > 0.005 * ps.length;
  });
  return logOdds(ps[Math.max(0, at)]!);
}

/** Labels until the share first stays at or above `share` (mean of three batches), or null. */
export const labelsUntil = (path: readonly Learning[], share: number): number | null =>
  path.find((_, i) => {
    const next = path.slice(i, i + 3);
    return next.reduce((sum, { share: one }) => sum + one, 0) / next.length >= share;
  })?.labels ?? null;
