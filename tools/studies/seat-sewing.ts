import type { Step } from '@selvedge/cli';
import { MENDED_ADVISER, OUTSIDE, TUNED_PID } from '@selvedge/pack-seat-sewing';
import { type PlantResult, runOneArm, runPlant } from '../studies-kit/seat-sewing-plant.js';
import { plantRow, summary } from '../studies-kit/seat-sewing-summary.js';

/**
 * A gate on corrections against a PID that was tuned with the same effort, at plants never used in development: 24 of
 * the priors and 6 outside of them. Acceptance, split of seeds and the one look: docs/decisions/0020.
 */
const INSIDE = 24;
const COVERS_A_MACHINE = 2000;

/** Plants of study seed k: 6000 + 1000 k + 1..24, and + 101..106 for the outside ones. `runs` = plants of the prior. */
export async function run(options: {
  readonly seed: number;
  readonly runs?: number | undefined;
  readonly progress: (done: number, what: string) => void;
  readonly step: Step;
}): Promise<object> {
  const { seed, runs = INSIDE, progress, step } = options;
  const base = 6000 + 1000 * seed;
  const wanted = [
    ...Array.from({ length: runs }, (_, i) => ({ seed: base + 1 + i, outside: null })),
    ...OUTSIDE.map(({ name }, i) => ({ seed: base + 101 + i, outside: name })),
  ];
  const gains = { pid: TUNED_PID, adviser: MENDED_ADVISER };
  const each = { coversPerMachine: COVERS_A_MACHINE, gains };
  const plants: PlantResult[] = [];
  for (const [i, which] of wanted.entries()) {
    const all = { ...which, ...each };
    // A step of its own: an interrupted run has less to make again.
    const always = await step(`always-${which.seed}`, async () => runOneArm(all, 'always'));
    plants.push(await step(`plant-${which.seed}`, async () => runPlant(all, always)));
    progress((i + 1) / wanted.length, `plant ${which.seed} ${which.outside ?? ''}`);
  }
  return {
    origin: 'simulated',
    what: 'interventions per 100 good covers, paired by common random numbers; reductions are shares of the tuned PID',
    ...summary(plants),
    plants: plants.map(plantRow),
  };
}
