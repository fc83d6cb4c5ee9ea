import {
  automaticCalls,
  binomialLower,
  binomialUpper,
  type CertifiedSide,
  type CertifiedSides,
  calibrated,
  isotonic,
  reliability,
} from '@selvedge/core';
import type { ApplicantRow, Board, Disagreements, Measured, SiteFactBody } from '@selvedge/core/records';
import type { Database } from '@selvedge/store';
import type { StationConfig } from '../../config/site-config.js';
import { type ApplicantRecord, applicantsOf } from '../../folds/learning.js';
import { type Applied, newestAssessment } from '../../learning/hire.js';
import { allowedHosts, hostOf, isHere } from '../../learning/hosts.js';
import type { StationLearning } from '../../learning/plant-learning.js';
import { policyOf } from '../../learning/policy.js';
import { isEvidence, type Roles } from '../../learning/roles.js';
import type { LiveStation } from '../../live/live-station.js';
import { rocAuc } from '../../replay/measures.js';
import type { Parts } from '../parts.js';

/** Newest labelled units by which applicants are described: bounds what a look costs. */
const MOST_UNITS = 2_000;
/** Batches by which speed is told. */
const BATCHES = 400;
/** Labels below which nothing is said of how well scores are calibrated. */
const FEWEST = 40;
const HOUR_S = 3600;
const MOST_DISAGREEMENTS = 200;

interface Labelled {
  readonly unit: string;
  /** Row of its decision. */
  readonly seq: number;
  readonly bad: boolean;
}

/** The board of one station. Whatever costs more the longer the journal is, is asked of its newest units alone. */
export function boardView(parts: Parts, settings: StationConfig, nowMs: number): Board {
  const { journal, learning, live } = parts;
  const { id, name } = settings;
  const station = live.station(id);
  const { db } = journal;
  const one = learning.stations.get(id);
  const budget = station.gate?.plan.budget ?? null;
  const labelled = labelledOf(db, id, one?.roles ?? null);
  const post = station.model?.hash ?? null;
  const policy = policyOf(parts, id, nowMs);
  const rows = applicantsOf(db, id).map((record) =>
    rowOf(db, id, { record, station, labelled, post, learning: one ?? null }),
  );
  const own =
    post === null || rows.some(({ applicant }) => applicant === post)
      ? []
      : [ownRow(db, settings, station, labelled)];
  const allowed = allowedHosts(db);
  return {
    station: id,
    name,
    budget: budget && {
      escapeRate: budget.escapeRate,
      overkillRate: budget.overkillRate,
      confidence: budget.confidence,
    },
    rows: [...own, ...rows].sort(
      (a, b) =>
        Number(b.state === 'in-post') - Number(a.state === 'in-post') ||
        (b.assessment?.automaticShare ?? -1) - (a.assessment?.automaticShare ?? -1),
    ),
    policy: policy && {
      leastShadowUnits: policy.leastShadowUnits,
      leastGain: policy.leastGain,
      untilAtMs: policy.untilAtMs,
      user: policy.user,
      reason: policy.reason,
    },
    hosts: [
      ...new Set(settings.applicants.flatMap((one) => (one.kind === 'file' ? [] : [hostOf(one.url)]))),
    ].map((host) => ({ host, allowed: isHere(host) || allowed.has(host), outside: !isHere(host) })),
  };
}

/** Of role training alone: figures of evidence that reach whoever makes the next applicant would break its tests (LN-3). */
function labelledOf(db: Database, station: string, roles: Roles | null): Labelled[] {
  if (roles === null) return [];
  return db
    .prepare(
      `SELECT unit, lot, seq, bad FROM unit_label WHERE station = ? AND bad IS NOT NULL AND propensity IS NOT NULL
       ORDER BY seq DESC LIMIT ?`,
    )
    .all(station, MOST_UNITS)
    .map(({ unit, lot, seq, bad }) => ({
      ...{ unit: String(unit), lot: lot === null ? null : String(lot), seq: Number(seq), bad: bad === 1 },
    }))
    .filter((one) => !isEvidence(roles, one));
}

/** Scores of a model on some units, NaN where it has none. */
function scoresOn(
  db: Database,
  station: string,
  model: string,
  units: readonly { unit: string }[],
): Float64Array {
  const said = db.prepare('SELECT score FROM said_score WHERE station = ? AND unit = ? AND model = ?');
  return Float64Array.from(units, ({ unit }) => {
    const score = said.get(station, unit, model)?.score;
    return score == null ? Number.NaN : Number(score);
  });
}

function rowOf(
  db: Database,
  station: string,
  {
    record,
    station: live,
    labelled: all,
    post,
    learning,
  }: {
    readonly record: ApplicantRecord;
    readonly station: LiveStation;
    readonly labelled: readonly Labelled[];
    readonly post: string | null;
    readonly learning: StationLearning | null;
  },
): ApplicantRow {
  const { id: applicant, body, state, why, atMs } = record;
  const fault = learning?.applicants.faultOf(applicant) ?? null;
  const test = newestAssessment(db, station, applicant);
  // What it was fitted on says nothing of it.
  const labelled = all.filter(({ seq }) => seq > record.seq);
  const scores = scoresOn(db, station, applicant, labelled);
  const speed = speedOf(db, station, applicant);
  const applied = body as Partial<Applied>;
  const refused = body as Partial<SiteFactBody<'application-refused'>>;
  return {
    applicant,
    name: String(body.name),
    from: body.from as ApplicantRow['from'],
    state: applicant === post ? 'in-post' : (state as ApplicantRow['state']),
    why: fault ?? why,
    sinceMs: atMs,
    fit: applied.fit == null ? null : { units: applied.fit.units, bad: applied.fit.bad },
    assessment: test === null ? null : assessmentOf(test),
    gain:
      test?.against == null
        ? null
        : {
            value: test.against.difference,
            interval: test.against.interval as [number, number],
            n: test.against.n,
          },
    auc: aucOf(scores, labelled),
    shadow: { scored: record.scored, faults: record.faults, missed: record.missed },
    latencyMs: speed?.latency ?? null,
    cpuSecondsPer1000: speed?.cpuSeconds ?? null,
    wattHoursPer1000: energyOf(speed?.cpuSeconds ?? null, learning?.wattsPerCore ?? null),
    agreement: agreementOf(db, station, { live, test, scores, labelled, post, applicant }),
    calibration: calibrationOf(scores, labelled),
    differing: refused.differing ?? [],
  };
}

/** The configuration's own model, which never applied. */
function ownRow(
  db: Database,
  { id: station }: StationConfig,
  live: LiveStation,
  labelled: readonly Labelled[],
): ApplicantRow {
  const { gate, model } = live;
  const scores = scoresOn(db, station, model!.hash, labelled);
  const certificate = gate?.certificate ?? null;
  return {
    ...{ applicant: model!.hash, name: model!.name, from: 'fit', state: 'in-post' },
    ...{ why: gate?.reason ?? 'nobody has signed a budget', sinceMs: gate?.epochAtMs ?? 0, fit: null },
    assessment:
      certificate === null
        ? null
        : {
            ...{
              hash: '',
              atMs: certificate.atMs,
              attempt: 1,
              delta: 0,
              propensity: 1,
              n: certificate.n,
              bads: 0,
            },
            certified: certificate.accept !== null || certificate.reject !== null,
            automaticShare: certificate.accept?.share ?? 0,
            accept: certificate.accept?.threshold ?? null,
            reject: certificate.reject?.threshold ?? null,
            missing: null,
          },
    gain: null,
    auc: aucOf(scores, labelled),
    shadow: { scored: 0, faults: 0, missed: 0 },
    ...{ latencyMs: null, cpuSecondsPer1000: null, wattHoursPer1000: null, agreement: null },
    calibration: calibrationOf(scores, labelled),
    differing: [],
  };
}

type Test = NonNullable<ReturnType<typeof newestAssessment>>;

const sidesOf = ({ accept, reject }: Pick<Test, 'accept' | 'reject'>): CertifiedSides => ({
  accept: accept as unknown as CertifiedSide | null,
  reject: reject as unknown as CertifiedSide | null,
});

function assessmentOf(test: Test): NonNullable<ApplicantRow['assessment']> {
  const { accept, reject } = sidesOf(test);
  const { hash, atMs, attempt, delta, propensity, n, bads, automaticShare, missing } = test;
  return {
    ...{ hash, atMs, attempt, delta, propensity, n, bads, automaticShare, missing },
    certified: missing === null,
    accept: accept?.threshold ?? null,
    reject: reject?.threshold ?? null,
  };
}

/** A share with its Clopper-Pearson interval, 95 %. */
const shareOf = (hits: number, n: number): Measured => ({
  value: n === 0 ? 0 : hits / n,
  interval: n === 0 ? null : [binomialLower(hits, n, 0.025), binomialUpper(hits, n, 0.025)],
  n,
});

/** Hanley and McNeil (1982): standard error of the area under the curve. */
function aucOf(scores: Float64Array, labelled: readonly Labelled[]): Measured | null {
  const bad = labelled.map((one) => one.bad);
  const auc = rocAuc(scores, bad);
  if (auc === null) return null;
  const bads = bad.filter((is, i) => is && Number.isFinite(scores[i])).length;
  const goods = bad.filter((is, i) => !is && Number.isFinite(scores[i])).length;
  const [q1, q2] = [auc / (2 - auc), (2 * auc * auc) / (1 + auc)];
  const variance =
    (auc * (1 - auc) + (bads - 1) * (q1 - auc * auc) + (goods - 1) * (q2 - auc * auc)) / (bads * goods);
  const error = 1.96 * Math.sqrt(Math.max(0, variance));
  return { value: auc, interval: [Math.max(0, auc - error), Math.min(1, auc + error)], n: bads + goods };
}

function speedOf(db: Database, station: string, applicant: string) {
  const rows = db
    .prepare(
      `SELECT units, took_ms, cpu_ms FROM shadow_batch WHERE station = ? AND applicant = ? AND units > 0
       ORDER BY seq DESC LIMIT ?`,
    )
    .all(station, applicant, BATCHES);
  if (rows.length === 0) return null;
  const each = rows.map(({ units, took_ms: took }) => Number(took) / Number(units)).sort((a, b) => a - b);
  const at = (share: number): number =>
    each[Math.min(each.length - 1, Math.ceil(share * each.length) - 1)] ?? 0;
  const units = rows.reduce((sum, row) => sum + Number(row.units), 0);
  const known = rows.every(({ cpu_ms: cpu }) => cpu !== null);
  const cpu = rows.reduce((sum, row) => sum + Number(row.cpu_ms ?? 0), 0);
  return { latency: { p50: at(0.5), p99: at(0.99) }, cpuSeconds: known && units > 0 ? cpu / units : null };
}

/** W.h for 1,000 units, where somebody has said what a busy core takes. */
const energyOf = (cpuSecondsPer1000: number | null, watts: number | null): number | null =>
  cpuSecondsPer1000 === null || watts === null ? null : (cpuSecondsPer1000 * watts) / HOUR_S;

function agreementOf(
  db: Database,
  station: string,
  {
    live,
    test,
    scores,
    labelled,
    post,
    applicant,
  }: {
    readonly live: LiveStation;
    readonly test: Test | null;
    readonly scores: Float64Array;
    readonly labelled: readonly Labelled[];
    readonly post: string | null;
    readonly applicant: string;
  },
): Measured | null {
  const certificate = live.gate?.certificate ?? null;
  if (post === null || post === applicant || test === null || certificate === null) return null;
  const others = scoresOn(db, station, post, labelled);
  const both = labelled.flatMap((_, i) =>
    Number.isFinite(scores[i]) && Number.isFinite(others[i]) ? [i] : [],
  );
  const pick = (of: Float64Array): Float64Array => Float64Array.from(both, (i) => of[i]!);
  const theirs = automaticCalls(pick(others), certificate);
  const own = automaticCalls(pick(scores), sidesOf(test));
  return shareOf(own.filter((call, i) => call === theirs[i]).length, both.length);
}

/** Every other label teaches what a score means, the rest say whether it is so. */
function calibrationOf(all: Float64Array, labelled: readonly Labelled[]): ApplicantRow['calibration'] {
  const known = labelled.flatMap(({ bad }, i) => (Number.isFinite(all[i]) ? [{ bad, score: all[i]! }] : []));
  if (known.length < FEWEST || !known.some(({ bad }) => bad) || known.every(({ bad }) => bad)) return null;
  const half = (rest: number) => known.filter((_, i) => i % 2 === rest);
  const [taught, asked] = [half(0), half(1)];
  const labels = (of: typeof known) => ({
    scores: of.map(({ score }) => score),
    bad: of.map(({ bad }) => bad),
    weights: null,
  });
  const blocks = isotonic(labels(taught));
  const claimed = asked.map(({ score }) => calibrated(blocks, score));
  const found = reliability({ claimed, bad: asked.map(({ bad }) => bad), weights: null }, { bins: 8 });
  return {
    n: asked.length,
    brier: { value: found.brier.value, interval: [...found.brier.interval], n: found.brier.n },
    bins: found.bins.map((bin) => ({
      from: bin.from,
      to: bin.to,
      predicted: bin.claimed,
      found: { value: bin.found, interval: [...bin.interval], n: bin.n },
    })),
  };
}

/** Units of role training that an applicant and the model in post would call differently, newest first. */
export function disagreementsView(
  { journal }: Pick<Parts, 'journal'>,
  station: LiveStation,
  { applicant, roles }: { readonly applicant: string; readonly roles: Roles },
): Disagreements {
  const { db } = journal;
  const { id } = station.config;
  const test = newestAssessment(db, id, applicant);
  const certificate = station.gate?.certificate ?? null;
  const post = station.model?.hash;
  if (test === null || certificate === null || post === undefined) return { applicant, units: [] };
  const rows = db
    .prepare(
      `SELECT a.unit, u.lot, a.score AS own, p.score AS post, u.at_ms, u.label, u.bad
       FROM unit u JOIN said_score a ON a.station = u.station AND a.unit = u.id AND a.model = ?
       JOIN said_score p ON p.station = u.station AND p.unit = u.id AND p.model = ?
       WHERE u.station = ? ORDER BY u.seq DESC LIMIT ?`,
    )
    .all(applicant, post, id, MOST_UNITS);
  const callOf = (score: unknown, { accept, reject }: CertifiedSides): 'pass' | 'reject' | 'ask' => {
    if (score === null) return 'ask';
    if (accept !== null && Number(score) <= accept.threshold) return 'pass';
    return reject !== null && Number(score) >= reject.threshold ? 'reject' : 'ask';
  };
  const number = (value: unknown): number | null => (value === null ? null : Number(value));
  const units = rows.flatMap((row) => {
    const [inPost, own] = [callOf(row.post, certificate), callOf(row.own, sidesOf(test))];
    const lot = row.lot === null ? null : String(row.lot);
    if (inPost === own || isEvidence(roles, { unit: String(row.unit), lot })) return [];
    return [
      {
        unit: String(row.unit),
        atMs: Number(row.at_ms),
        inPost: { score: number(row.post), call: inPost },
        applicant: { score: number(row.own), call: own },
        label: row.label === null ? null : String(row.label),
        bad: row.bad === null ? null : row.bad === 1,
      },
    ];
  });
  return { applicant, units: units.slice(0, MOST_DISAGREEMENTS) };
}
