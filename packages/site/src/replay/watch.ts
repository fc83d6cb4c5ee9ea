import { chooseWatchRule, clusterTest, DEFAULT_SETTINGS, observer, type WatchRule } from '@selvedge/core';
import type { Warning } from '@selvedge/core/records';
import { createRandom } from '@selvedge/models';
import type { CalibrationSet } from './certify.js';

/** Tells of each scored unit in order of arrival whether the score martingale observes it. */
export type Observes = (group: string | null) => boolean;

/** How the scores are watched for drift. */
export interface Watch {
  readonly observes: Observes;
  /** The unit of observation in words. */
  readonly observation: string;
  /** False where the scores moved in the calibration set already: the watch then raises audits and never closes. */
  readonly closes: boolean;
  /** Level at which an unknown regime closes the gate. */
  readonly closesAt: number;
  readonly warnings: readonly Warning[];
}

/** Chooses the martingale's unit of observation on the calibration scores: what is alike there proves nothing twice. */
export function chooseWatch(
  set: CalibrationSet,
  { seed, middle, independentUnits }: { seed: number; middle: number; independentUnits: boolean },
): Watch {
  const rule = independentUnits
    ? { perGroup: false, every: 1, quiet: true }
    : chooseWatchRule({
        scores: set.scores,
        groups: set.groups,
        perGroup: batchCorrelated(set, seed),
        middle,
        rng: createRandom(seed ^ 0x7761).next,
      });
  return {
    observes: observer(rule),
    observation: inWords(rule),
    closes: rule.quiet,
    closesAt: rule.quiet ? DEFAULT_SETTINGS.unknownRegime : Number.MAX_VALUE,
    warnings: rule.quiet
      ? []
      : [
          {
            code: 'restless-scores',
            detail:
              'The scores moved within the calibration set, however sparsely they are looked at: a slow change of tool, material or season. The certificate assumes that the stream goes through the same mixture; the watch for drift raises audits but does not close the gate by itself. Calibrate over a longer time',
          },
        ],
  };
}

function inWords({ perGroup, every }: WatchRule): string {
  if (every === 1) return perGroup ? 'first unit of each group' : 'unit';
  return perGroup ? `first unit of one group in ${every}` : `unit in ${every}`;
}

/** True where the scores of one group are alike: the martingale then sees one unit per group. */
export function batchCorrelated(set: CalibrationSet, seed: number): boolean {
  if (set.groups === null) return false;
  const sorted = Float64Array.from(set.scores).sort();
  const high = sorted[Math.floor(0.75 * sorted.length)] ?? 0;
  const lost = Array.from(set.scores, (s) => s > high);
  return clusterTest({ groups: set.groups, lost, rng: createRandom(seed ^ 0x6261).next }).clustered;
}
