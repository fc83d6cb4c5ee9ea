import { createRandom } from '@selvedge/models';

/**
 * Separable CMA-ES (Ros and Hansen, PPSN 2008; parameters of Hansen's tutorial, arXiv 1604.00772, with the learning rate
 * of the diagonal raised by (n + 2) / 3): minimises over n numbers near 0 whose scale is about 1. Every candidate of a
 * generation is handed to `evaluate` at once.
 */
export async function separableCma(options: {
  readonly dimensions: number;
  readonly sigma: number;
  readonly generations: number;
  readonly population: number;
  readonly seed: number;
  readonly evaluate: (candidates: readonly Float64Array[], generation: number) => Promise<readonly number[]>;
}): Promise<{ best: Float64Array; value: number; evaluations: number }> {
  const { dimensions: n, generations, population: lambda, seed, evaluate } = options;
  const rng = createRandom(seed);
  const mu = lambda >> 1;
  const raw = Array.from({ length: mu }, (_, i) => Math.log(mu + 0.5) - Math.log(i + 1));
  const total = raw.reduce((a, b) => a + b, 0);
  const weights = raw.map((w) => w / total);
  const muEff = 1 / weights.reduce((sum, w) => sum + w * w, 0);
  const cSigma = (muEff + 2) / (n + muEff + 5);
  const damp = 1 + 2 * Math.max(0, Math.sqrt((muEff - 1) / (n + 1)) - 1) + cSigma;
  const cc = (4 + muEff / n) / (n + 4 + (2 * muEff) / n);
  const faster = (n + 2) / 3;
  const c1 = Math.min(1, (faster * 2) / ((n + 1.3) ** 2 + muEff));
  const cMu = Math.min(1 - c1, (faster * 2 * (muEff - 2 + 1 / muEff)) / ((n + 2) ** 2 + muEff));
  const expected = Math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n));
  let sigma = options.sigma;
  const mean = new Float64Array(n);
  const variance = new Float64Array(n).fill(1);
  const pathSigma = new Float64Array(n);
  const path = new Float64Array(n);
  let best: Float64Array = mean.slice();
  let value = Number.POSITIVE_INFINITY;
  for (let g = 0; g < generations; g++) {
    const steps = Array.from({ length: lambda }, () => Float64Array.from({ length: n }, () => rng.normal()));
    // The start itself is looked at once, so that tuning never ends worse than it began.
    if (g === 0) steps[0]?.fill(0);
    const candidates = steps.map((z) => z.map((x, i) => mean[i]! + sigma * Math.sqrt(variance[i]!) * x));
    const values = await evaluate(candidates, g);
    const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
    if (values[order[0]!]! < value) {
      value = values[order[0]!]!;
      best = candidates[order[0]!]!.slice();
    }
    let norm = 0;
    const chosen = order.slice(0, mu).map((i) => steps[i]!);
    for (let i = 0; i < n; i++) {
      const z = chosen.reduce((sum, step, k) => sum + weights[k]! * step[i]!, 0);
      mean[i]! += sigma * Math.sqrt(variance[i]!) * z;
      pathSigma[i] = (1 - cSigma) * pathSigma[i]! + Math.sqrt(cSigma * (2 - cSigma) * muEff) * z;
      norm += pathSigma[i]! ** 2;
      const y = Math.sqrt(variance[i]!) * z;
      path[i] = (1 - cc) * path[i]! + Math.sqrt(cc * (2 - cc) * muEff) * y;
      const spread = chosen.reduce((sum, step, k) => sum + weights[k]! * variance[i]! * step[i]! ** 2, 0);
      variance[i] = (1 - c1 - cMu) * variance[i]! + c1 * path[i]! ** 2 + cMu * spread;
    }
    sigma *= Math.exp((cSigma / damp) * (Math.sqrt(norm) / expected - 1));
  }
  return { best, value, evaluations: generations * lambda };
}
