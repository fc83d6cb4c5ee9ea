import type { AdviserGains } from './adviser.js';
import type { PidGains } from './pid.js';

/**
 * Generated: do not edit. `selvedge study seat-sewing-tuning --seed 1` at commit a378c88bb0ef743e499ec2c7f4ad55e9131b4d5b, 2026-11-24,
 * 240 evaluations each; written by `tools/studies-kit/export-tuned-gains.ts`. Objective reached on the
 * training plants (interventions and a tenth of the planned changes per 100 covers): PID 5.924, with
 * the adviser 5.358.
 */
export const TUNED_PID: PidGains = {
  offset: 0.005281350566319955,
  change: 0.11816700850569171,
  sum: 0.000008576355698914444,
  filter: 0.2742891849195942,
  trim: 0.17404238669980862,
  tension: 4.06257690608414,
  tensionSum: 0.09467389822585906,
  bobbinReserve: 0.2564106968250919,
  needleStitches: 18897.264712120792,
};

export const TUNED_ADVISER: AdviserGains = {
  commandWeight: 7397.244453250304,
  headingWeight: 6.425652501935573,
  cancel: 0.9858918124678847,
  learnLeast: 0.06778839714224764,
  learnLate: 16.007913430046646,
  learnSmooth: 1.2374937896512155,
  preview: 1.621344196423275,
  trim: 0.326709027079482,
  ratio: 0.0071854203675025445,
  bobbinReserve: 0.09885803413376809,
  needleStitches: 10724.31648929855,
};
