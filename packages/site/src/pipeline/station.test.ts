import { DEFAULT_SETTINGS, type Decide, type GateSettings, promise, startGate } from '@selvedge/core';
import { describe, expect, it } from 'vitest';
import { Station } from './station.js';

const station = (settings: Partial<GateSettings> = {}) => {
  const gate = new Station({
    state: startGate(
      {
        budget: { escapeRate: 0.01, overkillRate: 0, confidence: 0.95, contract: 'per-unit' },
        signedBy: 'quality',
        reason: 'test',
        safety: false,
        plannedUnits: 1000,
        rampThreshold: null,
        scope: 'product',
        settings: { ...DEFAULT_SETTINGS, ...settings },
      },
      { atMs: 0 },
    ),
    secret: new Uint8Array(32).fill(7),
    middle: 0.2,
  });
  const accept = { threshold: 0.5, upper: 0.009, delta: 0.025, test: 'exact', auditCut: 0.45 };
  gate.tell({ type: 'certificate', atMs: 0, n: 1000, bads: 60, accept, reject: null });
  return gate;
};

/** The first `count` units; scores run through the accept region. */
const run = (gate: Station, count: number, bad: (score: number) => boolean): Decide[] =>
  Array.from({ length: count }, (_, i) => {
    const score = (0.5 * ((i * 7) % 50)) / 50;
    const decision = gate.decide({
      id: `u${i}`,
      atMs: i,
      score,
      observed: false,
      scope: 'product',
      lot: null,
    });
    if (decision.audit) gate.answer(decision, { bad: bad(score), atMs: i });
    return decision;
  });

describe('the station and what comes back to it', () => {
  it('G-20 a customer who complains twice about one unit is heard once', () => {
    const gate = station();
    const passed = run(gate, 300, () => false).find(({ audit }) => !audit);
    if (passed === undefined) throw new Error('every unit was audited');
    const { unitId, epoch, call, position } = passed;
    const finding = { type: 'finding', unitId, epoch, call, position, answer: null, atMs: 1000 } as const;
    gate.tell(finding);
    const { state } = gate;
    gate.tell({ ...finding, atMs: 2000 });
    expect(gate.state).toBe(state);
    expect(state.findings).toEqual({ escapes: 1, misread: 0, positions: [position], ids: [unitId] });
  });

  it('G-19 sixty blind readings of seeds turn agreement into truth', () => {
    const gate = station();
    for (let i = 0; i < 60; i += 1) {
      expect(promise(gate.state).meaning).toBe('agreement with operators');
      gate.tell({ type: 'seed', missed: i === 10, blind: true, atMs: i });
    }
    expect(promise(gate.state).meaning).toBe('truth');
    expect(gate.state.flow.units).toBe(0);
  });

  it('G-22 after the first bad audit units near the threshold are drawn more often, by the same draws', () => {
    const decisions = (weightedAudits: boolean) =>
      run(station({ weightedAudits, boostAudits: 0, harmWatch: 1e9 }), 2000, (score) => score > 0.48);
    const alike = decisions(false);
    const weighted = decisions(true);
    const first = alike.findIndex(({ audit }, i) => audit && (0.5 * ((i * 7) % 50)) / 50 > 0.48);
    expect(weighted.slice(0, first + 1)).toEqual(alike.slice(0, first + 1));
    expect(new Set(weighted.slice(first + 1).map(({ propensity }) => propensity))).toEqual(
      new Set([0.02, 0.12]),
    );
    expect(new Set(alike.map(({ propensity }) => propensity))).toEqual(new Set([0.03]));
  });
});
