import { describe, expect, it } from 'vitest';
import { type Opening, type OpeningEvent, openingStart, openingStep } from './opening.js';
import { openingNeeds } from './opening-needs.js';

const budget = { alpha: 0.05, delta: 0.05 };
const run = (events: readonly OpeningEvent[], from: Opening) =>
  events.reduce((state, event) => openingStep(state, event, budget), from);
const times = (n: number, event: OpeningEvent) => Array.from({ length: n }, () => event);
const better: OpeningEvent = { kind: 'trial-pair', gain: 1 };
const worse: OpeningEvent = { kind: 'trial-pair', gain: -1 };
const good: OpeningEvent = { kind: 'applied-outcome', inTolerance: true };
const out: OpeningEvent = { kind: 'applied-outcome', inTolerance: false };
const begun = run([{ kind: 'lease-signed' }], openingStart());

describe('what the gate of a setting still needs', () => {
  it.each([
    ['nothing yet', []],
    ['pairs both ways', [...times(5, worse), ...times(9, better)]],
    ['two corrected units out', [...times(40, good), out, out]],
    ['one pair short of proof', times(7, better)],
  ])('S-33: opens after exactly the evidence that it names, if all of it is good: %s', (_, events) => {
    const state = run(events, begun);
    const needs = openingNeeds(state, budget);
    expect(needs.outcomes).toBeGreaterThan(1);
    const short = run([...times(needs.pairs - 1, better), ...times(needs.outcomes, good)], state);
    const early = run([...times(needs.pairs, better), ...times(needs.outcomes - 1, good)], state);
    const open = run([...times(needs.pairs, better), ...times(needs.outcomes, good)], state);
    expect([short.step, early.step, open.step]).toEqual(['TRIAL', 'TRIAL', 'OPEN']);
    expect(openingNeeds(short, budget)).toEqual({ pairs: 1, outcomes: 0 });
    expect(openingNeeds(open, budget)).toEqual({ pairs: 0, outcomes: 0 });
  });

  it('S-33: a proof of "better" stands, and in shadow the whole trial is still to come', () => {
    expect(openingNeeds(run([...times(30, better), ...times(40, worse)], begun), budget).pairs).toBe(0);
    expect(openingNeeds(openingStart(), budget)).toEqual(openingNeeds(begun, budget));
  });
});
