import { createRandom } from '@selvedge/models';
import { SETTINGS } from '@selvedge/pack-seat-sewing';
import { round } from './score-pools.js';
import { ARMS, type Arm, type ArmResult, type PlantResult } from './seat-sewing-plant.js';

const RESAMPLES = 2000;
const LEVELS = [0, 0.1, 0.25, 0.5, 0.75, 0.9, 1] as const;

/** Linear interpolation between order statistics (type 7); the acceptance's lower decile is `at(values, .1)`. */
export function at(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const h = p * (sorted.length - 1);
  const low = Math.floor(h);
  const below = sorted[low] ?? Number.NaN;
  return below + (h - low) * ((sorted[Math.min(low + 1, sorted.length - 1)] ?? Number.NaN) - below);
}

const quantiles = (values: readonly number[]) =>
  Object.fromEntries(LEVELS.map((p) => [`q${p * 100}`, round(at(values, p))]));

const total = (counts: readonly number[]) => counts.reduce((a, b) => a + b, 0);

/** Escapes are covers that did not leave good; only the gated arm has them. */
const goodCovers = (plant: PlantResult, arm: Arm) =>
  plant.covers - (arm === 'gate' ? plant.verdict.escapes : 0);

export const per100 = (plant: PlantResult, arm: Arm, of: 'blocks' | 'reached' = 'blocks') =>
  (100 * total(plant.arms[arm][of])) / goodCovers(plant, arm);

/** Share of `from` that `to` saves; negative = more. */
const reduction = (plant: PlantResult, from: Arm, to: Arm, of: 'blocks' | 'reached' = 'blocks') =>
  1 - per100(plant, to, of) / per100(plant, from, of);

/** Largest share of the PID's interventions that corrections could save: what lies above the unavoidable ones. */
const reachable = (plant: PlantResult) => Math.max(0, 1 - plant.unavoidable / per100(plant, 'pid'));

/** Paired bootstrap over blocks of covers: the same blocks of both arms. 95 % interval of to / from - 1. */
export function pairedInterval(
  from: readonly number[],
  to: readonly number[],
  seed: number,
): [number, number] {
  const rng = createRandom(seed);
  const ratios = Array.from({ length: RESAMPLES }, () => {
    let [a, b] = [0, 0];
    for (let i = 0; i < from.length; i++) {
      const j = rng.below(from.length);
      a += from[j]!;
      b += to[j]!;
    }
    return a === 0 ? 0 : b / a - 1;
  });
  return [at(ratios, 0.025), at(ratios, 0.975)];
}

const armRow = (plant: PlantResult, arm: Arm) => {
  const { acts, labels, planned }: ArmResult = plant.arms[arm];
  const good = goodCovers(plant, arm);
  const seconds = Object.values(acts).reduce((sum, a) => sum + a.seconds, 0);
  return {
    per100Good: round(per100(plant, arm)),
    reachedPer100Good: round(per100(plant, arm, 'reached')),
    personSecondsPer100Good: round((100 * seconds) / good),
    byType: Object.fromEntries(
      Object.entries(acts).map(([type, a]) => [
        type,
        { per100Good: round((100 * a.count) / good), personSeconds: a.seconds },
      ]),
    ),
    labels,
    plannedPer100Covers: round((100 * (planned.bobbin + planned.needle)) / plant.covers),
  };
};

/** One plant as the report shows it. */
export function plantRow(plant: PlantResult) {
  const { gate, pid } = plant.arms;
  const [low, high] = pairedInterval(pid.blocks, gate.blocks, plant.seed);
  return {
    seed: plant.seed,
    outside: plant.outside,
    covers: plant.covers,
    gateAgainstPid: {
      reduction: round(reduction(plant, 'pid', 'gate')),
      interval: [round(-high), round(-low)],
      reached: round(reduction(plant, 'pid', 'gate', 'reached')),
    },
    gateAgainstGuide: round(reduction(plant, 'guide', 'gate')),
    alwaysAgainstPid: round(reduction(plant, 'pid', 'always')),
    unavoidablePer100: round(plant.unavoidable),
    reachableShareOfPid: round(reachable(plant)),
    arms: Object.fromEntries(ARMS.map((arm) => [arm, armRow(plant, arm)])),
    corrections: plant.gates,
    verdict: plant.verdict,
  };
}

/** The acceptance of docs/decisions/0020 and the quantiles over plants. */
export function summary(plants: readonly PlantResult[]) {
  const inside = plants.filter((p) => p.outside === null);
  const outside = plants.filter((p) => p.outside !== null);
  const against = (from: Arm, to: Arm, of: 'blocks' | 'reached' = 'blocks') =>
    quantiles(inside.map((p) => reduction(p, from, to, of)));
  const reductions = inside.map((p) => reduction(p, 'pid', 'gate'));
  const harmless = outside.map((p) => {
    const [, high] = pairedInterval(p.arms.pid.blocks, p.arms.gate.blocks, p.seed);
    return { outside: p.outside, upper: round(high), below: high < 0.05 };
  });
  const overBudget = plants.filter((p) => p.verdict.escapes > 0.005 * p.verdict.inOpenEpoch);
  const touched = plants.reduce((sum, p) => sum + p.gates.reduce((n, g) => n + g.touchedSafety, 0), 0);
  const safetyPassed = plants.reduce((sum, p) => sum + p.verdict.safetyPassed, 0);
  const perArm = (list: readonly PlantResult[]) =>
    Object.fromEntries(ARMS.map((arm) => [arm, quantiles(list.map((p) => per100(p, arm)))]));
  const opened = plants.filter((p) => p.verdict.opened);
  return {
    acceptance: {
      medianReduction: { value: round(at(reductions, 0.5)), demand: 0.3, met: at(reductions, 0.5) >= 0.3 },
      lowerDecile: { value: round(at(reductions, 0.1)), demand: 0, met: at(reductions, 0.1) >= 0 },
      outside: { plants: harmless, demand: 0.05, met: harmless.every((h) => h.below) },
      coversAPlant: {
        value: Math.min(...plants.map((p) => p.covers)),
        demand: 3000,
        met: plants.every((p) => p.covers >= 3000),
      },
      escapesOverBudget: { plants: overBudget.map((p) => p.seed), demand: 4, met: overBudget.length <= 4 },
      safety: { stitchesTouched: touched, passed: safetyPassed, met: touched === 0 && safetyPassed === 0 },
    },
    interventionsPer100Good: { inside: perArm(inside), outside: perArm(outside) },
    reductionInside: {
      gateAgainstPid: against('pid', 'gate'),
      gateAgainstPidReached: against('pid', 'gate', 'reached'),
      gateAgainstGuide: against('guide', 'gate'),
      alwaysAgainstPid: against('pid', 'always'),
      alwaysAgainstPidReached: against('pid', 'always', 'reached'),
      reachableShareOfPid: quantiles(inside.map(reachable)),
      // Of what lies above the unavoidable: the share that the gate saved, over all plants together.
      savedOfReachable: round(
        total(inside.map((p) => per100(p, 'pid') - per100(p, 'gate'))) /
          total(inside.map((p) => per100(p, 'pid') * reachable(p))),
      ),
    },
    verdictGates: {
      opened: opened.length,
      of: plants.length,
      touchesPer100Stream: quantiles(opened.map((p) => (100 * p.verdict.touches) / p.verdict.stream)),
      escapes: total(plants.map((p) => p.verdict.escapes)),
      unitsInOpenEpochs: total(plants.map((p) => p.verdict.inOpenEpoch)),
    },
    correctionGates: Object.fromEntries(
      SETTINGS.map((setting) => [
        setting,
        Object.fromEntries(
          ['open', 'trial', 'refused', 'closed', 'shadow'].map((state) => [
            state,
            plants.reduce((n, p) => n + p.gates.filter((g) => g.states[setting] === state).length, 0),
          ]),
        ),
      ]),
    ),
  };
}
