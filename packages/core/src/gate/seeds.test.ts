import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { certified, GateLine } from '../../test/kit/gate-line.js';
import { uniforms } from '../../test/seeded.js';
import { eUpper } from '../anytime/e-process.js';
import { binomialLimit } from '../bounds/binomial.js';
import { promise } from './promise.js';
import { liveUpper, rampRate, regionBudget } from './side.js';

const ramp = { plannedUnits: null, rampThreshold: 0.5, budget: { escapeRate: 0.05 } };
const LIVE = new GateLine().state.ledger.accept.live;

describe('G-18 readings of seeds', () => {
  it('an unblinded reading is no evidence', () => {
    const line = new GateLine().certify();
    const before = line.state;
    line.tell({ type: 'seed', missed: true, blind: false, atMs: 0 });
    expect(line.state).toBe(before);
  });

  it('a seed is no unit and no label: nothing moves but the readings and the bounds made from them', () => {
    const readings = fc.array(fc.record({ missed: fc.boolean(), blind: fc.boolean() }), { maxLength: 90 });
    fc.assert(
      fc.property(readings, fc.nat(3), (list, bads) => {
        const line = new GateLine({ ...ramp, settings: { harmWatch: 1e9 } })
          .audits(70, false)
          .audits(bads, true);
        const before = line.state;
        line.unit({ draw: 0 });
        const asked = line.state;
        for (const one of list) line.tell({ type: 'seed', atMs: 0, ...one });
        const blind = list.filter((one) => one.blind);
        expect(line.state.seeds).toMatchObject({
          read: blind.length,
          missed: blind.filter((one) => one.missed).length,
        });
        const { seeds, name, reason, ...rest } = line.state;
        const kept = { ...rest, accept: { ...rest.accept, upper: 0, rate: 0 } };
        const { seeds: _, name: __, reason: ___, ...was } = asked;
        expect(kept).toEqual({ ...was, accept: { ...was.accept, upper: 0, rate: 0 } });
        expect(line.state.accept.n).toBe(before.accept.n);
      }),
      { seed: 21, numRuns: 100 },
    );
  });

  it('a new epoch knows nothing of its readers', () => {
    const line = new GateLine().seeds(80, false);
    line.tell({ type: 'new-epoch', rampThreshold: null, plannedUnits: 3000, atMs: 1 });
    expect(line.state.seeds).toEqual({ read: 0, missed: 0, missUpper: 0 });
  });
});

describe('G-19 truth from sixty seeds on', () => {
  it('59 readings leave agreement with operators at the whole live share; the 60th turns it into truth at half', () => {
    const line = new GateLine().certify().audits(500, false).seeds(59, false);
    expect(promise(line.state)).toMatchObject({ meaning: 'agreement with operators', upper: 0.004 });
    expect(line.state.accept.upper).toBe(eUpper(0, 500, LIVE));
    line.seeds(1, true);
    const missUpper = eUpper(1, 60, LIVE / 2);
    expect(line.state.seeds).toEqual({ read: 60, missed: 1, missUpper });
    expect(line.state.accept.upper).toBe(eUpper(0, 500, LIVE / 2) / (1 - missUpper));
    expect(promise(line.state)).toMatchObject({
      source: 'certificate',
      meaning: 'truth',
      upper: 0.004 / (1 - missUpper),
    });
    line.audits(1, false);
    expect(line.state.accept.upper).toBe(eUpper(0, 501, LIVE / 2) / (1 - missUpper));
  });

  it('counts the answers that are still needed by the same bound', () => {
    const line = new GateLine().certify().seeds(60, false);
    const before = promise(line.state).answersNeeded ?? 0;
    expect(before).toBeGreaterThan(promise(new GateLine().certify().state).answersNeeded ?? 0);
    line.audits(before, false);
    expect(promise(line.state)).toMatchObject({ source: 'live', meaning: 'truth', answersNeeded: 0 });
    expect(promise(line.state).upper).toBe(liveUpper(line.state));
  });

  it('readers who miss everything prove nothing', () => {
    const line = new GateLine().certify().audits(500, false).seeds(60, true);
    expect([line.state.seeds.missUpper, line.state.accept.upper]).toEqual([1, 1]);
    expect(promise(line.state)).toMatchObject({ upper: 1, answersNeeded: null });
  });

  it('says nothing of an overkill bound, which good units called bad would break', () => {
    const line = new GateLine({ budget: { overkillRate: 0.01 } })
      .certify({ accept: certified(0.5, 0.0125), reject: certified(0.9, 0.0125) })
      .audits(40, true, 0.95)
      .seeds(60, true);
    expect(promise(line.state, 'reject')).toMatchObject({
      meaning: 'agreement with operators',
      upper: 0.004,
    });
    expect(line.state.reject.upper).toBe(eUpper(0, 40, line.state.ledger.reject.live));
  });

  it('the ramp follows the corrected bound', () => {
    const line = new GateLine(ramp).audits(70, false);
    const before = rampRate(line.state);
    line.seeds(60, false);
    expect(line.state.accept.rate).toBe(rampRate(line.state));
    expect(line.state.accept.rate).toBeGreaterThan(before);
    expect(line.state.accept.rate).toBeCloseTo(
      1 - regionBudget(line.state, 'accept') / line.state.accept.upper,
      12,
    );
  });

  it('a renewal is held to the same bound', () => {
    const day = 24 * 3600 * 1000;
    const line = new GateLine().certify().seeds(60, false);
    line.tick(46 * day);
    const plain = promise(new GateLine().certify().state).answersNeeded ?? 0;
    line.audits(plain, false);
    expect(line.state.renewal).not.toBeNull();
    line.audits((promise(line.state).answersNeeded ?? 0) + 1, false);
    expect(line.state.renewal).toBeNull();
  });

  it('with readers who miss a fifth the live bound falls below the truth in at most delta of 400 lines', () => {
    const rate = 0.03;
    const miss = 0.2;
    let naive = 0;
    let wrong = 0;
    const lines = 400;
    for (let one = 0; one < lines; one += 1) {
      const uniform = uniforms(7000 + one);
      const settings = { harmWatch: 1e300, harmClose: 1e300 };
      const line = new GateLine({ budget: { confidence: 0.75 }, settings });
      line.certify();
      for (let i = 0; i < 60; i += 1)
        line.tell({ type: 'seed', missed: uniform() < miss, blind: true, atMs: 0 });
      let below = false;
      let naiveBelow = false;
      for (let i = 0; i < 500; i += 1) {
        if (i % 5 === 0) line.tell({ type: 'seed', missed: uniform() < miss, blind: true, atMs: 0 });
        const bad = uniform() < rate;
        line.answer(line.unit({ draw: 0 }).unitId, bad && uniform() >= miss);
        const { n, k, upper } = line.state.accept;
        if (upper < rate) below = true;
        if (eUpper(k, n, line.state.ledger.accept.live) < rate) naiveBelow = true;
      }
      if (below) wrong += 1;
      if (naiveBelow) naive += 1;
    }
    const limit = binomialLimit(lines, 0.1, 0.999);
    expect(wrong).toBeLessThanOrEqual(limit);
    // The test can fail: without the seeds the same lines break the bound.
    expect(naive).toBeGreaterThan(limit);
  });
});
