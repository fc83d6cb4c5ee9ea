/**
 * State of the simple jumper martingale and of the Shiryaev-Roberts statistic built from it.
 * `down`, `flat`, `up` are the shares of the wealth on the bets e = -1, 0, 1 (they sum to 1), so nothing
 * under- or overflows however long the line runs.
 */
export interface JumperState {
  readonly down: number;
  readonly flat: number;
  readonly up: number;
  /** ln S_t; S_0 = 1. Ville: P(ever S_t >= c) <= 1/c while the p-values are uniform and independent. */
  readonly logWealth: number;
  /** ln R_t of R_t = (R_{t-1} + 1) S_t / S_{t-1}, R_0 = 0; the mean time to R >= c is at least c observations. */
  readonly logShiryaevRoberts: number;
}

/** Share of the wealth that jumps between the bets at each observation. */
export const JUMP_RATE = 0.01;

/** The state before the first observation. */
export const jumperStart = (): JumperState => ({
  down: 1 / 3,
  flat: 1 / 3,
  up: 1 / 3,
  logWealth: 0,
  logShiryaevRoberts: Number.NEGATIVE_INFINITY,
});

/**
 * One more conformal p-value: C_e <- (1 - J) C_e + J/3 sum C, then C_e <- C_e (1 + e (p - 1/2)).
 * Source: Vovk, Petej, Nouretdinov et al. (2021), "Retrain or not retrain", algorithm 1, with e in {-1, 0, 1}.
 *
 * @param p conformal p-value, 0..1.
 * @param jumpRate J, 0..1.
 * @throws RangeError unless 0 <= p <= 1.
 */
export const jumperStep = (state: JumperState, p: number, jumpRate: number = JUMP_RATE): JumperState => {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`p must lie in 0..1, got ${p}`);
  const keep = 1 - jumpRate;
  const spread = jumpRate / 3;
  const lean = p - 0.5;
  const down = (keep * state.down + spread) * (1 - lean);
  const flat = keep * state.flat + spread;
  const up = (keep * state.up + spread) * (1 + lean);
  const ratio = down + flat + up;
  const logRatio = Math.log(ratio);
  const r = state.logShiryaevRoberts;
  const logPlusOne = r > 0 ? r + Math.log1p(Math.exp(-r)) : Math.log1p(Math.exp(r));
  return {
    down: down / ratio,
    flat: flat / ratio,
    up: up / ratio,
    logWealth: state.logWealth + logRatio,
    logShiryaevRoberts: logPlusOne + logRatio,
  };
};
