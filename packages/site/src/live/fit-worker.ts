import { parentPort, workerData } from 'node:worker_threads';
import { type FitUnit, fitModel, openScorer } from '@selvedge/models';
import { checkParity } from '@selvedge/release';
import type { FitRequest, FittedForSite } from './fit-model.js';

/** A thread that fits one model, so that the line does not wait for it. */
const { units, recipe, seed } = workerData as FitRequest;

const stop = new AbortController();
parentPort?.once('message', () => stop.abort());
// Listening alone keeps no thread alive.
parentPort?.unref();

try {
  const model = await fitModel(units as readonly FitUnit[], {
    recipe,
    seed,
    signal: stop.signal,
    progress: (done, what) => parentPort?.postMessage({ progress: done, what }),
  });
  const scorer = await openScorer(model, { workers: 0 });
  const parity = await checkParity(model, scorer);
  await scorer[Symbol.asyncDispose]();
  if (!parity.passed)
    throw new Error('the exported graph differs from the fitted recipe on its golden samples');
  const { name, why, onnx, input, inputShape, classes, outOfFold } = model;
  const fitted: FittedForSite = {
    ...{
      name,
      why,
      onnx,
      input,
      inputShape: [...inputShape],
      classes: classes === null ? null : [...classes],
    },
    recipe: model.recipe,
    outOfFold: Float64Array.from(outOfFold),
    parity: `graph and fitted recipe agree on ${parity.samples} golden samples: largest difference ${parity.worstScore.toExponential(1)} of the score range`,
  };
  parentPort?.postMessage({ fitted });
} catch (error) {
  parentPort?.postMessage({ refused: error instanceof Error ? error.message : String(error) });
}
