import { pause } from './pause.js';

export interface BackoffOptions {
  readonly firstMs?: number;
  readonly longestMs?: number;
  /** 0..1 */
  readonly random: () => number;
}

/** Pauses between tries: they double, and each is drawn between half of it and the whole, so that peers do not return together. */
export class Backoff {
  readonly #o: Required<BackoffOptions>;
  #failed = 0;

  constructor(options: BackoffOptions) {
    this.#o = { firstMs: 500, longestMs: 30_000, ...options };
  }

  /** It worked: the next pause is the shortest again. */
  reset(): void {
    this.#failed = 0;
  }

  nextMs(): number {
    const { firstMs, longestMs, random } = this.#o;
    const whole = Math.min(longestMs, firstMs * 2 ** this.#failed);
    this.#failed += 1;
    return whole * (0.5 + 0.5 * random());
  }

  /** Waits for the next try; returns at once when the signal says stop. */
  pause(signal: AbortSignal): Promise<void> {
    return pause(this.nextMs(), signal);
  }
}
