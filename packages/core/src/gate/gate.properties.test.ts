import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { certified, gatePlan } from '../../test/kit/gate-line.js';
import { uniforms } from '../../test/seeded.js';
import { binomialLimit } from '../bounds/binomial.js';
import type { GateEffect, GateEvent } from './event.js';
import { type GateState, startGate } from './state.js';
import { step } from './step.js';

const score = fc.double({ min: 0, max: 1, noNaN: true });
const p = fc.option(fc.double({ min: 0, max: 1, noNaN: true }));
const unitId = fc.integer({ min: 0, max: 30 }).map((i) => `u${i}`);
const unit = fc.record({
  type: fc.constant('unit' as const),
  unitId,
  atMs: fc.nat(1e7),
  score: fc.oneof(score, fc.constant(Number.NaN)),
  draw: score,
  pLevel: p,
  pSpread: p,
  scope: fc.constantFrom('product', 'product', 'product', 'other'),
  lot: fc.constantFrom(null, 'a', 'b'),
});
const event: fc.Arbitrary<GateEvent> = fc.oneof(
  { weight: 8, arbitrary: unit },
  fc.record({
    type: fc.constant('answer' as const),
    unitId,
    bad: fc.boolean(),
    blind: fc.boolean(),
    atMs: fc.nat(),
  }),
  fc.record({
    type: fc.constant('certificate' as const),
    atMs: fc.nat(),
    n: fc.constant(3000),
    bads: fc.nat(300),
    accept: fc.option(fc.constant(certified(0.6, 0.0125))),
    reject: fc.option(fc.constant(certified(0.9, 0.0125))),
  }),
  fc.record({
    type: fc.constantFrom('close' as const, 'journal-failed' as const),
    why: fc.string(),
    atMs: fc.nat(),
  }),
  fc.record({ type: fc.constant('tick' as const), atMs: fc.nat() }),
  fc.record({
    type: fc.constant('finding' as const),
    unitId,
    atMs: fc.nat(),
    epoch: fc.constantFrom(1, 1, 2),
    call: fc.constantFrom('pass' as const, 'pass' as const, 'ask' as const, 'reject' as const),
    position: fc.option(fc.integer({ min: 0, max: 12 })),
    answer: fc.constantFrom(null, 'good' as const, 'bad' as const),
  }),
  fc.record({
    type: fc.constant('seed' as const),
    missed: fc.boolean(),
    blind: fc.boolean(),
    atMs: fc.nat(),
  }),
  fc.record({
    type: fc.constant('new-epoch' as const),
    rampThreshold: fc.option(score),
    plannedUnits: fc.constant(3000),
    atMs: fc.nat(),
  }),
);
const events = fc.array(event, { maxLength: 80 });

const start = (safety: boolean, weightedAudits: boolean): GateState =>
  startGate(
    gatePlan({
      safety,
      rampThreshold: 0.6,
      rampAuditCut: 0.4,
      budget: { escapeRate: 0.2, overkillRate: 0.2 },
      settings: { weightedAudits },
    }),
    { atMs: 0 },
  );

/** Runs the events and hands every step to the law. */
const lawHolds = (
  safety: boolean,
  law: (effect: GateEffect, before: GateState, after: GateState) => void,
): void =>
  fc.assert(
    fc.property(events, fc.boolean(), (list, weighted) => {
      let state = start(safety, weighted);
      for (const one of list) {
        const next = step(state, one);
        for (const effect of next.effects) law(effect, state, next.state);
        state = next.state;
      }
    }),
    { seed: 11, numRuns: 300 },
  );

describe('laws of the gate', () => {
  it('G-16 no sequence of events makes a safety class pass', () => {
    lawHolds(true, (effect) => expect(effect).not.toMatchObject({ call: 'pass' }));
  });

  it('G-15 after closing nothing is automatic until a new epoch', () => {
    lawHolds(false, (effect, before) => {
      if (before.name !== 'closed') return;
      if (effect.type === 'decide') expect(effect.by).toBe('person');
      if (effect.type === 'transition') expect(effect.to).toBe('shadow');
    });
  });

  it('G-3 a unit is decided by the gate alone only with a known chance of an audit', () => {
    lawHolds(false, (effect, before, after) => {
      if (effect.type !== 'decide' || effect.by === 'person') return;
      expect(effect.propensity).toBeGreaterThanOrEqual(before.plan.settings.weightedAudits ? 0.02 : 0.03);
      expect(['ramp', 'open', 'watch', 'closed']).toContain(after.name);
      expect(after.pending.length - before.pending.length).toBe(effect.audit ? 1 : 0);
    });
  });

  it('G-17 the state survives JSON: a fold from any moment goes on as before', () => {
    fc.assert(
      fc.property(events, events, fc.boolean(), (first, second, weighted) => {
        const fold = (from: GateState, list: readonly GateEvent[]) =>
          list.reduce((state, one) => step(state, one).state, from);
        const middle = fold(start(false, weighted), first);
        const copy = fold(JSON.parse(JSON.stringify(middle)) as GateState, second);
        expect(JSON.stringify(copy)).toBe(JSON.stringify(fold(middle, second)));
      }),
      { seed: 12, numRuns: 100 },
    );
  });
});

describe('G-5 validity of the ramp', () => {
  it('escapes stay within the budget at a rate above it, in all but delta of 400 seeded lines', () => {
    const alpha = 0.05;
    const rate = 0.08;
    const lines = 400;
    let broken = 0;
    for (let line = 0; line < lines; line += 1) {
      const draw = uniforms(1000 + line);
      const budget = { escapeRate: alpha };
      const settings = { harmWatch: 1e300, harmClose: 1e300 };
      let state = startGate(gatePlan({ plannedUnits: null, rampThreshold: 1, budget, settings }), {
        atMs: 0,
      });
      let above = false;
      for (let i = 0; i < 400; i += 1) {
        const bad = draw() < rate;
        const unitId = `u${i}`;
        const pNone = { pLevel: null, pSpread: null, scope: 'product', lot: null };
        const { effects, state: next } = step(state, {
          type: 'unit',
          unitId,
          atMs: 0,
          score: 0.5,
          draw: draw(),
          ...pNone,
        });
        state = next;
        const [decision] = effects;
        if (decision?.type !== 'decide') throw new Error('a unit without a decision');
        // The chance of an escape at this moment, known here since the rate is.
        if (rate * (1 - decision.propensity) > alpha) above = true;
        if (decision.by === 'person' || decision.audit)
          state = step(state, { type: 'answer', unitId, bad, blind: true, atMs: 0 }).state;
      }
      if (above) broken += 1;
    }
    expect(broken).toBeLessThanOrEqual(binomialLimit(lines, 0.05, 0.999));
  });
});
