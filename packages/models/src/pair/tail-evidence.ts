import { quantile } from '../heads/quantile.js';
import type { GraphBuilder } from '../onnx/graph-builder.js';

/**
 * How far a score stands out among those of good units, as minus the natural log of its tail rank: 0 = like the least
 * striking good unit, ln 2 = like half of them, ln n = like the most striking of n. It makes scores of different models
 * comparable. Piecewise linear in the score, never falling.
 */
export interface TailEvidence {
  /** Where each piece begins, ascending, float32. */
  readonly from: Float32Array;
  /** Width of each piece; the last one has no end. */
  readonly width: Float32Array;
  /** Evidence per score of each piece. */
  readonly slope: Float32Array;
}

/** Pieces for each halving of the tail rank. */
const PER_HALVING = 4;
/** Good units, and share of them, from which the tail beyond the last one is learnt. */
const TAIL_UNITS = 10;
const TAIL_SHARE = 0.1;
const ENDLESS = 3.4e38;

/**
 * Learns the tail ranks of good units (conformal: Vovk, Gammerman and Shafer 2005, 2.2; made continuous between them).
 * Beyond the most striking one the tail is taken as exponential, with the mean excess of the last tenth (Pickands 1975,
 * shape 0): an assumption, and one that orders scores only, never evidence about a rate.
 *
 * @param good scores of good units by models that have not seen them; finite, at least one.
 */
export function fitTailEvidence(good: ArrayLike<number>): TailEvidence {
  const sorted = Float64Array.from(good).sort();
  const n = sorted.length;
  const points: { score: number; evidence: number }[] = [];
  for (let j = 0; 2 ** (-j / PER_HALVING) * n >= 1; j++) {
    const score = Math.fround(quantile(sorted, 1 - 2 ** (-j / PER_HALVING)));
    const last = points.at(-1);
    // Equal scores share the lowest evidence of them: the rank counts those that are as striking.
    if (last === undefined || score > last.score)
      points.push({ score, evidence: (j * Math.LN2) / PER_HALVING });
  }
  const most = sorted[n - 1] ?? 0;
  const last = points.at(-1);
  if (last === undefined || most > last.score)
    points.push({ score: Math.fround(most), evidence: Math.log(n + 1) });
  const tail = quantile(sorted, 1 - Math.min(1, Math.max(TAIL_SHARE, TAIL_UNITS / n)));
  const beyond = sorted.filter((score) => score > tail);
  const excess = beyond.reduce((sum, score) => sum + score - tail, 0) / Math.max(1, beyond.length);
  const scale = Math.max(excess, 1e-6 * Math.abs(most), 1e-9);
  const from = Float32Array.from(points, ({ score }) => score);
  const width = Float32Array.from(points, ({ score }, k) => (points[k + 1]?.score ?? ENDLESS) - score);
  const slope = Float32Array.from(points, ({ score, evidence }, k) => {
    const next = points[k + 1];
    return next === undefined ? 1 / scale : (next.evidence - evidence) / (next.score - score);
  });
  width[points.length - 1] = ENDLESS;
  return { from, width, slope };
}

/** The evidence of a score; NaN for NaN. */
export function evidenceOf({ from, width, slope }: TailEvidence, score: number): number {
  let sum = 0;
  for (let k = 0; k < from.length; k++)
    sum += (slope[k] ?? 0) * Math.max(0, Math.min(width[k] ?? 0, score - (from[k] ?? 0)));
  return Number.isNaN(score) ? Number.NaN : sum;
}

/** The same as nodes: `score` float32 `[n, 1]` to `[n, 1]`. */
export function emitEvidence(g: GraphBuilder, { from, width, slope }: TailEvidence, score: string): string {
  const k = from.length;
  const above = g.node('Max', [g.node('Sub', [score, g.floats(from, [1, k])]), g.scalar(0)]);
  return g.node('MatMul', [g.node('Min', [above, g.floats(width, [1, k])]), g.floats(slope, [k, 1])]);
}
