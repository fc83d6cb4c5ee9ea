import type { FittedHead } from '../heads/fit-head.js';
import { areaUnderCurve, aucDifference } from '../heads/measures.js';

/** Fewest bad units for which `auto` looks at labels at all. */
export const FEWEST_BAD = 20;

/** Standard errors by which labels must beat novelty. */
const MARGIN = 1;

/**
 * Chooses between novelty and supervised on out-of-fold scores of the fit set alone. Labels can hurt (they teach
 * the faults of yesterday), so they must win by more than noise: the paired difference of the AUCs by DeLong.
 */
export function chooseRecipe({
  wanted,
  bad,
  novelty,
  supervised,
}: {
  wanted: 'novelty' | 'supervised' | 'auto';
  bad: Uint8Array;
  novelty: Float64Array;
  supervised: FittedHead | null;
}): { recipe: 'novelty' | 'supervised'; why: string } {
  const badCount = bad.reduce((sum, b) => sum + b, 0);
  const auc = badCount > 0 ? areaUnderCurve(novelty, bad) : Number.NaN;
  const quality = Number.isNaN(auc) ? 'no bad units to measure it' : `out-of-fold AUC ${auc.toFixed(4)}`;
  if (wanted === 'novelty') return { recipe: 'novelty', why: `novelty was asked for: ${quality}` };
  if (supervised === null) {
    return {
      recipe: 'novelty',
      why: `novelty: ${badCount} bad units are fewer than ${FEWEST_BAD} (${quality})`,
    };
  }
  if (wanted === 'supervised') {
    return {
      recipe: 'supervised',
      why: `supervised was asked for: ${supervised.why}; novelty alone ${quality}`,
    };
  }
  const { difference, standardError } = aucDifference(supervised.outOfFold, novelty, bad);
  const margin = MARGIN * standardError;
  const words = `out-of-fold AUC of supervised minus novelty ${difference.toFixed(4)}, needed more than ${margin.toFixed(4)}`;
  return difference > margin
    ? {
        recipe: 'supervised',
        why: `supervised beats novelty by more than noise: ${words}; ${supervised.why}`,
      }
    : { recipe: 'novelty', why: `novelty stays: ${words}` };
}
