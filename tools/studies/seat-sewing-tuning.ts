import type { Step } from '@selvedge/cli';
import {
  ADVISER_DIMENSIONS,
  adviserGainsAt,
  type Controller,
  CorrectedController,
  drawPlant,
  PID_DIMENSIONS,
  PidController,
  type PidGains,
  pidGainsAt,
  runMachine,
  SEAM_STITCHES,
} from '@selvedge/pack-seat-sewing';
import { separableCma } from '../studies-kit/separable-cma.js';

/**
 * Tunes the PID and then the adviser on top of it, with the same optimiser, budget, seed, plants and objective
 * (docs/decisions/0020). `tools/studies-kit/export-tuned-gains.ts` turns the result into the generated file.
 */
const PLANTS = Array.from({ length: 12 }, (_, i) => 501 + i);
const COVERS = 128;
const GENERATIONS = 20;
const POPULATION = 12;
/** Of a planned change of needle or bobbin, in interventions. */
const PLANNED_COST = 0.1;

/** Interventions and a tenth of the planned changes, per 100 covers, over the training plants. */
function objective(make: () => Controller): number {
  let cost = 0;
  for (const [i, seed] of PLANTS.entries()) {
    const run = { machine: i % 2, controller: make(), covers: COVERS };
    for (const { finished, planned } of runMachine(drawPlant(seed), run))
      cost += finished.acts.length + PLANNED_COST * (Number(planned.bobbin) + Number(planned.needle));
  }
  return (100 * cost) / (PLANTS.length * COVERS);
}

const advised = (pid: PidGains, at: ArrayLike<number>) => () =>
  new CorrectedController({ pid, adviser: adviserGainsAt(at, pid), gate: null, stitches: SEAM_STITCHES });

/** Both searches; `runs` = generations of each. */
export async function run(options: {
  readonly seed: number;
  readonly runs?: number | undefined;
  readonly progress: (done: number, what: string) => void;
  readonly step: Step;
}): Promise<object> {
  const { seed, runs: generations = GENERATIONS, progress, step } = options;
  const search = (name: string, dimensions: number, make: (at: ArrayLike<number>) => () => Controller) =>
    separableCma({
      dimensions,
      sigma: 0.5,
      generations,
      population: POPULATION,
      seed,
      evaluate: async (candidates, generation) => {
        const values = await step(`${name}-${generation}`, async () =>
          candidates.map((at) => objective(make(at))),
        );
        progress(
          (generation + 1) / (2 * generations) + (name === 'pid' ? 0 : 0.5),
          `${name} ${Math.min(...values).toFixed(3)}`,
        );
        return values;
      },
    });
  const pid = await search('pid', PID_DIMENSIONS, (at) => () => new PidController(pidGainsAt(at)));
  const pidGains = pidGainsAt(pid.best);
  const adviser = await search('adviser', ADVISER_DIMENSIONS, (at) => advised(pidGains, at));
  return {
    origin: 'simulated',
    plants: PLANTS,
    covers: COVERS,
    evaluationsEach: pid.evaluations,
    pid: { gains: pidGains, objective: pid.value },
    adviser: { gains: adviserGainsAt(adviser.best, pidGains), objective: adviser.value },
  };
}
