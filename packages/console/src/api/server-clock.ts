/** The server's clock as seen from here: a tablet's own clock is never trusted with a deadline. */
export interface ServerClock {
  /** Epoch ms of the server, now. */
  now(): number;
  /** An answer said that its time was `nowMs`; it was asked for at `sentAt` and came at `cameAt` (steady ms). */
  heard(nowMs: number, sentAt: number, cameAt: number): void;
}

/** How much worse than the best exchange one may be and still count, as the best grows old; ms for each minute. */
const AGEING_MS_PER_MINUTE = 5;

/**
 * Offset by the exchange with the shortest way there and back (Cristian 1989): the server's time lies within half
 * of it. An old exchange loses weight, as clocks run apart.
 *
 * @param steady ms that never step back (performance.now)
 * @param wall epoch ms of this machine, used until the server has been heard
 */
export function createServerClock(steady: () => number, wall: () => number): ServerClock {
  let offset: number | null = null;
  let best = Number.POSITIVE_INFINITY;
  let bestAt = 0;
  return {
    now: () => (offset === null ? wall() : steady() + offset),
    heard(nowMs, sentAt, cameAt) {
      const way = Math.max(0, cameAt - sentAt);
      const aged = best + ((cameAt - bestAt) / 60_000) * AGEING_MS_PER_MINUTE;
      const next = nowMs + way / 2 - cameAt;
      // A clock that was set anew differs by more than the two exchanges can explain.
      const stepped = offset !== null && Math.abs(next - offset) > (way + best) / 2 + 1000;
      if (way > aged && !stepped) return;
      offset = next;
      best = way;
      bestAt = cameAt;
    },
  };
}
