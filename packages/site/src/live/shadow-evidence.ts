import { type CertifiedSide, chooseWatchRule, type GateState } from '@selvedge/core';
import { createRandom } from '@selvedge/models';
import type { Database } from '@selvedge/store';
import { judgedIn } from '../folds/units.js';
import { certify, evidenceUnits } from '../replay/certify.js';
import { batchCorrelated } from '../replay/watch.js';
import type { StationConfig } from './station-config.js';

export interface ShadowCertificate {
  readonly n: number;
  readonly bads: number;
  readonly accept: CertifiedSide | null;
  readonly reject: CertifiedSide | null;
  readonly watch: { readonly perGroup: boolean; readonly every: number } | null;
}

/**
 * The certificate of a gate in shadow, from the first units of its epoch that were scored and judged blind; null while
 * they are fewer than planned. A unit that nobody judged in time counts as bad: it could not be shown to be good.
 */
export function certifyShadow(
  db: Database,
  { id: station }: StationConfig,
  state: GateState | null,
  middle: number,
): ShadowCertificate | null {
  if (
    state === null ||
    state.name !== 'shadow' ||
    state.plan.plannedUnits === null ||
    state.certificate !== null
  )
    return null;
  const planned = state.plan.plannedUnits;
  if (judgedIn(db, station, state.epoch).labels < planned) return null;
  const rows = db
    .prepare(
      `SELECT score, bad, late, lot FROM unit
       WHERE station = ? AND epoch = ? AND score IS NOT NULL AND (blind = 1 OR late = 1) ORDER BY seq LIMIT ?`,
    )
    .all(station, state.epoch, planned);
  const lots = rows.some(({ lot }) => lot !== null);
  const set = {
    scores: Float64Array.from(rows, ({ score }) => Number(score)),
    bad: rows.map(({ bad, late }) => bad === 1 || (bad === null && late === 1)),
    groups: lots ? rows.map(({ lot }, i) => (lot === null ? `unit-${i}` : String(lot))) : null,
  };
  const { budget } = state.plan;
  // The draws of the tests are fixed by the epoch: nobody can try again for a better one.
  const seed = state.epoch;
  const evidence = evidenceUnits(set, { seed, independentUnits: false, contract: budget.contract });
  const sides = certify(evidence.set, {
    escape: budget.escapeRate,
    overkill: budget.overkillRate,
    contract: budget.contract,
    ledger: state.ledger,
  });
  const rule = chooseWatchRule({
    scores: set.scores,
    groups: set.groups,
    perGroup: batchCorrelated(set, seed),
    middle,
    rng: createRandom(seed ^ 0x7761).next,
  });
  return {
    n: evidence.set.scores.length,
    bads: evidence.set.bad.filter(Boolean).length,
    accept: sides.accept,
    reject: sides.reject,
    watch: rule.quiet ? { perGroup: rule.perGroup, every: rule.every } : null,
  };
}
