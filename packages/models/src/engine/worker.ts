import { parentPort, workerData } from 'node:worker_threads';
import type { Observation } from '../observe/observation.js';
import { messageOf, openRunner, type Runnable } from './runner.js';

/** Asked of a worker. Answers carry the same `id`. */
export interface WorkerRequest {
  readonly id: number;
  readonly what: 'score' | 'heat';
  readonly units: readonly Observation[];
}

export type WorkerAnswer =
  | { readonly ready: true }
  | { readonly refused: string }
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly fault: string };

const port = parentPort;
if (port !== null) {
  const { model, threads } = workerData as { model: Runnable; threads: number };
  try {
    const runner = await openRunner(model, threads);
    port.on('message', async (message: WorkerRequest | 'stop') => {
      if (message === 'stop') {
        await runner.release();
        port.close();
        return;
      }
      const { id, what, units } = message;
      try {
        const value = what === 'score' ? await runner.score(units) : await runner.heat(units[0]!);
        port.postMessage({ id, value } satisfies WorkerAnswer);
      } catch (error) {
        port.postMessage({ id, fault: messageOf(error) } satisfies WorkerAnswer);
      }
    });
    port.postMessage({ ready: true } satisfies WorkerAnswer);
  } catch (error) {
    port.postMessage({ refused: messageOf(error) } satisfies WorkerAnswer);
  }
}
