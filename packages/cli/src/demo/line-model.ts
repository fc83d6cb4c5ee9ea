import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FitUnit } from '@selvedge/models';
import { drawPlant, guideController, PidController, runMachine, TUNED_PID } from '@selvedge/pack-seat-sewing';
import { choiceOf } from './sewing-site.js';

/** Plants at which the model was made: never those of the demo, whose seeds are small. */
const MADE_AT = [900_001, 900_002, 900_003];
/** Covers of each plant. */
const COVERS = 50;

/**
 * Fits the model that travels to the demo's plants: seams of three other simulated plants, judged by a person who misses
 * nothing. It brings no authority with it. Returns the ONNX file; its manifest lies beside it.
 */
export async function makeLineModel(
  folder: string,
  covers = COVERS,
): Promise<{ file: string; name: string; covers: number }> {
  const { fitModel } = await import('@selvedge/models');
  const units: FitUnit[] = [];
  for (const [n, seed] of MADE_AT.entries()) {
    // Where a mechanical guide steers there is more to see of what can be wrong.
    const controller = n % 2 === 0 ? guideController() : new PidController(TUNED_PID);
    const made = runMachine(drawPlant(seed), { machine: 0, controller, covers });
    for (const { finished, truth, traces } of made) {
      const channels = [traces.consumption, traces.tension, traces.torque, traces.footHeight, traces.offset];
      const length = traces.offset.length;
      const values = new Float32Array(length * channels.length);
      for (const [c, one] of channels.entries())
        for (let i = 0; i < length; i++) values[i * channels.length + c] = one[i] ?? Number.NaN;
      units.push({
        ...{ id: `${seed}-${finished.context.cover}`, label: choiceOf(truth.label), group: `plant-${seed}` },
        observation: { kind: 'series', channels: channels.length, values },
      });
    }
  }
  const model = await fitModel(units, { recipe: 'supervised', seed: 1 });
  const file = join(folder, 'seam.onnx');
  const outputs = ['score', ...(model.classes === null ? [] : ['class_scores'])];
  await writeFile(file, model.onnx);
  await writeFile(
    `${file}.json`,
    JSON.stringify({
      ...{ name: model.name, input: model.input, inputShape: model.inputShape, outputs },
      ...(model.classes === null ? {} : { classes: model.classes }),
    }),
  );
  return { file, name: model.name, covers: units.length };
}
