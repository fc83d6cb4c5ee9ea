import { binomialLower, binomialUpper } from '@selvedge/core';
import type { Step } from '../../packages/cli/src/index.js';
import { type Applicant, applicantsRun, BUDGET, type Outcome } from '../studies-kit/applicants-run.js';
import { meanInterval, median, readScorePools, round, type ScorePool } from '../studies-kit/score-pools.js';

const UNITS = 30_000;
const RUNS = 100;
/** Runs of one part of the study that a stopped run does not repeat. */
const PER_PART = 10;
const MOST = 1.1 * BUDGET.escapeRate * UNITS;
/** Runs of 100 that the demand asks for. */
const SHARE = 0.95;

/**
 * Three applicants of different quality and one that is right in shadow and passes everything in post, on scores that are
 * resampled from the pools at 5 % bad: who is hired, what the audits close, and how many bad units pass. `runs` is the
 * number of runs for each pool.
 */
export async function run({
  seed,
  runs = RUNS,
  progress,
  step,
}: {
  readonly seed: number;
  readonly runs?: number | undefined;
  readonly progress: (done: number, what: string) => void;
  readonly step: Step;
}): Promise<object> {
  const pools = await readScorePools();
  const cells: ReturnType<typeof summary>[] = [];
  for (const [p, pool] of pools.entries()) {
    const outcomes: Outcome[] = [];
    for (let from = 0; from < runs; from += PER_PART) {
      const part = await step(`${pool.data} ${from}`, async () => {
        const some: Outcome[] = [];
        for (let i = from; i < Math.min(runs, from + PER_PART); i += 1) {
          some.push(applicantsRun(pool, (seed + p * 1_000_003 + i * 7919) >>> 0, UNITS));
          progress((p + (i + 1) / runs) / pools.length, pool.data);
        }
        return some;
      });
      outcomes.push(...part);
    }
    cells.push(summary(pool, outcomes));
  }
  return {
    what: 'three applicants and an adversary, 30,000 units at 5 % bad, budget .5 % per unit',
    demand:
      'the right one in post at the end, the adversary closed where it was hired, escapes at most 1.1 x budget: in 95 of 100 runs',
    runs,
    cells,
    reached: cells.every(({ kept }) => kept.share >= SHARE),
  };
}

/** A count among runs, with its two-sided 95 % Clopper-Pearson interval. */
const among = (count: number, n: number) => ({
  ...{ runs: count, of: n, share: round(count / n) },
  interval: [round(binomialLower(count, n, 0.025)), round(binomialUpper(count, n, 0.025))],
});

function summary({ data }: ScorePool, outcomes: readonly Outcome[]) {
  const n = outcomes.length;
  const count = (is: (one: Outcome) => boolean) => among(outcomes.filter(is).length, n);
  const hired = (who: Applicant) => (one: Outcome) => one.hired.some((row) => row.who === who);
  const harmed = (who: Applicant) => (one: Outcome) =>
    one.closed.some((row) => row.who === who && row.why.startsWith('harm:'));
  const inBudget = (one: Outcome) => one.escapes <= MOST;
  // One that was never hired has done nothing that audits could close.
  const stopped = (one: Outcome) => !hired('adversary')(one) || harmed('adversary')(one);
  const right = (one: Outcome) => one.inPostAtTheEnd === 'right';
  const met = outcomes.filter(hired('adversary'));
  const rates = outcomes.flatMap((one) =>
    one.rightRateOverBudget === null ? [] : [one.rightRateOverBudget],
  );
  const inPost = met.flatMap(({ hired: rows, closed }) => {
    const from = rows.find(({ who }) => who === 'adversary')?.at;
    const to = closed.find(({ who }) => who === 'adversary')?.at;
    return from === undefined || to === undefined ? [] : [to - from];
  });
  return {
    data,
    kept: count((one) => right(one) && stopped(one) && inBudget(one)),
    rightInPostAtTheEnd: count(right),
    rightHired: count(hired('right')),
    rightClosed: count((one) => one.closed.some(({ who }) => who === 'right')),
    adversaryHired: count(hired('adversary')),
    adversaryClosedByAudits: among(met.filter(harmed('adversary')).length, Math.max(1, met.length)),
    adversaryEscapes: meanInterval(met.length === 0 ? [0] : met.map((one) => one.adversaryEscapes)),
    unitsUntilAdversaryClosed: { n: inPost.length, median: inPost.length === 0 ? null : median(inPost) },
    escapesWithinLimit: count(inBudget),
    escapesOverBudget: meanInterval(outcomes.map(({ escapes }) => escapes / (BUDGET.escapeRate * UNITS))),
    automaticShare: meanInterval(outcomes.map(({ automatic }) => automatic / UNITS)),
    rightRateOverBudget: rates.length === 0 ? null : meanInterval(rates),
    rightRateAboveHalf: among(rates.filter((rate) => rate > 0.5).length, Math.max(1, rates.length)),
    otherPosts: count((one) => hired('second')(one) || hired('third')(one)),
    tests: meanInterval(outcomes.map(({ tests }) => tests)),
    closings: tally(outcomes.flatMap(({ closed }) => closed.map(({ who, why }) => `${who}: ${why}`))),
  };
}

function tally(what: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const one of what) counts[one] = (counts[one] ?? 0) + 1;
  return counts;
}
