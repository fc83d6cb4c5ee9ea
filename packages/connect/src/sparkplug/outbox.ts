import type { MetricValue } from './values.js';

/** A value that could not be sent when it was made. Names, never aliases: those are void after the next birth. */
export interface Kept {
  readonly device: string | null;
  readonly name: string;
  readonly value: MetricValue;
  readonly atMs: number;
}

/** What an edge node needs of a store of unsent values; one on disk serves as well as this one in memory. */
export interface Outbox {
  append(values: readonly Kept[]): void;
  /** The oldest, at most `most`. */
  pending(most: number): readonly Kept[];
  /** The oldest `count` were sent. */
  acknowledge(count: number): void;
}

/** In memory, bounded: the oldest give way, and are counted. */
export function memoryOutbox(most = 10_000): Outbox & { readonly dropped: () => number } {
  const kept: Kept[] = [];
  let dropped = 0;
  return {
    append: (values) => {
      kept.push(...values);
      const excess = kept.length - most;
      if (excess > 0) {
        kept.splice(0, excess);
        dropped += excess;
      }
    },
    pending: (count) => kept.slice(0, count),
    acknowledge: (count) => {
      kept.splice(0, count);
    },
    dropped: () => dropped,
  };
}
