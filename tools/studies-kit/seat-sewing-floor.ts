import { type Plant, PRIORS, partOfCover, SEAM_STITCHES } from '@selvedge/pack-seat-sewing';

const MACHINES = 2;

/**
 * Expected interventions per 100 covers at a plant whose threads always lock in the middle, whose needle is always new
 * and whose seam never leaves its line: broken threads (threaded anew and sewn anew), skipped stitches and missing
 * back-tacks at their smallest hazards. No controller of steering and tension can have fewer; only the rest is to be
 * had. From the plant's constants alone, over the parts that it sews.
 */
export function unavoidable(plant: Plant, coversPerMachine: number): number {
  const { breakHazard, skipHazard } = plant.constants;
  let acts = 0;
  for (let machine = 0; machine < MACHINES; machine++)
    for (let cover = 0; cover < coversPerMachine; cover++) {
      const part = plant.parts[partOfCover(plant, machine, cover)];
      const crossing = part?.crossing.reduce((n, on) => n + on, 0) ?? 0;
      const skips = skipHazard * (SEAM_STITCHES + crossing * (PRIORS.skipAtCrossSeam.value - 1));
      const breaks = breakHazard * SEAM_STITCHES;
      acts += breaks + 1 - (1 - PRIORS.missingBackTackRate.value) * Math.exp(-skips - breaks);
    }
  return (100 * acts) / (MACHINES * coversPerMachine);
}
