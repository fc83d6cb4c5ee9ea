/** How waiting grows with failures in a row of one key. Durations in ms. */
export interface DelayRule {
  /** Failures that cost no waiting. */
  readonly free: number;
  /** Waiting after the first failure beyond those; doubles with each further one. */
  readonly firstMs: number;
  readonly mostMs: number;
}

/** Keys remembered; the one that failed longest ago goes first. */
const MOST_KEYS = 20_000;
/** Quiet time after which a key starts anew. */
const FORGET_MS = 3_600_000;

export interface Delays {
  /** How long `key` has to wait still; 0 where it may try now. */
  waitMs(key: string): number;
  /** Counts a failure. Called before the try ends, so that tries at the same time do not share one. */
  fail(key: string): void;
  /** Takes one failure back: the try was none. */
  pardon(key: string): void;
  clear(key: string): void;
}

/** Growing delays by key, on a clock that is never stepped. */
export function createDelays(rule: DelayRule, steadyMs: () => number): Delays {
  const seen = new Map<string, { failures: number; lastMs: number }>();
  const find = (key: string) => {
    const found = seen.get(key);
    if (found === undefined || steadyMs() - found.lastMs > FORGET_MS) return undefined;
    return found;
  };
  const delayMs = (failures: number): number =>
    failures <= rule.free ? 0 : Math.min(rule.mostMs, rule.firstMs * 2 ** (failures - rule.free - 1));
  return {
    waitMs(key) {
      const found = find(key);
      return found === undefined ? 0 : Math.max(0, found.lastMs + delayMs(found.failures) - steadyMs());
    },
    fail(key) {
      const failures = (find(key)?.failures ?? 0) + 1;
      seen.delete(key);
      seen.set(key, { failures, lastMs: steadyMs() });
      const oldest = seen.keys().next().value;
      if (seen.size > MOST_KEYS && oldest !== undefined) seen.delete(oldest);
    },
    pardon(key) {
      const found = seen.get(key);
      if (found === undefined) return;
      found.failures -= 1;
      if (found.failures <= 0) seen.delete(key);
    },
    clear(key) {
      seen.delete(key);
    },
  };
}
