/** Time as the site sees it; handed in, so that a test can step it. */
export interface SiteClock {
  /** Wall clock, epoch ms: what people and equipment talk about. */
  nowMs(): number;
  /** Never goes back; for deadlines and durations. */
  steadyMs(): number;
}

export const systemClock: SiteClock = { nowMs: () => Date.now(), steadyMs: () => performance.now() };
