/** The middle value; the mean of the two middle ones of an even number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[half - 1] ?? Number.NaN)) / 2;
}

/** Milliseconds that `work` takes. */
export async function millisecondsOf(work: () => unknown): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

/**
 * Two works measured in turn, `rounds` times, the first of each round changing: what else the machine does falls
 * on both. The ratio is the median over the rounds of `firstMs / secondMs`.
 */
export async function interleaved(options: {
  readonly rounds: number;
  readonly first: () => Promise<unknown>;
  readonly second: () => Promise<unknown>;
}): Promise<{ firstMs: number; secondMs: number; ratio: number }> {
  const firstMs: number[] = [];
  const secondMs: number[] = [];
  for (let round = 0; round < options.rounds; round++) {
    if (round % 2 === 0) firstMs.push(await millisecondsOf(options.first));
    secondMs.push(await millisecondsOf(options.second));
    if (round % 2 === 1) firstMs.push(await millisecondsOf(options.first));
  }
  const ratios = firstMs.map((ms, round) => ms / (secondMs[round] ?? Number.NaN));
  return { firstMs: median(firstMs), secondMs: median(secondMs), ratio: median(ratios) };
}

/** Peak resident memory of this process so far, in MB (10^6 bytes). */
export const peakMegabytes = (): number => (process.resourceUsage().maxRSS * 1024) / 1e6;
