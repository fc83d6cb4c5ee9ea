import { requireShare } from '../bounds/range.js';

/** What the label of a unit may do: `evidence` proves and is never trained on, `training` teaches and never proves. */
export type Role = 'evidence' | 'training';

/**
 * The role of a unit, fixed before anybody looks at it (rule LN-1).
 *
 * @param draw u = HMAC(learning secret, lot or else unit id) / 2^64, in [0, 1), as `auditDraw` makes it with a secret of
 *   its own. Units of one lot share their draw, so no lot lies in both roles.
 * @param evidenceShare share of the draws that are evidence, between 0 and 1.
 * @throws RangeError on a draw outside [0, 1) or a share outside (0, 1): a unit without a role must not be used.
 */
export const roleOf = (draw: number, evidenceShare: number): Role => {
  requireShare('evidenceShare', evidenceShare);
  requireDraw(draw);
  return draw < evidenceShare ? 'evidence' : 'training';
};

/** A unit of role evidence as the gate left it. */
export interface ChancedUnit {
  /**
   * Probability with which a person was to judge it, known before its label, in (0, 1]: 1 in shadow and for asked units,
   * `Decide.propensity` for automatic calls.
   */
  readonly propensity: number;
  /** Whether a person was to judge it. The answer may still be out: a lost answer is the assessment's matter. */
  readonly asked: boolean;
  /** A second draw in [0, 1), of a key of its own, so that it tells nothing of the first. */
  readonly draw: number;
}

/**
 * The even sample that a bound may rest on (rule LN-2): of the asked units each is kept with probability
 * `least / propensity`, so that every unit of the stream, whatever its score and whatever model was in post, is kept
 * with probability `least`. Kept units are an independent sample of the stream where its units are one [P]
 * (inverse-propensity thinning; GATE section 10, "label-biased feedback").
 *
 * @param units all units of role evidence of a stretch of the stream, those that nobody was asked about included.
 * @param least in (0, 1], fixed without the labels: the lowest audit probability of the stretch.
 * @returns indices of the kept units, ascending.
 * @throws RangeError where a unit's propensity lies below `least` or above 1 (leaving it out would bend the sample), or a
 *   draw is none.
 */
export const thinned = (units: readonly ChancedUnit[], least: number): number[] => {
  if (!(least > 0 && least <= 1)) throw new RangeError(`least must lie in (0, 1], got ${least}`);
  return units.flatMap(({ propensity, asked, draw }, index) => {
    if (!(propensity >= least && propensity <= 1))
      throw new RangeError(`unit ${index} has propensity ${propensity}, outside of [${least}, 1]`);
    requireDraw(draw);
    return asked && draw < least / propensity ? [index] : [];
  });
};

const requireDraw = (draw: number): void => {
  if (!(draw >= 0 && draw < 1)) throw new RangeError(`a draw must lie in [0, 1), got ${draw}`);
};
