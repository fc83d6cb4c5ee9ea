import type { AdviserGains } from './adviser.js';
import type { PidGains } from './pid.js';

/**
 * Generated: do not edit. `selvedge study seat-sewing-tuning --seed 1` at commit 6079af49db9fc100876f297ad941e479ce09d34e, 2026-11-24,
 * 240 evaluations each; written by `tools/studies-kit/export-tuned-gains.ts`. Objective reached on the
 * training plants (interventions and a tenth of the planned changes per 100 covers): PID 7.103, with
 * the adviser 5.553.
 */
export const TUNED_PID: PidGains = {
  offset: 0.002130066274842387,
  change: 0.05246961326209292,
  sum: 0.000013692534628272822,
  filter: 1,
  trim: 0.3569498681788301,
  tension: 2.9971690050317106,
  tensionSum: 0.024483450964095984,
  bobbinReserve: 0.06869485841378076,
  needleStitches: 37676.01624407235,
};

export const TUNED_ADVISER: AdviserGains = {
  commandWeight: 4783.380279864439,
  headingWeight: 8.294248917860534,
  cancel: 1,
  learnLeast: 0.051362201279683585,
  learnLate: 16.573436774495505,
  learnSmooth: 1.8829525271639707,
  preview: 2.136843836180026,
  trim: 0.5275900754469899,
  ratio: 0.006214578527071212,
  bobbinReserve: 0.07474198172873243,
  needleStitches: 10361.944454789553,
};
