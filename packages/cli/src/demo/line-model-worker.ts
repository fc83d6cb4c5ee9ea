import { parentPort, workerData } from 'node:worker_threads';
import { type LineModelWish, makeLineModel } from './line-model.js';

/** A thread that fits the demo's model, so that the line does not wait for it. */
await makeLineModel(workerData as LineModelWish);
parentPort?.postMessage('made');
