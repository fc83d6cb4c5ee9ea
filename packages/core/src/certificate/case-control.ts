import { binomialUpper } from '../bounds/binomial.js';

/**
 * Case-control certificate of a new plant: escapes per unit <= U_pi(delta/2) U_FNR(delta/2). U_pi is the defect rate from
 * the plant's own quality record, U_FNR the share of its retained bad units, shown to the station again, that the model
 * would accept. Valid if the retained bad units are like the natural ones (GATE section 8): print that assumption.
 *
 * @throws RangeError unless counts are whole and in order and 0 < delta < 1.
 */
export const caseControlUpper = (options: {
  readonly badInRecord: number;
  readonly unitsInRecord: number;
  readonly badAccepted: number;
  readonly badShown: number;
  readonly delta: number;
}): number => {
  const half = options.delta / 2;
  return (
    binomialUpper(options.badInRecord, options.unitsInRecord, half) *
    binomialUpper(options.badAccepted, options.badShown, half)
  );
};
