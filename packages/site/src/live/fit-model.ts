import type { FitUnit, ObservationKind } from '@selvedge/models';
import { openThread } from '../open-thread.js';

export interface FitRequest {
  readonly units: readonly FitUnit[];
  readonly recipe: 'auto' | 'novelty' | 'supervised';
  readonly seed: number;
}

/** What a fit leaves behind: plain data that crosses threads. */
export interface FittedForSite {
  readonly name: string;
  readonly recipe: string;
  readonly why: string;
  readonly onnx: Uint8Array;
  readonly input: ObservationKind;
  readonly inputShape: readonly number[];
  readonly classes: readonly string[] | null;
  readonly outOfFold: Float64Array;
  readonly parity: string;
}

type Message =
  | { readonly progress: number; readonly what: string }
  | { readonly fitted: FittedForSite }
  | { readonly refused: string };

/**
 * Fits a model in a thread of its own. A fit that is aborted is left to end by itself and does not hold the process: a
 * thread that is terminated within a native run takes the whole process along.
 * @throws Error with the reason where the units cannot carry the recipe, the thread died, or `signal` was aborted.
 */
export function fitInThread(
  request: FitRequest,
  progress?: (done: number, what: string) => void,
  signal?: AbortSignal,
): Promise<FittedForSite> {
  const worker = openThread(new URL('./fit-worker.js', import.meta.url), request);
  return new Promise<FittedForSite>((resolve, reject) => {
    const abort = (): void => {
      worker.postMessage('stop');
      worker.unref();
      reject(new Error('the fit was stopped'));
    };
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    worker.once('exit', () => signal?.removeEventListener('abort', abort));
    worker.on('message', (message: Message) => {
      if ('progress' in message) progress?.(message.progress, message.what);
      else if ('fitted' in message) resolve(message.fitted);
      else reject(new Error(message.refused));
    });
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the thread of the fit has ended')));
  });
}
