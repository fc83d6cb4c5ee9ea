import type { FittedModel, Scorer } from '@selvedge/models';

/** How far the exported graph may lie from the fitted recipe: share of the golden samples' score range. */
export const PARITY_TOLERANCE = 1e-3;

export interface ParityResult {
  readonly passed: boolean;
  readonly samples: number;
  /** Largest difference between graph and fitted recipe, as a share of the golden samples' score range. */
  readonly worstScore: number;
  /** Largest difference of a class probability, 0..1. */
  readonly worstClass: number;
  readonly tolerance: number;
  /** Golden samples (by place, from 1) whose graph scores differ, the worst first, at most `MOST_DIFFERING`. */
  readonly differing: readonly {
    readonly sample: number;
    readonly expected: number;
    /** NaN where the graph gave none. */
    readonly got: number;
  }[];
}

const MOST_DIFFERING = 20;

/**
 * Compares the exported graph, loaded from its bytes, with the fitted recipe on the golden samples and with
 * the scores that travel in the release. A release that differs is refused: training code and serving graph
 * that disagree silently are the commonest fault of deployed models.
 */
export async function checkParity(model: FittedModel, scorer: Scorer): Promise<ParityResult> {
  const observations = model.golden.map((g) => g.observation);
  const [graph, recipe] = [await scorer.score(observations), await model.reference(observations)];
  const expected = model.golden.map((g) => g.expected);
  const scores = expected.map((e) => e.score).filter(Number.isFinite);
  const low = Math.min(...scores);
  const range = Math.max(Math.max(...scores) - low, Math.abs(low) * 1e-3, 1e-9);
  let worstScore = 0;
  let worstClass = 0;
  const away: { sample: number; expected: number; got: number; by: number }[] = [];
  expected.forEach((e, i) => {
    const got = graph[i]?.score ?? Number.NaN;
    const by = distance(got, e.score) / range;
    if (by > PARITY_TOLERANCE) away.push({ sample: i + 1, expected: e.score, got, by });
    for (const other of [graph[i], recipe[i]]) {
      worstScore = Math.max(worstScore, distance(other?.score, e.score) / range);
      e.classScores?.forEach((p, c) => {
        worstClass = Math.max(worstClass, distance(other?.classScores?.[c], p));
      });
    }
  });
  const passed = expected.length > 0 && worstScore <= PARITY_TOLERANCE && worstClass <= PARITY_TOLERANCE;
  const differing = away
    .sort((a, b) => b.by - a.by)
    .slice(0, MOST_DIFFERING)
    .map(({ by: _, ...one }) => one);
  return { passed, samples: expected.length, worstScore, worstClass, tolerance: PARITY_TOLERANCE, differing };
}

/** Two missing scores agree; a missing and a present one never do. */
function distance(a: number | undefined, b: number): number {
  if (a === undefined) return Number.POSITIVE_INFINITY;
  if (Number.isNaN(a) || Number.isNaN(b))
    return Number.isNaN(a) === Number.isNaN(b) ? 0 : Number.POSITIVE_INFINITY;
  return Math.abs(a - b);
}
