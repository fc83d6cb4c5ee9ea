/** Asks anew when something changed, never more often than every `everyMs`, never twice at a time. */
export interface Refresher {
  /** Something changed: ask as soon as it is allowed. */
  touch(): void;
  stop(): void;
}

export interface Timer {
  now(): number;
  /** Returns what cancels it. */
  after(ms: number, run: () => void): () => void;
}

/** @param load must not reject. The first load starts at once. */
export function createRefresher(timer: Timer, everyMs: number, load: () => Promise<void>): Refresher {
  let stopped = false;
  let running = false;
  let dirty = false;
  let cancel: (() => void) | null = null;
  let startedAt = Number.NEGATIVE_INFINITY;

  const start = () => {
    cancel = null;
    running = true;
    dirty = false;
    startedAt = timer.now();
    void load().finally(() => {
      running = false;
      if (dirty) plan();
    });
  };
  const plan = () => {
    if (stopped || cancel !== null) return;
    const wait = startedAt + everyMs - timer.now();
    if (wait <= 0) start();
    else cancel = timer.after(wait, start);
  };
  start();
  return {
    touch() {
      if (stopped) return;
      if (running) dirty = true;
      else plan();
    },
    stop() {
      stopped = true;
      cancel?.();
      cancel = null;
    },
  };
}
