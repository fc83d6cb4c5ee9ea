import {
  binomialLimit,
  certifyPerPass,
  certifyPerUnit,
  harmStart,
  harmStatistic,
  harmStep,
  jumperStart,
  jumperStep,
  Ranker,
} from '@selvedge/core';
import { createRandom, type Random } from '@selvedge/models';
import type { Bench, Row } from '../bench-kit/row.js';
import { median } from '../bench-kit/timing.js';

/** A promise that is kept exactly at its level misses its limit here once in a hundred seeds. */
const CONFIDENCE = 0.99;

const HARM = { alpha: 0.005, clean: 2000, runs: 2000, longest: 20_000 };

/** B3: audits until the statistic reaches each threshold, after clean audits at alpha / 10, at 5 alpha. */
function harmDelays(thresholds: readonly number[], random: Random): { delays: number[][]; early: number[] } {
  const delays = thresholds.map((): number[] => []);
  const early = thresholds.map(() => 0);
  for (let run = 0; run < HARM.runs; run++) {
    let state = harmStart();
    let peak = 0;
    for (let i = 0; i < HARM.clean; i++) {
      state = harmStep(state, random.next() < HARM.alpha / 10, HARM.alpha);
      peak = Math.max(peak, harmStatistic(state));
    }
    const waiting = new Set(thresholds.keys());
    for (const t of waiting) {
      // An alarm before the change is a false one, no delay.
      if (peak < (thresholds[t] ?? 0)) continue;
      early[t] = (early[t] ?? 0) + 1;
      waiting.delete(t);
    }
    for (let i = 1; waiting.size > 0 && i <= HARM.longest; i++) {
      state = harmStep(state, random.next() < 5 * HARM.alpha, HARM.alpha);
      for (const t of waiting) {
        if (harmStatistic(state) < (thresholds[t] ?? 0)) continue;
        delays[t]?.push(i);
        waiting.delete(t);
      }
    }
    for (const t of waiting) delays[t]?.push(Number.POSITIVE_INFINITY);
  }
  return { delays, early };
}

const NULL = { runs: 4000, units: 1000, ville: 20 };

/** B4: runs of units without any change in which the wealth ever reaches the level of Ville. */
function falseAlarms(random: Random): number {
  let alarms = 0;
  for (let run = 0; run < NULL.runs; run++) {
    const ranker = new Ranker();
    let state = jumperStart();
    for (let i = 0; i < NULL.units; i++) {
      state = jumperStep(state, ranker.next(random.next(), random.next()));
      if (state.logWealth < Math.log(NULL.ville)) continue;
      alarms++;
      break;
    }
  }
  return alarms;
}

const PROMISE = { runs: 2000, n: 1500, badRate: 0.05, alpha: 0.01, delta: 0.05 };

/**
 * B2: certificates whose threshold breaks the budget. Good scores are uniform, bad ones the fourth root of a
 * uniform, so a threshold t in 0..1 passes .95 t good and .05 t^4 bad units.
 */
function violations(random: Random): { perUnit: number; perPass: number; proved: [number, number] } {
  const { runs, n, badRate, alpha, delta } = PROMISE;
  const count = { perUnit: 0, perPass: 0, proved: [0, 0] as [number, number] };
  for (let run = 0; run < runs; run++) {
    const bad = Uint8Array.from({ length: n }, () => (random.next() < badRate ? 1 : 0));
    const scores = Float64Array.from(bad, (b) => (b === 1 ? random.next() ** 0.25 : random.next()));
    const unit = certifyPerUnit({ scores, bad, alpha, delta }).threshold;
    const pass = certifyPerPass({ scores, bad, alpha, delta }).threshold;
    if (unit !== null) {
      count.proved[0]++;
      if (badRate * unit ** 4 > alpha) count.perUnit++;
    }
    if (pass !== null) {
      count.proved[1]++;
      const escaped = badRate * pass ** 4;
      if (escaped / (escaped + (1 - badRate) * pass) > alpha) count.perPass++;
    }
  }
  return count;
}

export const run: Bench = async ({ progress }) => {
  const thresholds = [1000, 5000];
  const { delays, early } = harmDelays(thresholds, createRandom(3));
  progress(0.3, 'B3');
  const alarms = falseAlarms(createRandom(4));
  progress(0.6, 'B4');
  const broken = violations(createRandom(2));
  progress(1, 'B2');
  const { runs, n, badRate, alpha, delta } = PROMISE;
  const held = binomialLimit(runs, delta, CONFIDENCE) / runs;
  const about = (proved: number): string =>
    `${runs} runs of ${n} units, ${100 * badRate} % bad, budget ${100 * alpha} %, ${proved} proved something, seed 2; limit: exact binomial of ${100 * delta} % at 99 %`;
  const quoted = 'quoted, not run';
  const rows: Row[] = [
    {
      name: 'B2 certificate per unit: violations',
      value: (100 * broken.perUnit) / runs,
      unit: '%',
      limit: { atMost: 100 * held },
      note: about(broken.proved[0]),
    },
    {
      name: 'B2 certificate per pass: violations',
      value: (100 * broken.perPass) / runs,
      unit: '%',
      limit: { atMost: 100 * held },
      note: `${about(broken.proved[1])}; MAPIE WSR 23-28 % at 10 % (${quoted})`,
    },
  ];
  thresholds.forEach((threshold, t) => {
    rows.push({
      name: `B3 harm detector ${threshold}: median delay at 5 x budget`,
      value: median(delays[t] ?? []),
      unit: 'audits',
      limit: { atMost: t === 0 ? 100 : 170 },
      note: `after ${HARM.clean} clean audits, ${HARM.runs} runs, seed 3, ${early[t]} alarms before the change; MAPIE 2,071 (${quoted})`,
    });
  });
  rows.push({
    name: 'B4 martingale: false alarms',
    value: (100 * alarms) / NULL.runs,
    unit: '%',
    limit: { atMost: (100 * binomialLimit(NULL.runs, 1 / NULL.ville, CONFIDENCE)) / NULL.runs },
    note: `${NULL.runs} runs of ${NULL.units} units without change, Ville ${NULL.ville}, seed 4; MAPIE 8.8 % with the same J = .01 (${quoted})`,
  });
  return rows;
};
