export interface RebirthOptions {
  /** Pause after the first request; the next ones double it. */
  readonly firstMs: number;
  readonly longestMs: number;
  readonly steadyMs: () => number;
  /** Sends the request. */
  readonly send: (key: string, why: string) => void;
}

type Asked = { atMs: number; pauseMs: number; why: string; timer: ReturnType<typeof setTimeout> | undefined };

/** Asks edge nodes for a birth until it comes, with growing pauses: one that never does right must not be asked for ever faster. */
export class RebirthRequests {
  readonly #o: RebirthOptions;
  readonly #asked = new Map<string, Asked>();

  constructor(options: RebirthOptions) {
    this.#o = options;
  }

  /** Idempotent while a request is open. Within `graceMs` the birth may come by itself. */
  ask(key: string, why: string, graceMs = 0): void {
    const { firstMs, longestMs, steadyMs } = this.#o;
    const nowMs = steadyMs();
    const before = this.#asked.get(key);
    if (before?.timer) return;
    const quiet = !before || nowMs - before.atMs > 10 * before.pauseMs;
    const one = quiet ? { atMs: -Infinity, pauseMs: firstMs, why, timer: undefined } : { ...before, why };
    this.#asked.set(key, one);
    const waitMs = Math.max(graceMs, one.atMs + one.pauseMs - nowMs);
    if (!quiet) one.pauseMs = Math.min(longestMs, one.pauseMs * 2);
    if (waitMs === 0) this.#send(key, one);
    else one.timer = setTimeout(() => this.#send(key, one), waitMs);
  }

  /** The birth came. */
  settled(key: string): void {
    const one = this.#asked.get(key);
    clearTimeout(one?.timer);
    if (one) one.timer = undefined;
  }

  close(): void {
    for (const { timer } of this.#asked.values()) clearTimeout(timer);
    this.#asked.clear();
  }

  #send(key: string, one: Asked): void {
    one.atMs = this.#o.steadyMs();
    this.#o.send(key, one.why);
    const pauseMs = one.pauseMs;
    one.timer = setTimeout(() => {
      one.pauseMs = Math.min(this.#o.longestMs, pauseMs * 2);
      this.#send(key, one);
    }, pauseMs);
  }
}
