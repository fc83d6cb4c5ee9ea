import { requireSameLength } from '../bounds/range.js';

/**
 * Conformal p-value of one score against calibration scores: (1 + #{calibration >= score}) / (n + 1). Small = stranger
 * than the calibration set.
 */
export const conformalPValue = (calibration: ArrayLike<number>, score: number): number => {
  let atLeast = 0;
  for (let i = 0; i < calibration.length; i += 1) if (calibration[i]! >= score) atLeast += 1;
  return (atLeast + 1) / (calibration.length + 1);
};

/**
 * Mondrian (label-conditional) p-values: the score against the calibration scores of each category alone, so the
 * promise holds in each category (Vovk et al. 2005, section 4.5).
 *
 * @returns category -> p-value.
 * @throws RangeError on unequal lengths.
 */
export const mondrianPValues = <Category>(
  calibration: { readonly scores: ArrayLike<number>; readonly categories: ArrayLike<Category> },
  score: number,
): Map<Category, number> => {
  const { scores, categories } = calibration;
  requireSameLength('scores and categories', scores, categories);
  const members = new Map<Category, number[]>();
  for (let i = 0; i < scores.length; i += 1) {
    const list = members.get(categories[i]!) ?? [];
    list.push(scores[i]!);
    members.set(categories[i]!, list);
  }
  return new Map([...members].map(([category, list]) => [category, conformalPValue(list, score)]));
};

/** The categories that the p-values do not exclude: p > alpha. */
export const predictionSet = <Category>(pValues: ReadonlyMap<Category, number>, alpha: number): Category[] =>
  [...pValues].flatMap(([category, p]) => (p > alpha ? [category] : []));
