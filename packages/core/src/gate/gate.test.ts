import { describe, expect, it } from 'vitest';
import { certified, GateLine, gatePlan } from '../../test/kit/gate-line.js';
import { eUpper } from '../anytime/e-process.js';
import { binomialUpper } from '../bounds/binomial.js';
import { auditRate } from './audit-rate.js';
import { deltaLedger } from './ledger.js';
import { promise } from './promise.js';
import { liveUpper, rampRate, regionBudget } from './side.js';
import { startGate } from './state.js';
import { step } from './step.js';

const open = (change = {}) => new GateLine(change).certify();
const ramp = { plannedUnits: null, rampThreshold: 0.5, budget: { escapeRate: 0.05 } };
const twoSided = { budget: { overkillRate: 0.01 } };
const openBoth = () =>
  new GateLine(twoSided).certify({ accept: certified(0.5, 0.0125), reject: certified(0.9, 0.0125) });
const day = 24 * 3600 * 1000;

describe('G-1 delta ledger', () => {
  it('splits .05 into .0125 + .01 + .0025 a side, and gives one side alone all of it', () => {
    const both = deltaLedger({ confidence: 0.95, overkillRate: 0.01 });
    expect(both.accept.certificate).toBeCloseTo(0.0125, 12);
    expect(both.accept.live).toBeCloseTo(0.01, 12);
    expect(both.accept.region).toBeCloseTo(0.0025, 12);
    expect(both.reject).toEqual(both.accept);
    const one = deltaLedger({ confidence: 0.95, overkillRate: 0 });
    expect(one.accept.live).toBeCloseTo(0.02, 12);
    expect(one.reject).toEqual({ certificate: 0, live: 0, region: 0 });
  });

  it('refuses a budget that cannot be signed and an audit that stops', () => {
    const start = (change: Parameters<typeof gatePlan>[0]) => () => startGate(gatePlan(change), { atMs: 0 });
    expect(start({ budget: { escapeRate: 0 } })).toThrow(/escapeRate/);
    expect(start({ budget: { overkillRate: 1 } })).toThrow(/overkillRate/);
    expect(start({ budget: { confidence: 1 } })).toThrow(/confidence/);
    expect(start({ settings: { auditFloorAccept: 0 } })).toThrow(/audits never stop/);
  });
});

describe('G-2 to G-4 evidence', () => {
  it('G-2 divides the budget by the share of the region per unit, never per pass', () => {
    const line = new GateLine({ rampThreshold: 0.5 });
    for (let i = 0; i < 64; i += 1) line.unit({ score: i % 4 === 0 ? 0.1 : 0.8 });
    const share = binomialUpper(16, 64, 0.005 / 2);
    expect(line.state.accept.share).toBeCloseTo(share, 12);
    expect(regionBudget(line.state, 'accept')).toBeCloseTo(0.005 / share, 12);
    const { plan } = line.state;
    const perPass = {
      ...line.state,
      plan: { ...plan, budget: { ...plan.budget, contract: 'per-pass' as const } },
    };
    expect(regionBudget(perPass, 'accept')).toBe(0.005);
    expect(liveUpper(perPass)).toBe(1);
  });

  it('G-3 counts the first blind answer to a pending question and nothing else', () => {
    const line = open();
    const spared = line.unit();
    const audited = line.unit({ draw: 0 });
    expect([spared.audit, audited.audit]).toEqual([false, true]);
    line.answer(spared.unitId, true);
    expect(line.state.accept.n).toBe(0);
    line.answer(audited.unitId, false);
    line.answer(audited.unitId, true);
    expect([line.state.accept.n, line.state.accept.k]).toEqual([1, 0]);
    line.answer(line.unit({ draw: 0 }).unitId, true, false);
    expect([line.state.accept.n, line.state.pending.length]).toEqual([1, 0]);
    expect(line.state.accept.upper).toBe(eUpper(0, 1, line.state.ledger.accept.live));
  });

  it('G-3 counts a good unit in the reject region as wrong', () => {
    const line = openBoth().audits(1, false, 0.95).audits(1, true, 0.95);
    expect([line.state.reject.n, line.state.reject.k]).toEqual([2, 1]);
    expect(line.unit({ score: 0.95 }).call).toBe('reject');
    expect(promise(line.state, 'reject').source).toBe('certificate');
  });

  it('G-4 bounds the share anew at doubling checkpoints', () => {
    const line = open();
    for (let i = 0; i < 128; i += 1) line.unit({ score: 0.9 });
    expect(line.state.flow.checkpoint).toBe(2);
    expect(line.state.accept.share).toBeCloseTo(binomialUpper(0, 128, 0.005 / 6), 12);
    expect(regionBudget(line.state, 'accept')).toBeLessThan(0.9);
    expect(line.audits(1, true).state.accept.k).toBe(1);
  });
});

describe('G-5 ramp', () => {
  it('starts at 60 labels, lets the audits fall with the bound and opens at their floor', () => {
    const line = new GateLine(ramp);
    line.audits(59, false);
    expect(line.state.name).toBe('shadow');
    line.audits(1, false);
    expect(line.state.name).toBe('ramp');
    const early = rampRate(line.state);
    expect(early).toBeCloseTo(1 - regionBudget(line.state, 'accept') / line.state.accept.upper, 12);
    expect(line.unit({ draw: 0.99 }).by).toBe('gate');
    line.audits(20, false);
    expect(rampRate(line.state)).toBeLessThan(early);
    line.audits(60, false);
    expect(line.moves).toEqual(['shadow>ramp', 'ramp>open']);
  });

  it('automates nothing above the cap', () => {
    const line = new GateLine({ ...ramp, settings: { harmWatch: 1e9, harmClose: 1e12 } }).audits(60, false);
    line.audits(30, true);
    expect(auditRate(line.state, 'accept')).toBe(1);
    expect(line.unit({ draw: 0.999 })).toMatchObject({ call: 'ask', by: 'person', propensity: 1 });
    expect(line.alarms).toEqual(['bad-audit']);
  });
});

describe('G-6 promise', () => {
  it('shows the certificate until the live bound lies within the budget', () => {
    const line = open();
    const first = promise(line.state);
    expect(first).toMatchObject({ source: 'certificate', upper: 0.004, atMs: 0, liveUpper: 1 });
    const needed = first.answersNeeded ?? 0;
    expect(eUpper(0, needed, 0.02)).toBeLessThanOrEqual(0.005);
    expect(eUpper(0, needed - 1, 0.02)).toBeGreaterThan(0.005);
    const later = promise(line.audits(needed, false).state);
    expect(later).toMatchObject({ source: 'live', atMs: null, answersNeeded: 0 });
    expect(later.upper).toBe(liveUpper(line.state));
  });

  it('promises nothing in shadow, in closed and in a ramp above the budget', () => {
    expect(promise(new GateLine().state)).toMatchObject({ source: null, upper: null });
    expect(promise(new GateLine(ramp).audits(60, false).state).source).toBeNull();
    expect(promise(open().state, 'reject')).toMatchObject({ source: null, answersNeeded: null });
    const hopeless = { ...open().state };
    const { plan } = hopeless;
    const tiny = { ...hopeless, plan: { ...plan, budget: { ...plan.budget, escapeRate: 1e-9 } } };
    expect(promise(tiny).answersNeeded).toBeNull();
  });
});

describe('G-7 and G-8 alarms and audit rates', () => {
  it('G-7 a score alarm raises the audits once, changes no state, and ends well below its level', () => {
    const line = open({ settings: { scoreCalm: 5000 } });
    for (let i = 0; i < 100 && line.alarms.length === 0; i += 1) line.unit({ pLevel: 0.01 });
    expect(line.state.name).toBe('open');
    expect(auditRate(line.state, 'accept')).toBe(0.1);
    line.unit({ pLevel: 0.01 });
    expect(line.alarms).toEqual(['score']);
    for (let i = 0; i < 200 && line.state.flow.alarmed; i += 1)
      line.unit({ pLevel: i % 2 === 0 ? 0.99 : 0.01 });
    expect(line.state.flow.alarmed).toBe(false);
    expect(line.state.name).toBe('open');
  });

  it('G-7 an unknown regime closes', () => {
    const line = open();
    for (let i = 0; i < 200; i += 1) line.unit({ pSpread: 0.001 });
    expect(line.state).toMatchObject({ name: 'closed', reason: expect.stringMatching(/unknown regime/) });
  });

  it('G-7 the first bad audit raises the audits for a hundred more', () => {
    const line = open().audits(1, true);
    expect([line.state.boostLeft, auditRate(line.state, 'accept')]).toEqual([100, 0.1]);
    line.audits(100, false);
    expect(auditRate(line.state, 'accept')).toBe(0.03);
  });

  it('G-8 a new lot is audited more for its first fifty accepted units; the first lot is none', () => {
    const line = open();
    line.unit({ lot: 'a' });
    expect(auditRate(line.state, 'accept')).toBe(0.03);
    line.unit({ lot: 'b', score: 0.9 });
    expect(auditRate(line.state, 'accept')).toBe(0.15);
    for (let i = 0; i < 50; i += 1) line.unit({ lot: 'b' });
    expect(auditRate(line.state, 'accept')).toBe(0.03);
    expect(auditRate(openBoth().state, 'reject')).toBe(0.1);
  });

  it('G-8 a draw that is no number audits', () => {
    expect(open().unit({ draw: Number.NaN }).audit).toBe(true);
  });
});

describe('G-9 overdue questions', () => {
  const hour = 3600 * 1000;

  it('count as wrong in the bound until answered, stay out of harm, and close beyond five', () => {
    const line = open();
    const ids = Array.from({ length: 6 }, () => line.unit({ draw: 0 }).unitId);
    const { harm } = line.state.accept;
    line.tick(hour);
    expect(line.state.overdueAudits).toBe(0);
    for (const id of ids.slice(1)) line.answer(id, false);
    const before = line.state.accept.harm;
    line.tick(3 * hour);
    expect(line.state.accept).toMatchObject({ overdue: 1, harm: before });
    expect(line.state.accept.upper).toBe(eUpper(1, 6, line.state.ledger.accept.live));
    line.tick(4 * hour);
    expect(line.state.accept.overdue).toBe(1);
    line.answer(ids[0] ?? '', false);
    expect(line.state.accept).toMatchObject({ overdue: 0, n: 6, k: 0 });
    expect(line.state.overdueAudits).toBe(0);
    for (let i = 0; i < 6; i += 1) line.unit({ draw: 0 });
    line.tick(9 * hour);
    expect(line.state).toMatchObject({
      name: 'closed',
      reason: '6 audits are overdue: the evidence is missing',
    });
    expect(harm).toEqual([0, 0, 0, 0]);
  });

  it('that are no audits go on counting and are forgotten', () => {
    const line = new GateLine(ramp);
    line.unit();
    line.unit({ atMs: 5 * hour });
    line.tick(5 * hour);
    expect(line.state).toMatchObject({ name: 'shadow', overdueAudits: 0 });
    expect([line.state.accept.overdue, line.state.pending.length]).toEqual([1, 1]);
  });

  it('more than five in a hundred close too', () => {
    const line = open({ settings: { overdueCount: 1000 } });
    for (let i = 0; i < 2; i += 1) line.unit({ draw: 0 });
    line.tick(5 * hour);
    expect(line.state.name).toBe('closed');
  });
});

describe('G-10 harm', () => {
  it('raises the audits, and closes when it goes on', () => {
    const line = open().audits(3, true);
    expect(line.state.name).toBe('watch');
    expect(auditRate(line.state, 'accept')).toBe(0.3);
    line.audits(2, true);
    expect(line.moves).toEqual(['shadow>open', 'open>watch', 'watch>closed']);
    expect(line.audits(1, true).unit({ draw: 0 })).toMatchObject({ call: 'ask', audit: false });
  });

  it('watch ends where it came from after sixty calm audits', () => {
    const line = open().audits(3, true).audits(59, false);
    expect(line.state.name).toBe('watch');
    line.audits(1, false);
    expect(line.moves.at(-1)).toBe('watch>open');
    const ramped = new GateLine({ ...ramp, settings: { harmWatch: 5, watchEndHarm: 100 } }).audits(60, false);
    ramped.audits(1, true).audits(60, false);
    expect(ramped.moves).toContain('watch>ramp');
  });

  it('a score alarm during watch keeps it', () => {
    const line = open().audits(3, true);
    for (let i = 0; i < 100 && !line.state.flow.alarmed; i += 1) line.unit({ pLevel: 0.01 });
    line.audits(100, false);
    expect(line.state.name).toBe('watch');
  });

  it('the overkill side has its own', () => {
    expect(openBoth().audits(6, false, 0.95).state.name).toBe('closed');
  });
});

describe('G-11 and G-12 opening', () => {
  it('G-11 per pass nothing passes before the live bound lies within the budget', () => {
    const budget = { escapeRate: 0.05, contract: 'per-pass' as const };
    const line = new GateLine({ ...ramp, budget });
    for (let i = 0; i < 500 && line.state.name === 'shadow'; i += 1) {
      expect(line.unit().by).toBe('person');
      line.audits(1, false);
    }
    expect(line.moves).toEqual(['shadow>open']);
    expect(line.state.accept.upper).toBeLessThanOrEqual(0.05);
  });

  it('G-11 waits for a planned certificate', () => {
    expect(new GateLine({ ...ramp, plannedUnits: 3000 }).audits(200, false).state.name).toBe('shadow');
  });

  it('G-12 opens at the planned n, with its own threshold and the audits at their floor', () => {
    const line = open();
    expect(line.moves).toEqual(['shadow>open']);
    expect(line.unit({ score: 0.5 })).toMatchObject({ call: 'pass', by: 'gate', propensity: 0.03 });
    expect(line.unit({ score: 0.51 }).call).toBe('ask');
  });

  it('G-12 refuses a certificate that was not planned, is heard twice, or spends too much', () => {
    const refused = (line: GateLine) => expect(line.state.reason).toMatch(/refused/);
    refused(new GateLine().certify({ n: 2999 }));
    refused(new GateLine().certify({ accept: certified(0.5, 0.03) }));
    refused(new GateLine().certify({ reject: certified(0.9, 0) }));
    refused(new GateLine(twoSided).certify({ accept: null, reject: certified(0.9, 0.02) }));
    refused(new GateLine().certify({ accept: null }).certify());
    const twice = open();
    const before = twice.state.accept;
    twice.certify({ accept: certified(0.9, 0.025) });
    expect(twice.state).toMatchObject({ name: 'open', accept: before });
    expect(twice.alarms).toEqual(['refused']);
  });

  it('G-12 a certificate that comes after the closing does not hide why it closed', () => {
    const { state, effects } = step(
      step(new GateLine().state, { type: 'close', why: 'a person said so', atMs: 0 }).state,
      {
        type: 'certificate',
        atMs: 0,
        n: 3000,
        bads: 150,
        accept: null,
        reject: null,
      },
    );
    expect(state).toMatchObject({ name: 'closed', reason: 'a person said so' });
    expect(effects).toEqual([expect.objectContaining({ type: 'alarm', what: 'refused' })]);
  });

  it('G-12 without any certified side the gate stays in shadow and says why', () => {
    const line = new GateLine().certify({ accept: null });
    expect(line.state).toMatchObject({ name: 'shadow', reason: expect.stringMatching(/do not prove/) });
  });

  it('G-13 refuses a budget that surely covers every bad unit', () => {
    const line = new GateLine().certify({ bads: 2 });
    expect(line.state).toMatchObject({ name: 'shadow', reason: expect.stringMatching(/vacuous/) });
    expect(new GateLine().certify({ bads: 15 }).state.name).toBe('open');
  });

  it('G-13 says in plain words when passing at random would be allowed as much', () => {
    const share = (value: number) =>
      new GateLine().certify({ accept: { ...certified(0.5, 0.025), share: value } }).alarms;
    expect(share(0.1)).toEqual(['blind']);
    expect(share(0.9)).toEqual([]);
  });
});

describe('G-14 expiry', () => {
  it('renews from half of the period on and starts a new one', () => {
    const line = open();
    line.tick(44 * day);
    expect(line.state.renewal).toBeNull();
    line.tick(46 * day);
    expect(line.state.renewal).toMatchObject({ n: 0, k: 0, atMs: 46 * day });
    line.audits(1, true);
    expect(line.state.renewal).toMatchObject({ n: 1, k: 1 });
    line.audits(2000, false);
    expect(line.state).toMatchObject({ renewal: null, name: 'open', periodAtMs: 46 * day });
  });

  it('without a renewal: watch, and after a second period closed', () => {
    const line = open();
    line.tick(91 * day);
    expect(line.state.name).toBe('watch');
    expect(line.audits(100, false).state.name).toBe('watch');
    line.tick(92 * day);
    line.tick(181 * day);
    expect(line.state).toMatchObject({ name: 'closed', reason: 'expired: the evidence was not renewed' });
    line.tick(400 * day);
    expect(line.moves).toEqual(['shadow>open', 'open>watch', 'watch>closed']);
  });

  it('a renewal ends an expired watch; a watch for harm stays one', () => {
    const late = open();
    late.tick(91 * day);
    late.audits(900, false);
    expect(late.moves.at(-1)).toBe('watch>open');
    const harmed = open().audits(3, true);
    harmed.tick(91 * day);
    expect(harmed.moves).toEqual(['shadow>open', 'open>watch']);
    expect(harmed.state.expired).toBe(true);
  });

  it('enough audits start the renewal early and never end the period', () => {
    const line = open().audits(400, false);
    line.tick(day);
    expect(line.state.renewal).not.toBeNull();
  });
});

describe('G-15 closing and epochs', () => {
  it('a person, the journal, a signature and another scope close; nothing opens but a new epoch', () => {
    const closing = [
      { type: 'close', why: 'by hand', atMs: 1 },
      { type: 'journal-failed', why: 'disk full', atMs: 1 },
      { type: 'signature-bad', why: 'release', atMs: 1 },
    ] as const;
    for (const event of closing) {
      const line = open();
      line.tell(event);
      line.certify();
      line.tell(event);
      expect(line.moves).toEqual(['shadow>open', 'open>closed']);
      expect(line.unit({ scope: 'other' }).call).toBe('ask');
      line.tell({ type: 'new-epoch', rampThreshold: 0.4, plannedUnits: 500, atMs: 2 });
      expect(line.state).toMatchObject({ name: 'shadow', epoch: 2, accept: { n: 0, threshold: 0.4 } });
      expect(line.state.plan.plannedUnits).toBe(500);
    }
    const other = open();
    expect(other.unit({ scope: 'other' }).call).toBe('ask');
    expect(other.state.name).toBe('closed');
  });
});

describe('G-16 what never passes', () => {
  it('a unit without a score goes to a person and the state is kept', () => {
    const line = open();
    const { state } = line;
    expect(line.unit({ score: Number.NaN })).toMatchObject({ call: 'ask', by: 'person' });
    expect(line.state).toBe(state);
  });

  it('a safety class may add a stop and never passes', () => {
    const line = new GateLine({ ...twoSided, safety: true }).certify({
      accept: certified(0.5, 0.0125),
      reject: certified(0.9, 0.0125),
    });
    expect(line.unit({ score: 0.95 }).call).toBe('reject');
    expect(line.unit({ score: 0.01 }).call).toBe('ask');
    // Even a state that was tampered with does not pass.
    line.state = { ...line.state, accept: { ...line.state.accept, threshold: 0.5 } };
    expect(line.unit({ score: 0.01 })).toMatchObject({
      call: 'ask',
      why: expect.stringMatching(/safety class/),
    });
    expect(new GateLine({ ...ramp, safety: true }).audits(300, false).state.name).toBe('shadow');
  });
});
