import type { Database } from '@selvedge/store';
import { evidenceUnits } from '../src/replay/certify.js';
import { shareCurve } from '../src/replay/curve.js';

/** The figures of a proof as they were read until schema 4 of the units: each from all rows of its table, at every look. */
export function countedAnew(
  db: Database,
  { station, epoch, most }: { station: string; epoch: number; most: number },
) {
  const certified = db
    .prepare('SELECT max(seq) AS seq FROM gate_certificate WHERE station = ? AND epoch = ?')
    .get(station, epoch)?.seq;
  const since = certified == null ? Number.MAX_SAFE_INTEGER : Number(certified);
  const one = (sql: string, ...values: (string | number)[]) => ({ ...db.prepare(sql).get(...values) });
  return {
    tally: one(
      `SELECT count(*) AS units, coalesce(sum(audit), 0) AS audits, coalesce(sum(audit = 1 AND bad = 1), 0) AS auditsBad,
              coalesce(sum(decided_by = 'gate'), 0) AS automatic
       FROM unit WHERE station = ? AND epoch = ? AND seq > ?`,
      ...[station, epoch, since],
    ),
    reads: one(
      `SELECT coalesce(sum(first_bad AND second_bad), 0) AS bothBad, coalesce(sum(first_bad <> second_bad), 0) AS differ,
              coalesce(sum(NOT first_bad AND NOT second_bad), 0) AS bothGood
       FROM second_read WHERE station = ? AND blind = 1`,
      station,
    ),
    rereads: one(
      `SELECT (SELECT count(*) FROM second_read WHERE station = ? AND seq > ?)
            + (SELECT count(*) FROM seed_seen WHERE station = ? AND seq > ? AND read = 1) AS n`,
      ...[station, since, station, since],
    ).n,
    points: db
      .prepare(
        `SELECT * FROM (
           SELECT *, row_number() OVER (PARTITION BY name = 'shadow' ORDER BY seq) AS nth,
                  count(*) OVER (PARTITION BY name = 'shadow') AS n
           FROM gate_point WHERE station = ? AND epoch = ?
         ) WHERE nth % ((n + ?) / ?) = 0 OR nth = n ORDER BY seq`,
      )
      .all(station, epoch, most - 1, most)
      .map(({ nth: _nth, n: _n, ...point }) => point),
  };
}

/** The curve as it was drawn until then. */
export function drawnAnew(
  db: Database,
  of: {
    readonly station: string;
    readonly epoch: number;
    readonly contract: 'per-unit' | 'per-pass';
    readonly escapeRate: number;
    readonly delta: number;
  },
) {
  const rows = db
    .prepare(
      `SELECT seq, score, bad, late, lot FROM unit WHERE station = ? AND epoch = ? AND score IS NOT NULL
         AND (blind = 1 OR late = 1) AND audit = 0 ORDER BY seq DESC LIMIT 50000`,
    )
    .all(of.station, of.epoch);
  if (rows.length === 0) return [];
  const set = {
    scores: Float64Array.from(rows, ({ score }) => Number(score)),
    bad: rows.map(({ bad, late }) => bad === 1 || (bad === null && late === 1)),
    groups: rows.some(({ lot }) => lot !== null)
      ? rows.map(({ lot }, i) => (lot === null ? `unit-${i}` : String(lot)))
      : null,
  };
  const { contract } = of;
  const evidence = evidenceUnits(set, { seed: of.epoch, independentUnits: false, contract });
  return [...shareCurve(evidence.set, { contract, alpha: of.escapeRate, delta: of.delta })];
}
