import {
  binomialLimit,
  binomialUpper,
  DEFAULT_SETTINGS,
  type JumperState,
  jumperStart,
  jumperStep,
  Ranker,
} from '@selvedge/core';
import { median, round, uniforms } from '../studies-kit/score-pools.js';

/**
 * How soon scores that shift by half a standard deviation raise the alarm, and how often the alarm is false. Normal
 * scores, 1,000 clean observations before the shift. Beside it the same with units in batches of 20 that share a tenth of
 * the variance: every unit as an observation (wrong), and one unit a batch (right).
 */
const CLEAN = 1000;
const AFTER = 2000;
const SHIFT = 0.5;
const EPOCH = 10_000;
/** Ville at 1 % an epoch; Shiryaev-Roberts at the gate's own level. */
const VILLE = 100;
const SR = Math.log(DEFAULT_SETTINGS.scoreAlarm);
const BATCH = 20;
const BATCH_VARIANCE = 0.1;
const LONGEST = 60_000;

interface Watch {
  /** Observation (from 1) at which each first alarmed; null = never. */
  readonly ville: number | null;
  readonly sr: number | null;
}

/**
 * Feeds scores until both have alarmed or none are left. As in the gate one martingale sees the score and one its
 * distance from the middle; the alarm is raised by the larger statistic. Ville's test takes the mean of both wealths.
 */
const watch = (scores: Iterable<number>, tie: () => number): Watch => {
  const rankers = [new Ranker(), new Ranker()] as const;
  let level: JumperState = jumperStart();
  let spread: JumperState = jumperStart();
  let seen = 0;
  let ville: number | null = null;
  let sr: number | null = null;
  for (const score of scores) {
    level = jumperStep(level, rankers[0].next(score, tie()));
    spread = jumperStep(spread, rankers[1].next(Math.abs(score), tie()));
    seen += 1;
    if ((Math.exp(level.logWealth) + Math.exp(spread.logWealth)) / 2 >= VILLE) ville ??= seen;
    if (Math.max(level.logShiryaevRoberts, spread.logShiryaevRoberts) >= SR) sr ??= seen;
    if (ville !== null && sr !== null) break;
  }
  return { ville, sr };
};

const normals = (uniform: () => number): (() => number) => {
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
};

/** Independent observations; the shift in standard deviations begins at `from`. */
function* independent(normal: () => number, count: number, from: number): Generator<number> {
  for (let i = 0; i < count; i += 1) yield normal() + (i >= from ? SHIFT : 0);
}

/** Units in batches with a common part; `every` = 1 gives every unit, BATCH the first unit of each batch. */
function* batched(
  normal: () => number,
  options: { count: number; from: number; every: number },
): Generator<number> {
  const own = Math.sqrt(1 - BATCH_VARIANCE);
  let common = 0;
  for (let i = 0; i < options.count * options.every; i += 1) {
    if (i % BATCH === 0) common = normal() * Math.sqrt(BATCH_VARIANCE);
    const score = common + normal() * own;
    const observation = i / options.every;
    if (i % options.every === 0) yield score + (observation >= options.from ? SHIFT : 0);
  }
}

/** Runs the study. 200 seeded runs by default. */
export async function run(options: {
  readonly seed: number;
  readonly runs?: number | undefined;
  readonly progress: (done: number, what: string) => void;
}): Promise<object> {
  const { seed, runs = 200, progress } = options;
  const delays: number[] = [];
  const batchDelays: number[] = [];
  const toFalse: number[] = [];
  let early = 0;
  let villeFalse = 0;
  let unitsFalse = 0;
  let batchesFalse = 0;
  for (let i = 0; i < runs; i += 1) {
    const own = (seed + i * 7919) >>> 0;
    const normal = normals(uniforms(own));
    const tie = uniforms(own ^ 0x5bd1e995);
    const shifted = watch(independent(normal, CLEAN + AFTER, CLEAN), tie);
    if (shifted.sr !== null && shifted.sr <= CLEAN) early += 1;
    else delays.push((shifted.sr ?? Number.POSITIVE_INFINITY) - CLEAN);
    const clean = watch(independent(normal, LONGEST, LONGEST), tie);
    toFalse.push(clean.sr ?? LONGEST);
    if (clean.ville !== null && clean.ville <= EPOCH) villeFalse += 1;
    const units = watch(batched(normal, { count: EPOCH, from: EPOCH, every: 1 }), tie);
    if (units.ville !== null) unitsFalse += 1;
    const one = { count: 3000, from: 3000, every: BATCH };
    if (watch(batched(normal, one), tie).ville !== null) batchesFalse += 1;
    const changed = watch(batched(normal, { ...one, from: CLEAN }), tie);
    if (changed.sr === null || changed.sr > CLEAN)
      batchDelays.push((changed.sr ?? Number.POSITIVE_INFINITY) - CLEAN);
    progress((i + 1) / runs, `run ${i + 1} of ${runs}`);
  }
  const rate = (k: number) => ({
    runs: k,
    share: round(k / runs),
    upper95: round(binomialUpper(k, runs, 0.05)),
  });
  const medianDelay = median(delays);
  const medianToFalse = median(toFalse);
  return {
    what: 'score alarm after a shift of half a standard deviation; delays and false alarms in independent observations',
    demand:
      'median delay <= 130; false alarms <= 1 % an epoch (Ville) and one per 10,000 observations at the median (SR)',
    runs,
    scoreAlarm: DEFAULT_SETTINGS.scoreAlarm,
    cleanBefore: CLEAN,
    shift: {
      medianDelay,
      quartiles: quartiles(delays),
      missed: delays.filter((delay) => delay === Number.POSITIVE_INFINITY).length,
      alarmedBefore: early,
    },
    falseAlarms: {
      ville: { epochObservations: EPOCH, ...rate(villeFalse) },
      srMedianObservations: medianToFalse,
      srCensoredAt: LONGEST,
    },
    batches: {
      unitsInABatch: BATCH,
      varianceShare: BATCH_VARIANCE,
      everyUnit: { observations: EPOCH, falseVille: rate(unitsFalse) },
      oneAUnitABatch: { observations: 3000, falseVille: rate(batchesFalse) },
      medianDelayBatches: median(batchDelays),
      medianDelayUnits: median(batchDelays) * BATCH,
    },
    reached: medianDelay <= 130 && medianToFalse >= 10_000 && villeFalse <= binomialLimit(runs, 0.01, 0.999),
  };
}

const quartiles = (values: readonly number[]): [number, number] => {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * sorted.length)] ?? Number.POSITIVE_INFINITY;
  return [at(0.25), at(0.75)];
};
