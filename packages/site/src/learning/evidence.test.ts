import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binomialLimit, DEFAULT_SETTINGS } from '@selvedge/core';
import type { SiteFactBody } from '@selvedge/core/records';
import { createRandom } from '@selvedge/models';
import { type Fact, Journal } from '@selvedge/store';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PROJECTIONS } from '../folds/index.js';
import { factOf } from '../live/facts.js';
import { evidenceOf, evidenceSince, leastPropensity } from './evidence.js';
import { Extra } from './extra.js';
import { LabelCounts } from './label-counts.js';
import { isEvidence, type Roles } from './roles.js';

const ROLES: Roles = { secret: Buffer.alloc(32, 9), evidenceShare: 0.5, by: 'unit' };
const HASH = 'b'.repeat(64);
const MODEL = 'c'.repeat(64);

async function record() {
  const folder = await mkdtemp(join(tmpdir(), 'selvedge-evidence-'));
  const journal = await Journal.open(folder, { nowMs: Date.now, projections: PROJECTIONS });
  onTestFinished(async () => {
    await journal.close();
    await rm(folder, { recursive: true, force: true });
  });
  return journal;
}

interface Unit {
  readonly id: string;
  readonly state?: SiteFactBody<'decided'>['state'];
  readonly call?: 'pass' | 'ask';
  readonly audit?: boolean;
  readonly propensity?: number;
  readonly score?: number;
  readonly lot?: string | null;
  readonly bad?: boolean | null;
  readonly reason?: SiteFactBody<'asked'>['reason'];
}

/** The rows of one unit; `bad` null: its answer is out. */
function rowsOf(unit: Unit): Fact[] {
  const { id, state = 'shadow', call = 'ask', audit = false, propensity = 1, score = 0, lot = null } = unit;
  const { bad = false, reason = 'shadow' } = unit;
  const decided = {
    ...{ station: 's', score, noScore: null, draw: 0.5, pLevel: null, pSpread: null, scope: 's', lot },
    ...{ epoch: 1, call, by: call === 'ask' ? 'person' : 'gate', region: 'accept', position: 1, audit },
    ...{ propensity, why: '', state, certificate: null, model: MODEL, tookMs: 1, classCall: null },
  } as SiteFactBody<'decided'>;
  const about = { subject: id, atMs: 1000 };
  const asked = { station: 's', question: `q-${id}`, reason, deadlineAtMs: 0, otherwise: 'hold' as const };
  const answered = {
    ...{ station: 's', question: `q-${id}`, user: 'u', bad: bad === true, label: bad ? 'crack' : 'good' },
    ...{ blind: true, counts: true, by: 'api' as const, tookMs: 1 },
  };
  return [
    factOf('decided', { ...about, body: decided }),
    ...(call === 'ask' || audit ? [factOf('asked', { ...about, body: asked })] : []),
    ...((call === 'ask' || audit) && bad !== null ? [factOf('answered', { ...about, body: answered })] : []),
  ];
}

const write = (journal: Journal, units: readonly Unit[]) => journal.appendAll(units.flatMap(rowsOf));
const evidence = (journal: Journal, after = 0) =>
  evidenceOf(journal.db, 's', { roles: ROLES, after, least: 0.03 });

describe('the evidence of a station', () => {
  it('is of role evidence alone, about half of the units and always the same ones', async () => {
    const journal = await record();
    const units = Array.from({ length: 600 }, (_, n) => ({ id: `u${n}`, bad: n % 10 === 0 }));
    await write(journal, units);
    const { units: kept, propensity } = evidence(journal);
    expect(propensity).toBe(1);
    expect(kept.length).toBeLessThanOrEqual(binomialLimit(600, 0.5, 0.999));
    expect(600 - kept.length).toBeLessThanOrEqual(binomialLimit(600, 0.5, 0.999));
    for (const { unit, bad } of kept) {
      expect(isEvidence(ROLES, { unit, lot: null })).toBe(true);
      expect(bad).toBe(Number(unit.slice(1)) % 10 === 0);
    }
  });

  it('parts whole lots where roles go by lot', () => {
    const byLot: Roles = { ...ROLES, by: 'lot' };
    const role = (unit: string) => isEvidence(byLot, { unit, lot: 'W47' });
    expect(new Set(['a', 'b', 'c', 'd', 'e', 'f'].map(role)).size).toBe(1);
    const lots = Array.from({ length: 200 }, (_, n) => isEvidence(byLot, { unit: 'a', lot: `L${n}` }));
    expect(lots.filter(Boolean).length).toBeGreaterThan(60);
    expect(lots.filter(Boolean).length).toBeLessThan(140);
  });

  it('ends before the first answer that is out, and takes an answer that never came as bad', async () => {
    const journal = await record();
    const [a, b, c] = ['x0', 'x1', 'x2', 'x3', 'x4', 'x5', 'x6', 'x7', 'x8', 'x9']
      .filter((unit) => isEvidence(ROLES, { unit, lot: null }))
      .slice(0, 3) as [string, string, string];
    await write(journal, [{ id: a }, { id: b, bad: null }, { id: c }]);
    expect(evidence(journal).units.map(({ unit }) => unit)).toEqual([a]);
    const body = { station: 's', question: `q-${b}`, otherwise: 'hold' as const };
    await journal.append(factOf('overdue', { subject: b, atMs: 2000, body }));
    expect(evidence(journal).units).toMatchObject([
      { unit: a, bad: false },
      { unit: b, bad: true },
      { unit: c },
    ]);
  });

  it('is an even sample of the stream where an open gate asked about some and audited others', async () => {
    const journal = await record();
    const random = createRandom(3);
    // Seven of ten are passed and audited at 3 %, three of ten are asked: an even sample keeps 3 % of either.
    const units = Array.from({ length: 12_000 }, (_, n): Unit => {
      const passed = n % 10 < 7;
      const audit = passed && random.next() < 0.03;
      return passed
        ? { id: `p${n}`, state: 'open', call: 'pass', audit, propensity: 0.03 }
        : { id: `a${n}`, state: 'open', reason: 'ask' };
    });
    for (let from = 0; from < units.length; from += 5000)
      await write(journal, units.slice(from, from + 5000));
    const { units: kept, propensity } = evidence(journal);
    expect(propensity).toBe(0.03);
    const passed = kept.filter(({ unit }) => unit.startsWith('p')).length;
    const limit = (n: number) => [binomialLimit(n, 0.015, 0.001), binomialLimit(n, 0.015, 0.999)] as const;
    for (const [count, n] of [
      [passed, 8_400],
      [kept.length - passed, 3_600],
    ] as const) {
      expect(count).toBeGreaterThanOrEqual(limit(n)[0]);
      expect(count).toBeLessThanOrEqual(limit(n)[1]);
    }
  });

  it('never holds a unit that was asked about because a model chose it', async () => {
    const journal = await record();
    await write(journal, [
      ...Array.from({ length: 40 }, (_, n) => ({ id: `t${n}`, reason: 'teach' as const })),
      ...Array.from({ length: 40 }, (_, n) => ({ id: `s${n}` })),
    ]);
    expect(evidence(journal).units.every(({ unit }) => unit.startsWith('s'))).toBe(true);
    const counts = new LabelCounts(journal.db, 's', ROLES);
    counts.refresh();
    // They teach all the same.
    const taught = Array.from({ length: 40 }, (_, n) => `t${n}`).filter(
      (unit) => !isEvidence(ROLES, { unit, lot: null }),
    );
    expect(counts.training.units).toBeGreaterThanOrEqual(taught.length);
    expect(counts.evidence.units).toBe(evidence(journal).units.length);
  });

  it('begins after what could have shaped the applicant: a closing by harm, a certificate that was told before it', async () => {
    const journal = await record();
    await write(journal, [{ id: 'a' }]);
    const at = () => journal.head.seq;
    const since = (fixedSeq = Number.MAX_SAFE_INTEGER) =>
      evidenceSince(journal.db, 's', { rolesSeq: 1, fixedSeq });
    expect(since()).toBe(1);
    const assessed = (missing: { labels: number; hours: null } | null) => ({
      ...{ station: 's', applicant: MODEL, attempt: 1, delta: 0.01, propensity: 1, fromSeq: 1, untilSeq: 2 },
      ...{ n: 100, bads: 2, accept: null, reject: null, watch: null, automaticShare: 0, against: null },
      ...{ missing, hash: HASH },
    });
    const tell = (missing: { labels: number; hours: null } | null) =>
      journal.append(factOf('assessed', { subject: 's', atMs: 1, body: assessed(missing) }));
    await tell({ labels: 40, hours: null });
    expect(since()).toBe(1);
    const before = at();
    await tell(null);
    expect(since()).toBe(at());
    // Who applied before that was told is not shaped by it.
    expect(since(before)).toBe(1);
  });

  it('knows the least probability with which an automatic call is audited', () => {
    const budget = { escapeRate: 0.005, overkillRate: 0, confidence: 0.95, contract: 'per-unit' } as const;
    const settings = { ...DEFAULT_SETTINGS, auditFloorAccept: 0.05, auditFloorReject: 0.02 };
    expect(leastPropensity({ settings, budget })).toBe(0.05);
    expect(leastPropensity({ settings, budget: { ...budget, overkillRate: 0.01 } })).toBe(0.02);
    const weighted = { ...settings, weightedAudits: true, weightedLow: 0.01 };
    expect(leastPropensity({ settings: weighted, budget })).toBe(0.01);
  });
});

describe('extra questions', () => {
  it('keep their budget, prefer what lies close to the threshold, and never touch evidence', async () => {
    const journal = await record();
    const random = createRandom(11);
    let nowMs = 0;
    const extra = new Extra({
      ...{ db: journal.db, station: 's', roles: ROLES, perHour: 60 },
      steadyMs: () => nowMs,
      random: random.next,
    });
    const asked: { unit: string; score: number }[] = [];
    for (let n = 0; n < 20_000; n++) {
      // Four hours, one pass each .72 s.
      nowMs += 720;
      const [unit, score] = [`u${n}`, random.next()];
      if (extra.wants({ unit, lot: null, score, threshold: 1 })) asked.push({ unit, score });
    }
    expect(asked.length).toBeGreaterThan(120);
    // Sixty an hour for four hours, and what may have gathered.
    expect(asked.length).toBeLessThanOrEqual(4 * 60 + 11);
    expect(asked.some(({ unit }) => isEvidence(ROLES, { unit, lot: null }))).toBe(false);
    const close = asked.filter(({ score }) => score > 0.9).length / asked.length;
    expect(close).toBeGreaterThan(0.6);
    // What the model is sure of is asked now and then too.
    expect(asked.some(({ score }) => score < 0.8)).toBe(true);
    expect(
      new Extra({ db: journal.db, station: 's', roles: ROLES, perHour: 0, steadyMs: () => 0 }).wants({
        ...{ unit: 'a', lot: null, score: 0.9, threshold: 1 },
      }),
    ).toBe(false);
  });
});
