import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { certified, GateLine, gatePlan } from '../../test/kit/gate-line.js';
import { foundStatistic } from '../anytime/found.js';
import type { GateEvent } from './event.js';
import { foundHarm } from './found-harm.js';
import { startGate } from './state.js';
import { step } from './step.js';

const open = (change = {}) => new GateLine(change).certify();

describe('G-20 a finding counts once', () => {
  it('as an escape and in harm, however often it is entered', () => {
    const line = open();
    const passed = line.unit();
    line.finding(passed);
    const once = line.state;
    expect(once.findings).toEqual({
      escapes: 1,
      misread: 0,
      positions: [1],
      ids: [passed.unitId],
    });
    expect(foundHarm(once)).toBe(foundStatistic({ positions: [1], units: 1, rate: 0.005 }));
    expect(once.accept.harm).toEqual([0, 0, 0, 0]);
    expect([once.accept.n, once.accept.k]).toEqual([0, 0]);
    line.finding(passed);
    line.finding(passed, 'good');
    expect(line.state).toBe(once);
    line.finding(line.unit());
    line.finding(line.unit());
    expect(line.moves.at(-1)).toBe('open>watch');
    expect(line.state.reason).toMatch(/more bad units downstream/);
    line.finding(line.unit());
    line.finding(line.unit());
    expect(line.state).toMatchObject({ name: 'closed', reason: expect.stringMatching(/found downstream/) });
  });

  it('an audited unit that was called good is a misreading: it shows in harm and is no escape of the gate', () => {
    const line = open();
    const audited = line.unit({ draw: 0 });
    line.answer(audited.unitId, false);
    line.finding(audited, 'good');
    expect(line.state.findings).toMatchObject({ escapes: 0, misread: 1 });
    expect(line.state.accept).toMatchObject({ n: 1, k: 0 });
    expect(foundHarm(line.state)).toBeGreaterThan(2);
  });

  it('a question that still waits is answered by it, once', () => {
    const line = open();
    const audited = line.unit({ draw: 0 });
    line.finding(audited);
    expect(line.state).toMatchObject({
      pending: [],
      accept: { n: 1, k: 1 },
      findings: { escapes: 0, misread: 0 },
    });
    const { state } = line;
    line.finding(audited);
    line.answer(audited.unitId, true);
    expect(line.state).toBe(state);
    const shadow = new GateLine({ plannedUnits: null, rampThreshold: 0.5 });
    shadow.finding(shadow.unit());
    expect(shadow.state.accept).toMatchObject({ n: 1, k: 1 });
  });
});

describe('G-21 what is no escape, and how much is kept', () => {
  it('a unit that a person stopped, was asked about or the gate rejected, and a unit of another epoch', () => {
    const line = new GateLine({ budget: { overkillRate: 0.01 } }).certify({
      accept: certified(0.5, 0.0125),
      reject: certified(0.9, 0.0125),
    });
    const caught = line.unit({ draw: 0 });
    line.answer(caught.unitId, true);
    const rejected = line.unit({ score: 0.95 });
    const asked = line.unit({ score: 0.7 });
    const { state } = line;
    line.finding(caught, 'bad');
    line.finding(rejected);
    line.finding(asked, 'good');
    line.finding({ ...caught, unitId: 'old', epoch: 0 });
    line.finding({ ...caught, unitId: 'of no place', position: null });
    line.finding({ ...caught, unitId: 'not come yet', position: 2 });
    expect(line.state).toBe(state);
    const shadow = new GateLine();
    const before = shadow.state;
    shadow.finding({ ...caught, unitId: 'never passed' });
    expect(shadow.state).toBe(before);
  });

  it('a closed gate still counts what it had let go', () => {
    const line = open();
    const passed = line.unit();
    line.tell({ type: 'close', why: 'by hand', atMs: 0 });
    line.finding(passed);
    expect(line.state).toMatchObject({ name: 'closed', reason: 'by hand', findings: { escapes: 1 } });
  });

  it('more than can be told apart close the gate and are not kept', () => {
    const line = open({ settings: { findingsKept: 2, harmWatch: 1e9, harmClose: 1e12 } });
    for (let i = 0; i < 4; i += 1) line.finding(line.unit());
    expect(line.state).toMatchObject({ name: 'closed', reason: expect.stringMatching(/told apart/) });
    expect(line.state.findings).toMatchObject({ escapes: 2, ids: ['u1', 'u2'] });
  });

  it('entering every finding twice changes nothing, and every kept id counted once', () => {
    const finding = fc.record({
      type: fc.constant('finding' as const),
      unitId: fc.integer({ min: 0, max: 12 }).map((i) => `u${i}`),
      atMs: fc.constant(0),
      epoch: fc.constantFrom(1, 1, 1, 2),
      call: fc.constantFrom('pass' as const, 'pass' as const, 'ask' as const),
      position: fc.integer({ min: 50, max: 100 }),
      answer: fc.constantFrom(null, 'good' as const, 'bad' as const),
    });
    const unit = fc.record({ unitId: finding.map((one) => one.unitId), draw: fc.constantFrom(0, 0.9) });
    const asUnit = unit.map(
      ({ unitId, draw }): GateEvent => ({
        type: 'unit',
        ...{ unitId, draw, atMs: 0, score: 0.1, pLevel: null, pSpread: null, scope: 'product', lot: null },
      }),
    );
    const either: fc.Arbitrary<GateEvent> = fc.oneof(finding, asUnit);
    const fold = (events: readonly GateEvent[]) =>
      events.reduce(
        (state, event) => step(state, event).state,
        startGate(gatePlan({ plannedUnits: null, rampThreshold: 0.5, budget: { escapeRate: 0.4 } }), {
          atMs: 0,
        }),
      );
    const answers: GateEvent[] = Array.from({ length: 60 }, (_, i) => `w${i}`).flatMap((unitId) => [
      { type: 'unit', unitId, draw: 0, atMs: 0, score: 0.1, pLevel: null, pSpread: null, ...where },
      { type: 'answer', unitId, bad: false, blind: true, atMs: 0 },
    ]);
    fc.assert(
      fc.property(fc.array(either, { maxLength: 40 }), (list) => {
        const once = fold([...answers, ...list]);
        const twice = fold([
          ...answers,
          ...list.flatMap((one): GateEvent[] => (one.type === 'finding' ? [one, one] : [one])),
        ]);
        expect(twice).toEqual(once);
        const { ids, escapes, misread } = once.findings;
        expect(new Set(ids).size).toBe(ids.length);
        expect(escapes + misread).toBeLessThanOrEqual(ids.length);
      }),
      { seed: 22, numRuns: 200 },
    );
  });
});

const where = { scope: 'product', lot: null };
