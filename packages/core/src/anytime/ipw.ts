import { requireShare } from '../bounds/range.js';

const BETS = [0, 1 / 8, 1 / 4, 1 / 2];
const WEIGHTS = [0.4, 0.2, 0.2, 0.2];
/** Keeps the boldest bet from ever losing everything to rounding. */
const NEARLY_ALL = 0.999999;

/** What is tested: "the rate is at least alpha", with audits drawn at known probabilities of at least `minPropensity`. */
export interface IpwTest {
  readonly alpha: number;
  readonly minPropensity: number;
}

/** ln wealth of each constant bet. */
export type IpwState = readonly number[];

/** The state before the first unit. */
export const ipwStart = (): IpwState => BETS.map(() => 0);

/**
 * One more unit, audited or not: X = audited x loss / propensity has the unit's risk as its mean, so each
 * K <- K (1 - (1 - v) l (X - alpha)), l = 1 / (1 / minPropensity - alpha), is a fair or losing bet while the rate is
 * at least alpha. For audits whose probability depends on the score (GATE section 5).
 *
 * @throws RangeError if the propensity is below `minPropensity` or above 1, or alpha lies outside (0, 1).
 */
export const ipwStep = (
  test: IpwTest,
  state: IpwState,
  unit: { readonly audited: boolean; readonly bad: boolean; readonly propensity: number },
): IpwState => {
  const { alpha, minPropensity } = test;
  requireShare('alpha', alpha);
  if (!(unit.propensity >= minPropensity && unit.propensity <= 1)) {
    throw new RangeError(`propensity must lie in ${minPropensity}..1, got ${unit.propensity}`);
  }
  const x = unit.audited && unit.bad ? 1 / unit.propensity : 0;
  const step = (NEARLY_ALL * (x - alpha)) / (1 / minPropensity - alpha);
  return state.map((log, j) => log + Math.log1p(-(1 - BETS[j]!) * step));
};

/** ln E: the evidence against "the rate is at least alpha". Reject at ln(1 / delta), at any time. */
export const ipwLog = (state: IpwState): number => {
  const largest = Math.max(...state);
  return largest + Math.log(state.reduce((sum, log, j) => sum + WEIGHTS[j]! * Math.exp(log - largest), 0));
};
