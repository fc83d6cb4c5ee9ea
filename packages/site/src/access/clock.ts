/** The site's two clocks, handed in. */
export interface AccessClock {
  /** Epoch ms, a whole number; may be stepped. */
  readonly nowMs: () => number;
  /** ms since some start; never stepped. Waiting is measured on it. */
  readonly steadyMs: () => number;
}
