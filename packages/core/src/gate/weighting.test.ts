import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { certified, GateLine, gatePlan } from '../../test/kit/gate-line.js';
import { uniforms } from '../../test/seeded.js';
import { eUpper } from '../anytime/e-process.js';
import { harmStep } from '../anytime/harm.js';
import { weightedUpper } from '../anytime/weighted.js';
import { binomialLimit } from '../bounds/binomial.js';
import { auditCut } from '../certificate/audit-cut.js';
import { auditRate } from './audit-rate.js';
import { promise } from './promise.js';
import { liveUpper, rampRate, regionBudget } from './side.js';
import { type GateState, startGate } from './state.js';

const FAR = 0.1;
const NEAR = 0.45;
const on = { weightedAudits: true, boostAudits: 0, harmWatch: 1e9, harmClose: 1e12 };
const cutAt = (auditCut: number | null) => ({ accept: { ...certified(0.5, 0.025), auditCut } });
const open = (settings = {}, auditCut: number | null = 0.4) =>
  new GateLine({ settings: { ...on, ...settings } }).certify(cutAt(auditCut));
const propensities = (line: GateLine) => [FAR, NEAR].map((score) => line.unit({ score }).propensity);

describe('G-22 weighted audits', () => {
  it('are off by default, and need a cut below the threshold', () => {
    const off = open({ weightedAudits: false }).audits(1, true);
    expect(propensities(off)).toEqual([0.03, 0.03]);
    for (const cut of [null, 0.5]) expect(propensities(open({}, cut).audits(1, true))).toEqual([0.03, 0.03]);
    expect(propensities(new GateLine({ settings: on }).certify().audits(1, true))).toEqual([0.03, 0.03]);
  });

  it('are drawn alike until the first audit that finds a bad unit, then 2 % below the cut and 12 % above', () => {
    const line = open().audits(50, false);
    expect(propensities(line)).toEqual([0.03, 0.03]);
    line.audits(1, true);
    expect(propensities(line)).toEqual([0.02, 0.12]);
    expect(auditRate(line.state, 'accept')).toBe(0.02);
    line.audits(1, true);
    expect(line.state.accept).toMatchObject({ weighting: true, rate: 0.02 });
  });

  it('a bad unit that was asked and not drawn does not start them, nor one of the reject side', () => {
    const ramped = new GateLine({
      plannedUnits: null,
      rampThreshold: 0.5,
      rampAuditCut: 0.4,
      budget: { escapeRate: 0.1 },
      settings: on,
    }).audits(40, false);
    ramped.audits(1, true);
    expect(ramped.state).toMatchObject({ name: 'shadow', accept: { cut: 0.4, weighting: false } });
    const both = new GateLine({ budget: { overkillRate: 0.01 }, settings: on }).certify({
      accept: { ...certified(0.5, 0.0125), auditCut: 0.4 },
      reject: certified(0.9, 0.0125),
    });
    both.audits(1, true, 0.95).audits(1, false, 0.95);
    expect(both.state.accept.weighting).toBe(false);
    both.audits(1, true);
    expect(both.unit({ score: 0.95 }).propensity).toBe(0.1);
  });

  it('what raises the audits raises the lower ones, and never lowers the upper', () => {
    const line = open({ boostAudits: 100 }).audits(1, true);
    expect(propensities(line)).toEqual([0.1, 0.12]);
    line.audits(100, false);
    line.unit({ lot: 'a' });
    line.unit({ lot: 'b' });
    expect(propensities(line)).toEqual([0.15, 0.15]);
  });

  it('under a ramp nothing is audited less than its clip asks for', () => {
    const line = new GateLine({
      plannedUnits: null,
      rampThreshold: 0.5,
      rampAuditCut: 0.4,
      budget: { escapeRate: 0.05 },
      settings: on,
    }).audits(100, false);
    line.audits(1, true);
    expect(line.state.accept.weighting).toBe(true);
    const clip = rampRate(line.state);
    expect(clip).toBeGreaterThan(0.03);
    expect(propensities(line)).toEqual([clip, clip]);
    for (let i = 0; i < 200; i += 1) line.audits(1, false);
    expect(propensities(line)).toEqual([0.02, 0.12]);
  });

  it('a new epoch fixes its own cut', () => {
    const line = open().audits(1, true);
    const again = { type: 'new-epoch', rampThreshold: 0.6, plannedUnits: null, atMs: 1 } as const;
    line.tell({ ...again, rampAuditCut: 0.55 });
    expect(line.state.accept).toMatchObject({ cut: 0.55, weighting: false, weighted: [] });
    line.tell(again);
    expect(line.state.accept.cut).toBeNull();
  });

  it('refuses rates that cannot be audited', () => {
    for (const rates of [
      { weightedLow: 0 },
      { weightedLow: 0.05 },
      { weightedHigh: 0.02 },
      { weightedHigh: 2 },
    ]) {
      const plan = gatePlan({ settings: { weightedAudits: true, ...rates } });
      expect(() => startGate(plan, { atMs: 0 })).toThrow(/weightedLow/);
      expect(startGate(gatePlan({ settings: rates }), { atMs: 0 }).name).toBe('shadow');
    }
  });

  it('the cut lies below the tenth of the accepted scores that look worst; ties may leave none', () => {
    const scores = Array.from({ length: 200 }, (_, i) => i);
    expect(auditCut(scores, 99)).toBe(89);
    expect(auditCut(scores, 99, 0.5)).toBe(49);
    expect(auditCut([...scores, Number.NaN], -1)).toBeNull();
    expect(auditCut([1, 2, 2, 2], 2)).toBeNull();
  });
});

describe('G-23 the bound under weighted audits', () => {
  it('starts from 0 labels where the bound of equal draws stands, and spends delta once', () => {
    const line = open().audits(300, false).audits(1, true);
    const live = line.state.ledger.accept.live;
    expect(line.state.accept).toMatchObject({ n: 301, k: 1, weighted: [], upper: eUpper(1, 301, live) });
    line.audits(2, false, FAR).audits(1, true, NEAR);
    const rows = [
      { weight: 1, n: 2, k: 0 },
      { weight: 0.02 / 0.12, n: 1, k: 1 },
    ];
    expect(line.state.accept).toMatchObject({ n: 301, k: 1 });
    expect(line.state.accept.weighted).toEqual(rows.map((row) => ({ ...row, overdue: 0 })));
    expect(line.state.accept.upper).toBe(weightedUpper({ n: 301, k: 1 }, rows, live));
    expect(promise(line.state)).toMatchObject({ source: 'certificate', upper: 0.004 });
  });

  it('what was drawn alike and is answered later counts as drawn alike', () => {
    const line = open();
    const early = line.unit({ draw: 0 }).unitId;
    line.audits(1, true);
    line.answer(early, false);
    expect(line.state.accept).toMatchObject({ n: 2, k: 1, weighted: [] });
  });

  it('an overdue answer counts as wrong at its own weight', () => {
    const line = open({ overdueCount: 100, overdueShare: 1 }).audits(300, false).audits(1, true);
    const { unitId } = line.unit({ draw: 0, score: NEAR });
    const weight = 0.02 / 0.12;
    const later = 1e9;
    line.tick(later);
    const live = line.state.ledger.accept.live;
    expect(line.state.accept.weighted).toEqual([{ weight, n: 0, k: 0, overdue: 1 }]);
    expect(line.state.accept.upper).toBe(weightedUpper({ n: 301, k: 1 }, [{ weight, n: 1, k: 1 }], live));
    line.answer(unitId, false);
    expect(line.state.accept.weighted).toEqual([{ weight, n: 1, k: 0, overdue: 0 }]);
  });

  it('says how many more answers are needed, and they are', () => {
    const line = open().audits(1, true);
    const needed = promise(line.state).answersNeeded ?? 0;
    line.audits(needed - 1, false, FAR);
    expect(promise(line.state).source).toBe('certificate');
    line.audits(1, false, FAR);
    expect(promise(line.state)).toMatchObject({ source: 'live', answersNeeded: 0 });
    expect(liveUpper(line.state)).toBeLessThanOrEqual(0.005);
  });

  it('a renewal counts by weight too and keeps what is overdue', () => {
    const day = 24 * 3600 * 1000;
    const line = open({ overdueCount: 100, overdueShare: 1 }).audits(1, true).audits(3, false, NEAR);
    const { unitId } = line.unit({ draw: 0, score: NEAR });
    line.tick(46 * day);
    expect(line.state.renewal).toMatchObject({ n: 0, weighted: [] });
    line.audits(1200, false, FAR);
    expect(line.state).toMatchObject({ renewal: null, periodAtMs: 46 * day });
    const weight = 0.02 / 0.12;
    const far = line.state.accept.weighted.find((row) => row.weight === 1);
    expect(line.state.accept).toMatchObject({ n: 0, k: 0 });
    expect(far?.n).toBeGreaterThan(700);
    expect(line.state.accept.weighted).toContainEqual({ weight, n: 0, k: 0, overdue: 1 });
    line.answer(unitId, false);
    expect(line.state.accept.weighted).toContainEqual({ weight, n: 1, k: 0, overdue: 0 });
  });

  it('feeds harm by weight', () => {
    const line = open().audits(1, true);
    const before = line.state.accept.harm;
    line.audits(1, true, NEAR);
    const allowed = regionBudget(line.state, 'accept');
    expect(line.state.accept.harm).toEqual(harmStep(before, true, allowed, 0.02 / 0.12));
  });

  it('whatever comes, every audit counts once, in few weights, and the state survives JSON', () => {
    const one = fc.record({
      score: fc.constantFrom(FAR, NEAR),
      draw: fc.double({ min: 0, max: 0.2, noNaN: true }),
      bad: fc.boolean(),
      answered: fc.boolean(),
      lot: fc.constantFrom(null, null, null, 'a', 'b'),
    });
    type One = { score: number; draw: number; bad: boolean; answered: boolean; lot: string | null };
    const play = (line: GateLine, list: readonly One[]): number => {
      let answers = 0;
      for (const { bad, answered, ...unit } of list) {
        const { unitId, audit } = line.unit(unit);
        if (!audit || !answered) continue;
        answers += 1;
        line.answer(unitId, bad);
      }
      return answers;
    };
    const sum = ({ accept }: GateState, of: 'n' | 'k') =>
      accept.weighted.reduce((total, row) => total + row[of], accept[of]);
    fc.assert(
      fc.property(fc.array(one, { maxLength: 60 }), fc.array(one, { maxLength: 60 }), (first, second) => {
        const line = open({ boostAudits: 5 });
        let answers = play(line, first);
        const copy = open();
        copy.state = JSON.parse(JSON.stringify(line.state)) as GateState;
        answers += play(line, second);
        for (const _ of first) copy.skip();
        play(copy, second);
        expect(JSON.stringify(copy.state)).toBe(JSON.stringify(line.state));
        expect(sum(line.state, 'n')).toBe(answers);
        expect(sum(line.state, 'k')).toBeLessThanOrEqual(answers);
        expect(line.state.accept.weighted.length).toBeLessThanOrEqual(5);
        for (const { weight } of line.state.accept.weighted) expect(weight > 0 && weight <= 1).toBe(true);
        expect(line.state.accept.upper).toBeGreaterThan(0);
      }),
      { seed: 41, numRuns: 150 },
    );
  });

  for (const { name, near, far } of [
    { name: 'bad units near the threshold', near: 0.3, far: 0.0225 },
    { name: 'bad units far from it', near: 0, far: 0.0625 },
  ]) {
    it(`the whole gate: below the true rate at any moment in at most delta of 200 lines: ${name}`, () => {
      const nearShare = 0.1;
      const nearRate = near;
      const farRate = near === 0 ? 0.05 / 0.9 : far;
      const rate = nearShare * nearRate + (1 - nearShare) * farRate;
      expect(rate).toBeCloseTo(0.05, 2);
      const lines = 200;
      let wrong = 0;
      for (let one = 0; one < lines; one += 1) {
        const uniform = uniforms(60_000 + one);
        const line = new GateLine({
          budget: { confidence: 0.75, contract: 'per-pass', escapeRate: 0.05 },
          settings: { ...on, boostAudits: 20, auditFloorAccept: 0.2, weightedLow: 0.15, weightedHigh: 0.6 },
        }).certify({ ...cutAt(0.4), bads: 600 });
        let below = false;
        for (let i = 0; i < 1200; i += 1) {
          const close = uniform() < nearShare;
          const bad = uniform() < (close ? nearRate : farRate);
          const decision = line.unit({ score: close ? NEAR : FAR, draw: uniform() });
          if (decision.audit) line.answer(decision.unitId, bad);
          if (line.state.accept.upper < rate) below = true;
        }
        if (below) wrong += 1;
      }
      expect(wrong).toBeLessThanOrEqual(binomialLimit(lines, 0.1, 0.999));
    });
  }
});
