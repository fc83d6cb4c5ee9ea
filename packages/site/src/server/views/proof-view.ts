import { type Agreement, agreement, binomialLower, binomialUpper, promise } from '@selvedge/core';
import type { ProofView, Trouble } from '@selvedge/core/records';
import type { Database } from '@selvedge/store';
import { gatePoints } from '../../folds/gates.js';
import { rereads, secondReads } from '../../folds/seeds.js';
import { sinceCertificate } from '../../folds/units.js';
import type { LiveStation } from '../../live/live-station.js';
import { stationCard } from './station-card.js';

/** Points of a chart at most. */
const POINTS = 250;
const SEEDS_NEEDED = 60;
const ALWAYS = { fromMs: 0, toMs: Number.POSITIVE_INFINITY };

/** What one gate rests on: counted as rows come, so that a look costs the same in the first hour and after a year. */
export function proofView(
  db: Database,
  station: LiveStation,
  {
    curve,
    ...period
  }: {
    fromMs: number;
    toMs: number;
    troubles: readonly Trouble[];
    live: boolean;
    /** See `Curves`. */
    curve: ProofView['curve'];
  },
): ProofView {
  const { id } = station.config;
  const { gate } = station;
  const epoch = gate?.epoch ?? 0;
  const settings = gate?.plan.settings;
  const log10 = (x: number | undefined): number => Math.log10(x ?? 1);
  const { units: after, audits, auditsBad, automatic } = sinceCertificate(db, id, epoch);
  const judged = after - automatic + audits;
  const touched = Math.min(after, judged + rereads(db, id));
  const points = gatePoints(db, { station: id, epoch, most: POINTS });
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
    curve,
    live: points.map((p) => ({
      atMs: Number(p.at_ms),
      seq: Number(p.seq),
      state: p.name as ProofView['live'][number]['state'],
      auditRate: Number(p.audit_rate),
      liveUpper: Math.min(1, Number(p.live_upper)),
      automaticShare: Number(p.automatic_share),
    })),
    drift: points.map((p) => ({
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
    audits: Math.max(0, audits - station.answers.questions.auditsWaiting(ALWAYS)),
    auditsBad,
    findings: (gate?.findings.escapes ?? 0) + (gate?.findings.misread ?? 0),
  };
}

/** How second readers agreed with the first, at this station so far: where both answered without help. */
function readersOf(db: Database, station: string): NonNullable<ProofView['readers']> {
  const { interval, ...found }: Agreement = agreement(secondReads(db, station));
  return { ...found, interval: interval === null ? null : [...interval] };
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
