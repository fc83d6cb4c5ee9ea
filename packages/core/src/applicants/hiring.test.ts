import { describe, expect, it } from 'vitest';
import { adversaryRun, quantile } from '../../test/kit/adversary.js';
import { applicantScores, drawUnits, truthAt } from '../../test/kit/applicants.js';
import { binomialLimit } from '../bounds/binomial.js';
import { assessmentDelta } from '../learn/spending.js';
import { certifySides } from './certify-sides.js';

const STREAM = { defectRate: 0.05, separation: 3 };
const ALPHA = 0.01;
const LIMITS = { escapeRate: ALPHA, overkillRate: 0, contract: 'per-unit' as const };
const DELTA = 0.1;
const RUNS = 160;
const SIZES = Array.from({ length: 8 }, (_, i) => Math.round(450 * 1.25 ** i));
const LARGEST = SIZES[7] ?? 0;

/** What an applicant with so much noise of its own gets at a delta, and whether that breaks the budget in truth. */
const tested = (units: ReturnType<typeof drawUnits>, noise: number, delta: number, seed: number) => {
  const scores = applicantScores(units, noise, seed);
  const bad = units.map((unit) => unit.bad);
  const { accept } = certifySides({ scores, bad, groups: null }, LIMITS, { accept: delta, reject: 0 });
  return accept === null ? null : { ...accept, wrong: truthAt(STREAM, noise, accept.threshold).risk > ALPHA };
};

/** Eight applicants one after the other on evidence that grows: was any certificate wrong? */
const inTurn = (
  run: number,
  deltaOf: (k: number, told: number) => number,
  change: (noise: number, threshold: number) => number,
) => {
  const units = drawUnits(STREAM, LARGEST, run * 31 + 5);
  let noise = 1.5;
  let told = 0;
  let wrong = false;
  for (const [at, n] of SIZES.entries()) {
    const found = tested(units.slice(0, n), noise, deltaOf(at + 1, told), run * 97 + at);
    if (found === null) noise *= 0.8;
    else {
      told += 1;
      wrong ||= found.wrong;
      noise = change(noise, found.threshold);
    }
  }
  return wrong;
};
const broken = (breaks: (run: number) => boolean, runs = RUNS): number =>
  Array.from({ length: runs }, (_, run) => breaks(run)).filter(Boolean).length;

describe('many applicants on the same evidence', () => {
  const limit = binomialLimit(RUNS, DELTA, 0.999);

  it('LN-3 applicants that know no result: no certificate is wrong but in delta of the runs, with the plain series', () => {
    // All made without the evidence, so no certificate counts as told to them.
    expect(
      broken((run) =>
        inTurn(
          run,
          (k) => assessmentDelta(DELTA, { k, certificates: 0 }),
          () => 1,
        ),
      ),
    ).toBeLessThanOrEqual(limit);
  });

  it('LN-3 the next applicant is made after the threshold of the last certificate: the promise holds', () => {
    const after = (_: number, threshold: number): number => Math.abs(Math.round(threshold * 20) % 5) / 2.5;
    expect(
      broken((run) => inTurn(run, (k, told) => assessmentDelta(DELTA, { k, certificates: told }), after)),
    ).toBeLessThanOrEqual(limit);
  });

  it('LN-3 what it guards against: every test at the whole delta breaks the promise', () => {
    expect(
      broken((run) =>
        inTurn(
          run,
          () => DELTA,
          () => 1.5,
        ),
      ),
    ).toBeGreaterThan(limit);
  });

  it('LN-3 what it guards against: the luckiest of 40 applicants under the number of one breaks the promise', () => {
    const lucky = (run: number): boolean => {
      const units = drawUnits(STREAM, 900, run * 31 + 5);
      const found = Array.from({ length: 40 }, (_, refit) => tested(units, 1, DELTA / 2, run * 1009 + refit));
      return found.some((one) => one?.wrong === true);
    };
    expect(broken(lucky, 60)).toBeGreaterThan(binomialLimit(60, DELTA, 0.999));
  });
});

describe('an applicant that is right in shadow and wrong in post', () => {
  it('AP-6 the audits close it: its escapes until then, over 200 runs', () => {
    const runs = Array.from({ length: 200 }, (_, i) => adversaryRun(1000 + i));
    expect(runs.every(({ units }) => units !== null)).toBe(true);
    const escapes = runs.map((run) => run.escapes);
    // Measured, and said in SPEC: 19, 40 and 53 in the middle, in nine of ten and in 99 of 100 runs.
    expect(quantile(escapes, 0.5)).toBeLessThanOrEqual(20);
    expect(quantile(escapes, 0.9)).toBeLessThanOrEqual(42);
    expect(quantile(escapes, 0.99)).toBeLessThanOrEqual(56);
    // A budget of .5 % over 30,000 units allows 150.
    expect(Math.max(...escapes)).toBeLessThan(150);
  });

  it('AP-6 without probation it does more than twice the harm', () => {
    const escapes = Array.from(
      { length: 60 },
      (_, i) => adversaryRun(1000 + i, { probationRate: 0 }).escapes,
    );
    expect(quantile(escapes, 0.5)).toBeGreaterThan(38);
  });
});
