/** What is left until a deadline. */
export interface Countdown {
  /** Whole seconds left, rounded up: 0 only when it is over. */
  readonly seconds: number;
  /** Of the time from asking to deadline, 1 at the start, 0 at the end. */
  readonly share: number;
  readonly level: 'calm' | 'soon' | 'now';
}

/** From what is left, in seconds, the ring speaks up. */
const SOON_S = 20;
const NOW_S = 10;

/** All times epoch ms of the server's clock. */
export function countdown(askedAtMs: number, deadlineAtMs: number, nowMs: number): Countdown {
  const left = Math.max(0, deadlineAtMs - nowMs);
  const whole = Math.max(1, deadlineAtMs - askedAtMs);
  const seconds = Math.ceil(left / 1000);
  return {
    seconds,
    share: Math.min(1, left / whole),
    level: seconds <= NOW_S ? 'now' : seconds <= SOON_S ? 'soon' : 'calm',
  };
}
