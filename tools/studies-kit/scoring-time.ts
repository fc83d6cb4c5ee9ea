import { type FitUnit, fitModel, openScorer } from '@selvedge/models';
import { drawPlant, guideController, runMachine } from '@selvedge/pack-seat-sewing';

const PLANT = 900_001;
const COVERS = 60;
/** Of a worker that has not scored yet. */
const WARM_UP = 20;

/**
 * Milliseconds to score the trace of one seam, again and again, by a model fitted to others of a simulated plant, in a
 * worker as a site has it.
 */
export async function timeScoring(times: number): Promise<number[]> {
  const made = [
    ...runMachine(drawPlant(PLANT), { machine: 0, controller: guideController(), covers: COVERS }),
  ];
  const units = made.map(({ truth, traces }, n): FitUnit => {
    const channels = [traces.consumption, traces.tension, traces.torque, traces.footHeight, traces.offset];
    const length = traces.offset.length;
    const values = new Float32Array(length * channels.length);
    for (const [c, one] of channels.entries())
      for (let i = 0; i < length; i++) values[i * channels.length + c] = one[i] ?? Number.NaN;
    return {
      id: `c${n}`,
      label: truth.label,
      observation: { kind: 'series', channels: channels.length, values },
    };
  });
  const { onnx, input, inputShape } = await fitModel(units, { recipe: 'novelty', seed: 1 });
  const scorer = await openScorer({ onnx, input, inputShape }, { workers: 1 });
  try {
    const took: number[] = [];
    for (let n = 0; n < times + WARM_UP; n++) {
      const unit = units[n % units.length];
      const from = performance.now();
      if (unit !== undefined) await scorer.score([unit.observation]);
      if (n >= WARM_UP) took.push(performance.now() - from);
    }
    return took;
  } finally {
    await scorer[Symbol.asyncDispose]();
  }
}
