import type { GateSettings } from '../../src/gate/plan.js';
import { uniforms } from '../seeded.js';
import { certified, GateLine } from './gate-line.js';

export interface Harmed {
  /** Units that passed bad and unseen until the gate closed. */
  readonly escapes: number;
  /** Units from the opening until it closed; null = it never did. */
  readonly units: number | null;
}

/**
 * An applicant that was right in shadow, so that its certificate is a true one, and that lets everything pass once it
 * decides: its scores then say nothing and look like those of good units. The drift watch sees nothing of it (null
 * p-values): only the audits can. 5 % of the units are bad, the budget is .5 % per unit.
 */
export const adversaryRun = (seed: number, settings: Partial<GateSettings> = {}, most = 30_000): Harmed => {
  const rng = uniforms(seed);
  const line = new GateLine({ settings }).certify({ assessed: true, accept: certified(0.5, 0.025) });
  let escapes = 0;
  for (let units = 1; units <= most; units += 1) {
    const bad = rng() < 0.05;
    const { call, audit, unitId } = line.unit({ score: rng() / 2, draw: rng() });
    if (call === 'pass' && !audit && bad) escapes += 1;
    if (audit) line.answer(unitId, bad);
    if (line.state.name === 'closed') return { escapes, units };
  }
  return { escapes, units: null };
};

/** The value that `share` of the values do not exceed. */
export const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.ceil(share * values.length) - 1]!;
