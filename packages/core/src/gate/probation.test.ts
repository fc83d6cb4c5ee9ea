import { describe, expect, it } from 'vitest';
import { GateLine, gatePlan } from '../../test/kit/gate-line.js';
import { auditRate } from './audit-rate.js';
import { DEFAULT_SETTINGS, type GateSettings } from './plan.js';
import { type GateState, startGate } from './state.js';

/** Settings as they stood in plans before probation was known. */
const { probationRate: _rate, probationAudits: _audits, ...OLD } = DEFAULT_SETTINGS;

const oldLine = (): GateLine => {
  const line = new GateLine();
  line.state = startGate({ ...gatePlan(), settings: OLD }, { atMs: 0 });
  return line;
};

describe('G-24 probation', () => {
  it('G-24 after an assessed certificate accepted units are audited at 15 % for 200 audits', () => {
    const line = new GateLine().certify({ assessed: true });
    expect(auditRate(line.state, 'accept')).toBe(0.15);
    expect(auditRate(line.state, 'reject')).toBe(line.state.reject.rate);
    expect(line.unit({ draw: 0.149 }).audit).toBe(true);
    expect(line.unit({ draw: 0.151 })).toMatchObject({ audit: false, propensity: 0.15 });
    expect(line.state.probationLeft).toBe(199);
    line.audits(198, false);
    expect(auditRate(line.state, 'accept')).toBe(0.15);
    line.audits(1, false);
    expect(line.state.probationLeft).toBe(0);
    expect(auditRate(line.state, 'accept')).toBe(0.03);
    line.audits(1, false);
    expect(line.state.probationLeft).toBe(0);
  });

  it('G-24 audits of automatic rejects leave it as it is', () => {
    const reject = { threshold: 0.9, upper: 0.01, delta: 0.0125, test: 'exact-binomial-overkill-per-unit' };
    const accept = { threshold: 0.5, upper: 0.004, delta: 0.0125, test: 'exact-binomial-per-unit' };
    const line = new GateLine({ budget: { overkillRate: 0.01 } }).certify({ assessed: true, accept, reject });
    line.audits(5, true, 0.95);
    expect(line.state.probationLeft).toBe(200);
  });

  it('G-24 it raises audits and never lowers them', () => {
    const line = new GateLine({ settings: { probationRate: 0.02 } }).certify({ assessed: true });
    expect(auditRate(line.state, 'accept')).toBe(0.03);
  });

  it('G-24 a new epoch begins without it, and so does a certificate of its own shadow', () => {
    const line = new GateLine().certify({ assessed: true });
    line.tell({ type: 'new-epoch', rampThreshold: null, plannedUnits: 3000, atMs: 0 });
    expect('probationLeft' in line.state).toBe(false);
    line.certify();
    expect(line.state.name).toBe('open');
    expect('probationLeft' in line.state).toBe(false);
  });

  it.each<[string, Partial<GateSettings>]>([
    ['no rate', { probationRate: 0 }],
    ['no audits', { probationAudits: 0 }],
  ])('G-24 %s: no probation', (_, settings) => {
    const line = new GateLine({ settings }).certify({ assessed: true });
    expect('probationLeft' in line.state).toBe(false);
  });

  it('G-24 a plan from before it was known has none, and its states are to the bit what they were', () => {
    const drive = (line: GateLine, assessed: boolean): GateState => {
      line.certify(assessed ? { assessed } : {});
      for (let i = 0; i < 300; i += 1) {
        const { unitId, audit } = line.unit({
          draw: (i % 50) / 50,
          score: (i % 10) / 10,
          lot: `lot ${i >> 6}`,
        });
        if (audit) line.answer(unitId, i % 97 === 0);
      }
      return line.state;
    };
    const state = drive(oldLine(), true);
    expect(JSON.stringify(state)).toBe(JSON.stringify(drive(oldLine(), false)));
    expect(JSON.stringify(state)).not.toContain('probation');
    expect(auditRate({ ...state, probationLeft: 9 }, 'accept')).toBe(auditRate(state, 'accept'));
    // Once it was certified by its own shadow the known setting changes the plan alone.
    const { plan: _old, ...rest } = state;
    const { plan: _new, ...same } = drive(new GateLine(), false);
    expect(JSON.stringify(same)).toBe(JSON.stringify(rest));
  });

  it('G-24 the state survives JSON in the middle of it', () => {
    const drive = (line: GateLine): GateState => line.audits(150, false).state;
    const through = new GateLine().certify({ assessed: true });
    through.audits(20, false);
    const copy = new GateLine();
    copy.state = JSON.parse(JSON.stringify(through.state));
    for (let i = 0; i < 20; i += 1) copy.skip();
    expect(drive(copy)).toEqual(drive(through));
  });

  it.each<[Partial<GateSettings>]>([
    [{ probationRate: 1.5 }],
    [{ probationRate: Number.NaN }],
    [{ probationAudits: 2.5 }],
    [{ probationAudits: -1 }],
  ])('S-34 refuses a plan with %o', (settings) => {
    expect(() => startGate(gatePlan({ settings }), { atMs: 0 })).toThrow(RangeError);
  });
});
