import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Observation } from '../observe/observation.js';
import { messageOf, type Runnable } from './runner.js';
import type { WorkerAnswer, WorkerRequest } from './worker.js';

/** One worker thread that is started again after a crash. */
export interface WorkerSlot {
  /**
   * Rejects when the worker answers with a fault, stops, or takes longer than the deadline (it is then told to
   * stop); the next call starts a new worker.
   */
  ask(what: WorkerRequest['what'], units: readonly Observation[]): Promise<unknown>;
  stop(): Promise<void>;
}

interface Running {
  readonly worker: Worker;
  readonly waiting: Map<number, { resolve(value: unknown): void; reject(error: Error): void }>;
  closing: boolean;
}

/** Starts in a row that may fail at once; each one after them waits, twice as long every time. */
const STARTS = 3;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;

/** Starts the first worker at once, so that a graph that cannot be opened is refused here. */
export async function openWorkerSlot(
  model: Runnable,
  { threads, deadlineMs }: { threads: number; deadlineMs: number },
): Promise<WorkerSlot> {
  let serial = 0;
  let failedStarts = 0;
  let notBeforeMs = 0;
  let closed = false;
  let running: Promise<Running> | null = null;
  const current = (): Promise<Running> => {
    if (running === null) {
      const own: Promise<Running> = start(model, threads, () => {
        if (running === own) running = null;
      });
      running = own;
    }
    return running;
  };
  await current();
  const abandon = (): void => {
    running = null;
  };
  const ask: WorkerSlot['ask'] = async (what, units) => {
    if (closed) throw new Error('the scorer was closed');
    // Whoever asks meanwhile is answered at once: a unit without a score goes to a person.
    if (performance.now() < notBeforeMs)
      throw new Error(`the worker could not be started ${failedStarts} times in a row; it is tried again`);
    let live: Running;
    try {
      live = await current();
      failedStarts = 0;
    } catch (error) {
      failedStarts++;
      const doubled = FIRST_PAUSE_MS * 2 ** (failedStarts - STARTS);
      if (failedStarts >= STARTS) notBeforeMs = performance.now() + Math.min(LONGEST_PAUSE_MS, doubled);
      throw error;
    }
    const { worker, waiting } = live;
    const id = serial++;
    const answered = new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        abandon();
        dismiss(live);
        lose(live, new Error(`no answer within ${deadlineMs} ms`));
      }, deadlineMs);
      const settle = (): void => clearTimeout(timer);
      waiting.set(id, {
        resolve: (value) => {
          settle();
          resolve(value);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      });
      if (worker.threadId === -1) {
        lose(live, new Error('the worker has stopped'));
        return;
      }
      try {
        worker.postMessage({ id, what, units } satisfies WorkerRequest);
      } catch (error) {
        // An observation that cannot be copied to a thread is this caller's fault alone.
        waiting.get(id)?.reject(new Error(messageOf(error)));
        waiting.delete(id);
      }
    });
    hold(live);
    return answered.finally(() => hold(live));
  };
  return {
    ask,
    stop: async () => {
      const live = await running?.catch(() => null);
      closed = true;
      if (!live) return;
      lose(live, new Error('the scorer was closed'));
      const gone = new Promise((resolve) => live.worker.once('exit', resolve));
      // The caller waits for the end of an idle worker: without this the process could end first.
      live.closing = true;
      hold(live);
      dismiss(live);
      await gone;
    },
  };
}

/**
 * Asks a worker to end after what it is doing. A thread is never terminated: that kills the whole process where
 * it happens inside a native run.
 */
function dismiss({ worker }: Running): void {
  worker.postMessage('stop');
}

/** A worker keeps the process while it is asked or closed, and never while it is idle. */
function hold({ worker, waiting, closing }: Running): void {
  if (closing || waiting.size > 0) worker.ref();
  else worker.unref();
}

function lose({ waiting }: Running, error: Error): void {
  const all = [...waiting.values()];
  waiting.clear();
  for (const one of all) one.reject(error);
}

function start(model: Runnable, threads: number, stopped: () => void): Promise<Running> {
  const worker = createWorker({ model, threads });
  const live: Running = { worker, waiting: new Map(), closing: false };
  return new Promise((resolve, reject) => {
    let why = 'the worker stopped';
    worker.on('message', (answer: WorkerAnswer) => {
      if ('ready' in answer) {
        hold(live);
        resolve(live);
      } else if ('refused' in answer) {
        reject(new Error(answer.refused));
      } else {
        const one = live.waiting.get(answer.id);
        live.waiting.delete(answer.id);
        if ('fault' in answer) one?.reject(new Error(answer.fault));
        else one?.resolve(answer.value);
      }
    });
    worker.on('error', (error) => {
      why = `the worker stopped: ${messageOf(error)}`;
    });
    worker.on('exit', () => {
      stopped();
      reject(new Error(why));
      lose(live, new Error(why));
    });
  });
}

/** From sources (tests, development) the worker is TypeScript and needs the loader; built, it is plain JS. */
function createWorker(workerData: { model: Runnable; threads: number }): Worker {
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL('./worker.js', import.meta.url), { workerData });
  }
  // The ESM face: the other one registers a file that is not where it looks for it.
  const loader = new URL('index.mjs', pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm/api')))
    .href;
  const entry = new URL('./worker.ts', import.meta.url).href;
  // `--import tsx` does not reach the entry of a worker thread on Node 20; registering inside does. Flags of the
  // process are left behind, so that its loader is not registered a second time.
  const code = `import(${JSON.stringify(loader)}).then((tsx) => { tsx.register(); return import(${JSON.stringify(entry)}); });`;
  return new Worker(code, { workerData, eval: true, execArgv: ['--conditions=@selvedge/source'] });
}
