import { type Agreement, agreement, binomialLower, binomialUpper, promise } from '@selvedge/core';
import type { ProofView, Trouble } from '@selvedge/core/records';
import type { Database } from '@selvedge/store';
import type { LiveStation } from '../../live/live-station.js';
import { evidenceUnits } from '../../replay/certify.js';
import { shareCurve } from '../../replay/curve.js';
import { stationCard } from './station-card.js';

/** Points of a chart at most. */
const POINTS = 250;
/** Units from which a curve is drawn at most: the newest of the epoch that were judged blind in shadow. */
const CURVE_UNITS = 50_000;
const SEEDS_NEEDED = 60;
const ALWAYS = { fromMs: 0, toMs: Number.POSITIVE_INFINITY };

/** What one gate rests on. */
export function proofView(
  db: Database,
  station: LiveStation,
  period: { fromMs: number; toMs: number; troubles: readonly Trouble[]; live: boolean },
): ProofView {
  const { id } = station.config;
  const { gate } = station;
  const epoch = gate?.epoch ?? 0;
  const settings = gate?.plan.settings;
  const log10 = (x: number | undefined): number => Math.log10(x ?? 1);
  const since = certifiedSeq(db, id, epoch) ?? Number.MAX_SAFE_INTEGER;
  const tally = db
    .prepare(
      `SELECT count(*) AS units, coalesce(sum(audit), 0) AS audits, coalesce(sum(audit = 1 AND bad = 1), 0) AS bad,
              coalesce(sum(decided_by = 'gate'), 0) AS automatic
       FROM unit WHERE station = ? AND epoch = ? AND seq > ?`,
    )
    .get(id, epoch, since);
  const after = Number(tally?.units);
  const judged = after - Number(tally?.automatic) + Number(tally?.audits);
  const touched = Math.min(after, judged + rereadsSince(db, id, since));
  const shown = gate === null ? null : promise(gate);
  return {
    station: stationCard(db, station, period),
    epoch,
    certificate: certificateOf(db, station),
    meaning: shown?.meaning === 'truth' ? 'truth' : 'agreement',
    seeds: { read: gate?.seeds.read ?? 0, missed: gate?.seeds.missed ?? 0, needed: SEEDS_NEEDED },
    measured: {
      doubleReadShare: station.config.doubleReadShare,
      seedShare: station.config.seedShare,
    },
    readers: readersOf(db, id),
    curve: curveOf(db, station),
    live: points(db, id, epoch).map((p) => ({
      atMs: Number(p.at_ms),
      seq: Number(p.seq),
      state: p.name as ProofView['live'][number]['state'],
      auditRate: Number(p.audit_rate),
      liveUpper: Math.min(1, Number(p.live_upper)),
      automaticShare: Number(p.automatic_share),
    })),
    drift: points(db, id, epoch).map((p) => ({
      seq: Number(p.seq),
      level: Number(p.level),
      spread: Number(p.spread),
      harm: Number(p.harm),
    })),
    levels: {
      alarmLog10: log10(settings?.scoreAlarm),
      closeLog10: log10(settings?.unknownRegime),
      harmWatchLog10: log10(settings?.harmWatch),
      harmCloseLog10: log10(settings?.harmClose),
    },
    transitions: db
      .prepare('SELECT * FROM gate_transition WHERE station = ? ORDER BY seq DESC LIMIT 50')
      .all(id)
      .map((t) => ({
        seq: Number(t.seq),
        atMs: Number(t.at_ms),
        from: t.from_state as ProofView['transitions'][number]['from'],
        to: t.to_state as ProofView['transitions'][number]['to'],
        why: String(t.why),
      })),
    before: { judgementsPerUnit: 1, units: Number(gate?.certificate?.n ?? 0) },
    after: { judgementsPerUnit: after === 0 ? 1 : touched / after, units: after },
    reduction: after === 0 ? null : Math.max(0, 1 - touched / after),
    reductionInterval:
      after === 0
        ? null
        : [1 - binomialUpper(touched, after, 0.025), 1 - binomialLower(touched, after, 0.025)],
    audits: Math.max(0, Number(tally?.audits) - station.answers.questions.auditsWaiting(ALWAYS)),
    auditsBad: Number(tally?.bad),
    findings: (gate?.findings.escapes ?? 0) + (gate?.findings.misread ?? 0),
  };
}

function certifiedSeq(db: Database, station: string, epoch: number): number | null {
  const row = db
    .prepare('SELECT max(seq) AS seq FROM gate_certificate WHERE station = ? AND epoch = ?')
    .get(station, epoch);
  return row?.seq == null ? null : Number(row.seq);
}

/** How second readers agreed with the first, at this station so far: where both answered without help. */
function readersOf(db: Database, station: string): NonNullable<ProofView['readers']> {
  const row = db
    .prepare(
      `SELECT coalesce(sum(first_bad AND second_bad), 0) AS both_bad, coalesce(sum(first_bad <> second_bad), 0) AS differ,
              coalesce(sum(NOT first_bad AND NOT second_bad), 0) AS both_good
       FROM second_read WHERE station = ? AND blind = 1`,
    )
    .get(station);
  const { interval, ...found }: Agreement = agreement({
    bothBad: Number(row?.both_bad),
    differ: Number(row?.differ),
    bothGood: Number(row?.both_good),
  });
  return { ...found, interval: interval === null ? null : [...interval] };
}

/** Answers on units that were shown once more since a row: they cost a person as much as any other. */
function rereadsSince(db: Database, station: string, seq: number): number {
  const row = db
    .prepare(
      `SELECT (SELECT count(*) FROM second_read WHERE station = ? AND seq > ?)
            + (SELECT count(*) FROM seed_seen WHERE station = ? AND seq > ? AND read = 1) AS n`,
    )
    .get(station, seq, station, seq);
  return Number(row?.n);
}

function certificateOf(db: Database, { config, gate }: LiveStation): ProofView['certificate'] {
  if (gate === null) return null;
  const row = db
    .prepare('SELECT * FROM gate_certificate WHERE station = ? AND epoch = ? ORDER BY seq DESC LIMIT 1')
    .get(config.id, gate.epoch);
  if (row === undefined) return null;
  const accept = row.accept === null ? null : JSON.parse(String(row.accept));
  return {
    atMs: Number(row.at_ms),
    n: Number(row.n),
    bads: Number(row.bads),
    test: accept?.test ?? 'nothing could be certified',
    threshold: accept?.threshold ?? null,
    upper: accept?.upper ?? null,
    confidence: 1 - gate.ledger.accept.certificate,
    hash: String(row.hash),
  };
}

interface Curve {
  readonly epoch: number;
  readonly units: number;
  readonly newest: number;
  readonly points: ProofView['curve'];
}
const curves = new WeakMap<LiveStation, Curve>();

/**
 * The trade of automatic share against the bound, from the judged units of the epoch's shadow. Fifty thousand units take
 * half a second of the one thread that also takes units in: the curve is drawn anew when one unit in two hundred is new.
 */
function curveOf(db: Database, station: LiveStation): ProofView['curve'] {
  const { config, gate } = station;
  if (gate === null) return [];
  const known = curves.get(station);
  if (known !== undefined && known.epoch === gate.epoch) {
    const since = db
      .prepare('SELECT count(*) AS n FROM unit WHERE station = ? AND epoch = ? AND seq > ?')
      .get(config.id, gate.epoch, known.newest);
    if (Number(since?.n) <= known.units / 200) return known.points;
  }
  const { units, newest, points } = freshCurve(db, station);
  curves.set(station, { epoch: gate.epoch, units, newest, points });
  return points;
}

function freshCurve(db: Database, { config, gate }: LiveStation): Omit<Curve, 'epoch'> {
  const none = { units: 0, newest: 0, points: [] };
  if (gate === null) return none;
  const rows = db
    .prepare(
      `SELECT seq, score, bad, late, lot FROM unit WHERE station = ? AND epoch = ? AND score IS NOT NULL
         AND (blind = 1 OR late = 1) AND audit = 0 ORDER BY seq DESC LIMIT ?`,
    )
    .all(config.id, gate.epoch, CURVE_UNITS);
  if (rows.length === 0) return none;
  const set = {
    scores: Float64Array.from(rows, ({ score }) => Number(score)),
    bad: rows.map(({ bad, late }) => bad === 1 || (bad === null && late === 1)),
    groups: rows.some(({ lot }) => lot !== null)
      ? rows.map(({ lot }, i) => (lot === null ? `unit-${i}` : String(lot)))
      : null,
  };
  const { contract, escapeRate } = gate.plan.budget;
  const evidence = evidenceUnits(set, { seed: gate.epoch, independentUnits: false, contract });
  const points = [
    ...shareCurve(evidence.set, { contract, alpha: escapeRate, delta: gate.ledger.accept.certificate }),
  ];
  return { units: rows.length, newest: Number(rows[0]?.seq), points };
}

/**
 * The gate's history of an epoch, thinned to what a chart can show: the shadow and what came after it each keep points of
 * their own, since a shadow may be a hundred times longer.
 */
function points(db: Database, station: string, epoch: number) {
  return db
    .prepare(
      `SELECT * FROM (
         SELECT *, row_number() OVER (PARTITION BY name = 'shadow' ORDER BY seq) AS place,
                count(*) OVER (PARTITION BY name = 'shadow') AS n
         FROM gate_point WHERE station = ? AND epoch = ?
       ) WHERE place % ((n + ?) / ?) = 0 OR place = n ORDER BY seq`,
    )
    .all(station, epoch, POINTS - 1, POINTS);
}
