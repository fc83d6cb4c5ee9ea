import { describe, expect, it } from 'vitest';
import { normals, uniforms } from '../../test/seeded.js';
import { binomialLimit, labelsNeeded } from '../bounds/binomial.js';
import { logNormalCdf } from '../bounds/incomplete-gamma.js';
import { actsOn, certifyAdjust } from './interval-gate.js';
import { type Opening, type OpeningEvent, openingReport, openingStart, openingStep } from './opening.js';

/** Residuals of known spread: sigma uniform on .2..1.2, residual = sigma x normal. */
const spread = (seed: number, n: number) => {
  const uniform = uniforms(seed);
  const normal = normals(seed + 77);
  const halfWidths = Float64Array.from({ length: n }, () => 0.2 + uniform());
  return { halfWidths, residuals: halfWidths.map((sigma) => sigma * normal()) };
};

/** P(sigma <= limit and |residual| > tolerance), by the midpoint rule. */
const trueRisk = (limit: number, tolerance: number): number => {
  const steps = 400;
  const width = (Math.min(limit, 1.2) - 0.2) / steps;
  let risk = 0;
  for (let i = 0; i < steps; i += 1)
    risk += width * 2 * Math.exp(logNormalCdf(-tolerance / (0.2 + (i + 0.5) * width)));
  return risk;
};

describe('interval gate', () => {
  const promise = { tolerance: 1, alpha: 0.02, delta: 0.1 };

  it('S-32: acts out of tolerance more often than the budget in at most delta of the certificates', () => {
    const runs = 300;
    let violated = 0;
    for (let run = 0; run < runs; run += 1) {
      const rule = certifyAdjust({ ...spread(run, 800), ...promise });
      if (rule.kind === 'certified' && trueRisk(rule.largestHalfWidth, 1) > promise.alpha) violated += 1;
    }
    expect(violated).toBeLessThanOrEqual(binomialLimit(runs, promise.delta, 0.999));
    expect(violated).toBeGreaterThan(0);
  });

  it('S-32: below the labels of a certificate it falls back on the normalised interval, and says so', () => {
    const few = spread(5, 80);
    const rule = certifyAdjust({ ...few, ...promise });
    expect(rule).toMatchObject({ kind: 'expected', labelsMissing: labelsNeeded(0, 0.02, 0.1) - 80 });
    expect(actsOn(rule, 0.25)).toBe(true);
    expect(actsOn(rule, 1.2)).toBe(false);
    expect(actsOn(rule, Number.NaN)).toBe(false);
  });

  it('S-32: with too few labels for an interval, or nothing in tolerance, it never acts', () => {
    const none = certifyAdjust({ ...spread(6, 10), ...promise });
    expect(none.kind).toBe('none');
    expect(actsOn(none, 0)).toBe(false);
    // Right at the labels that zero losses need, so that one loss is too many.
    const hopeless = certifyAdjust({ ...spread(7, 115), ...promise, tolerance: 1e-9 });
    expect(hopeless).toEqual({ kind: 'none', labelsMissing: 0 });
  });

  it('S-32: a residual that is NaN counts as out of tolerance', () => {
    const data = spread(8, 115);
    data.residuals.fill(Number.NaN);
    expect(certifyAdjust({ ...data, ...promise }).kind).toBe('none');
    expect(() => certifyAdjust({ residuals: [1], halfWidths: [], ...promise })).toThrow(RangeError);
  });
});

describe('opening of an adjust gate', () => {
  const budget = { alpha: 0.05, delta: 0.05 };
  const run = (events: readonly OpeningEvent[], from: Opening = openingStart()) =>
    events.reduce((state, event) => openingStep(state, event, budget), from);
  const times = (n: number, event: OpeningEvent) => Array.from({ length: n }, () => event);
  const agreed: OpeningEvent = { kind: 'shadow-proposal', agreed: true };
  const better: OpeningEvent = { kind: 'trial-pair', gain: 0.4 };
  const good: OpeningEvent = { kind: 'applied-outcome', inTolerance: true };
  const lease: OpeningEvent = { kind: 'lease-signed' };

  it('S-33: in shadow agreement gives at most advice', () => {
    expect(openingReport(openingStart(), budget)).toMatchObject({
      authority: 'none',
      boundShare: 0,
      disagreementUpper: 1,
    });
    const state = run([...times(200, agreed), { kind: 'shadow-proposal', agreed: false }]);
    expect(openingReport(state, budget)).toMatchObject({
      authority: 'advise',
      boundShare: 0,
      pairs: 0,
      outcomes: 0,
    });
    expect(state.disagreed).toEqual({ k: 1, n: 201 });
    expect(run([good, better], state)).toEqual(state);
  });

  it('S-33: a signed lease starts the trial with half bounds, whatever agreement said', () => {
    const state = run([lease]);
    expect(state.step).toBe('TRIAL');
    expect(openingReport(state, budget)).toMatchObject({ authority: 'adjust', boundShare: 0.5 });
    expect(run([lease, agreed], state)).toEqual(state);
  });

  it('S-33: it opens only when both are proved, and prints both counts', () => {
    const onlyBetter = run([
      lease,
      ...times(30, better),
      { kind: 'trial-pair', gain: 0 },
      { kind: 'trial-pair', gain: Number.NaN },
    ]);
    expect(onlyBetter.step).toBe('TRIAL');
    expect(onlyBetter.provedBetter).toBe(true);
    expect(run([lease, ...times(300, good)]).step).toBe('TRIAL');
    const open = run(times(300, good), onlyBetter);
    expect(open.step).toBe('OPEN');
    expect(openingReport(open, budget)).toMatchObject({
      authority: 'adjust',
      boundShare: 1,
      pairs: 30,
      outcomes: 300,
    });
    expect(run([better], open)).toEqual(open);
  });

  it('S-33: losses take the full bounds away again, the end of the epoch takes everything', () => {
    const open = run([lease, ...times(30, better), ...times(300, good)]);
    const lost = run(times(12, { kind: 'applied-outcome', inTolerance: false }), open);
    expect(lost.step).toBe('TRIAL');
    expect(lost.provedBetter).toBe(true);
    expect(run([{ kind: 'epoch-ended' }], lost)).toEqual(openingStart());
  });

  it('S-33: corrections that are no better open in at most delta of the trials, at any look', () => {
    const runs = 400;
    let opened = 0;
    for (let i = 0; i < runs; i += 1) {
      const coin = uniforms(i);
      let state = run([lease]);
      let ever = false;
      for (let pair = 0; pair < 60; pair += 1) {
        state = openingStep(state, { kind: 'trial-pair', gain: coin() < 0.5 ? 1 : -1 }, budget);
        ever ||= state.provedBetter;
      }
      if (ever) opened += 1;
    }
    expect(opened).toBeLessThanOrEqual(binomialLimit(runs, budget.delta / 2, 0.999));
  });

  it('S-34: an impossible budget is refused', () => {
    expect(() => openingStep(openingStart(), lease, { alpha: 0, delta: 0.05 })).toThrow(RangeError);
    expect(() => openingStep(openingStart(), lease, { alpha: 0.05, delta: 1 })).toThrow(RangeError);
  });
});
