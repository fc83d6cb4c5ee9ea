import type { Contract, ProofView } from '@selvedge/core/records';
import type { Database } from '@selvedge/store';
import { shareCurve } from '../../replay/curve.js';
import { drawSeed, evidenceOf } from '../../replay/evidence-units.js';

/** Units from which a curve is drawn at most: the newest of the epoch that were judged blind in shadow. */
const CURVE_UNITS = 50_000;

export interface CurveWish {
  readonly station: string;
  readonly epoch: number;
  readonly contract: Contract;
  /** 0..1 */
  readonly escapeRate: number;
  /** One minus the confidence of the bound. */
  readonly delta: number;
}

export interface Curve {
  readonly units: number;
  readonly points: ProofView['curve'];
}

/**
 * The trade of automatic share against the bound, from the judged units of the epoch's shadow. Fifty thousand of them
 * take a few hundred ms to read and draw, and seconds where they come in lots.
 */
export async function readCurve(
  db: Database,
  { station, epoch, contract, escapeRate, delta }: CurveWish,
): Promise<Curve> {
  const rows = db
    .prepare(
      `SELECT score, bad, late, lot FROM unit INDEXED BY unit_blind WHERE station = ? AND epoch = ?
         AND score IS NOT NULL AND (blind = 1 OR late = 1) AND audit = 0 ORDER BY seq DESC LIMIT ?`,
    )
    .all(station, epoch, CURVE_UNITS);
  if (rows.length === 0) return { units: 0, points: [] };
  const lots = rows.some(({ lot }) => lot !== null);
  const set = {
    scores: Float64Array.from(rows, ({ score }) => Number(score)),
    bad: rows.map(({ bad, late }) => bad === 1 || (bad === null && late === 1)),
    groups: lots ? rows.map(({ lot }, i) => (lot === null ? `unit-${i}` : String(lot))) : null,
  };
  // Without lots nothing is drawn, and the engine that comes with the draws need not be loaded.
  const rng = lots ? (await import('@selvedge/models')).createRandom(drawSeed(epoch)).next : () => 0;
  const { set: evidence } = evidenceOf(set, { rng, independentUnits: false, contract });
  return { units: rows.length, points: [...shareCurve(evidence, { contract, alpha: escapeRate, delta })] };
}
