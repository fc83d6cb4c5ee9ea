import { deltaLedger, labelsNeeded } from '@selvedge/core';
import type { Warning } from '@selvedge/core/records';
import { isBad } from '../dataset/dataset.js';
import { itemOf, type Ref } from '../dataset/split.js';
import type { ReplayOptions } from '../replay/options.js';

/** Bad units below which the share of them that a model catches is hardly known. */
const FEW_BAD = 30;

/** Says how many more labelled units the promise asked for needs. */
export function tooFewBad(
  calibrate: readonly Ref[],
  options: Pick<ReplayOptions, 'escape' | 'overkill' | 'confidence' | 'contract'>,
): Warning[] {
  const usable = calibrate.map(itemOf).filter((i) => i.fault === null);
  const bads = usable.filter(isBad).length;
  const { accept } = deltaLedger({ confidence: options.confidence, overkillRate: options.overkill });
  const needed = labelsNeeded(0, options.escape, accept.certificate);
  const warnings: Warning[] = [];
  if (usable.length < needed) {
    warnings.push({
      code: 'too-few-units',
      detail: `An escape budget of ${percent(options.escape)} needs at least ${needed} labelled calibration units, with no bad one among those accepted; there are ${usable.length}: ${needed - usable.length} more are needed`,
    });
  }
  if (bads < FEW_BAD) {
    warnings.push({
      code: 'too-few-bad',
      detail: `Only ${bads} bad units are in the calibration set: ${FEW_BAD - bads} more are needed before the share of bad units that the model catches is known to within a tenth or so. The bound holds all the same; it is only wider`,
    });
  }
  return warnings;
}

const percent = (rate: number): string => `${Number((100 * rate).toPrecision(3))} %`;
