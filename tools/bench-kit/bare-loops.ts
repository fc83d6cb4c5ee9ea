import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** Bare loops of decode and `session.run` in threads of their own. */
export interface BareLoops {
  /** Scores of all pictures, in order; the threads share them evenly. */
  score(sources: readonly Uint8Array[]): Promise<number[]>;
  close(): Promise<void>;
}

export async function openBareLoops(options: {
  readonly graph: Uint8Array;
  readonly side: number;
  readonly batch: number;
  readonly workers: number;
}): Promise<BareLoops> {
  const { workers, ...workerData } = options;
  const threads = Array.from(
    { length: workers },
    () => new Worker(new URL('bare-loop.mjs', import.meta.url), { workerData, execArgv: [] }),
  );
  await Promise.all(threads.map((thread) => once(thread, 'message')));
  return {
    score: async (sources) => {
      const share = Math.ceil(sources.length / workers);
      const answers = await Promise.all(
        threads.map(async (thread, t) => {
          const answered = once(thread, 'message');
          thread.postMessage(sources.slice(t * share, (t + 1) * share));
          const [scores] = (await answered) as [number[]];
          return scores;
        }),
      );
      return answers.flat();
    },
    close: async () => {
      await Promise.all(
        threads.map((thread) => {
          const gone = once(thread, 'exit');
          thread.postMessage('stop');
          return gone;
        }),
      );
    },
  };
}
