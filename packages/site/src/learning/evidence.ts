import { type GatePlan, thinned } from '@selvedge/core';
import type { Database } from '@selvedge/store';
import { isEvidence, type Roles, thinningDraw } from './roles.js';

/** Units of role evidence at most, the newest: bounds the memory of a test. */
const MOST_UNITS = 20_000;

export interface LabelledUnit {
  readonly unit: string;
  /** Row of its decision. */
  readonly seq: number;
  readonly lot: string | null;
  /** One that nobody judged in time counts as bad: it could not be shown to be good. */
  readonly bad: boolean;
}

/** An even sample of the stream: units of role evidence, thinned where their labels had unequal propensities. */
export interface Evidence {
  readonly units: readonly LabelledUnit[];
  readonly fromSeq: number;
  readonly untilSeq: number;
  /** Lowest propensity that others were thinned to; 1 = every unit was judged. */
  readonly propensity: number;
  /** Units of role evidence that were judged, before thinning. */
  readonly judged: number;
}

/**
 * Row after which evidence of a station may be used: after its roles were drawn, after the model in post was first fitted
 * (which took every label), after the last closing that says the process changed, and after the last test that certified
 * somebody before the applicant was fixed (`fixedSeq`): what a certificate tells may have shaped who applies after it.
 */
export function evidenceSince(
  db: Database,
  station: string,
  { rolesSeq, fixedSeq }: { readonly rolesSeq: number; readonly fixedSeq: number },
): number {
  const one = (sql: string): number => Number(db.prepare(sql).get(station)?.seq ?? 0);
  return Math.max(
    rolesSeq,
    one(
      `SELECT max(seq) AS seq FROM gate_transition WHERE station = ? AND to_state = 'closed'
       AND (why LIKE 'harm:%' OR why LIKE 'unknown regime%' OR why LIKE 'scope %' OR why LIKE 'more findings%')`,
    ),
    Number(
      db
        .prepare(
          `SELECT max(seq) AS seq FROM assessment
           WHERE station = ? AND seq < ? AND json_extract(body, '$.missing') IS NULL`,
        )
        .get(station, fixedSeq)?.seq ?? 0,
    ),
    one(
      `SELECT max(j.seq) AS seq FROM journal j WHERE j.kind = 'model-installed' AND j.subject = ?
       AND json_extract(j.body, '$.recipe') IN ('novelty', 'supervised')
       AND NOT EXISTS (SELECT 1 FROM applicant a WHERE a.station = j.subject AND a.id = json_extract(j.body, '$.model')
         AND json_extract(a.body, '$.fit') IS NOT NULL)`,
    ),
  );
}

/** Lowest probability with which an automatic call of this plan is audited: boosts raise it and nothing lowers it. */
export function leastPropensity({ settings, budget }: Pick<GatePlan, 'settings' | 'budget'>): number {
  const { auditFloorAccept, auditFloorReject, weightedAudits, weightedLow } = settings;
  const accept = weightedAudits ? Math.min(weightedLow, auditFloorAccept) : auditFloorAccept;
  return budget.overkillRate > 0 ? Math.min(accept, auditFloorReject) : accept;
}

/**
 * The evidence of a station after a row, as far as no answer is out: a unit whose answer waits, and all that were decided
 * after it, come with the next test. Labels of stretches in which everything was asked are taken whole, those of
 * stretches in which the gate decided are thinned to `least`.
 */
export function evidenceOf(
  db: Database,
  station: string,
  { roles, after, least }: { readonly roles: Roles; readonly after: number; readonly least: number },
): Evidence {
  const open = db
    .prepare(
      `SELECT min(seq) AS seq FROM unit_label
       WHERE station = ? AND seq > ? AND bad IS NULL AND late = 0 AND propensity IS NOT NULL`,
    )
    .get(station, after);
  const until = open?.seq == null ? Number.MAX_SAFE_INTEGER : Number(open.seq);
  const rows = db
    .prepare(
      `SELECT unit, seq, lot, propensity, manual, bad FROM unit_label
       WHERE station = ? AND seq > ? AND seq < ? AND propensity IS NOT NULL ORDER BY seq DESC`,
    )
    .iterate(station, after, until);
  const kept: LabelledUnit[] = [];
  let judged = 0;
  let deciding = false;
  for (const row of rows) {
    const unit = String(row.unit);
    const lot = row.lot === null ? null : String(row.lot);
    if (!isEvidence(roles, { unit, lot })) continue;
    judged++;
    if (row.manual !== 1) {
      deciding = true;
      const one = { propensity: Number(row.propensity), asked: true, draw: thinningDraw(roles, unit) };
      if (thinned([one], least).length === 0) continue;
    }
    kept.push({ unit, lot, seq: Number(row.seq), bad: row.bad !== 0 });
    if (kept.length === MOST_UNITS) break;
  }
  kept.reverse();
  return {
    units: kept,
    fromSeq: kept[0]?.seq ?? after,
    untilSeq: kept.at(-1)?.seq ?? after,
    propensity: deciding ? least : 1,
    judged,
  };
}

/** What a model said of units: NaN where it gave no score. Units that it never saw are not in the map. */
export function saidScores(db: Database, station: string, model: string): Map<string, number> {
  const rows = db
    .prepare('SELECT unit, score FROM said_score WHERE station = ? AND model = ?')
    .iterate(station, model);
  const said = new Map<string, number>();
  for (const { unit, score } of rows) said.set(String(unit), score === null ? Number.NaN : Number(score));
  return said;
}
