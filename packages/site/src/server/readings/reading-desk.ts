import type { Worker } from 'node:worker_threads';
import { openThread } from '../../open-thread.js';
import type { Reading, ReadingRequest, ToldOf, WishOf } from './readings.js';

interface Waiting {
  readonly resolve: (told: never) => void;
  readonly reject: (error: Error) => void;
}

type Message = { readonly id: number } & ({ readonly told: never } | { readonly refused: string });

/**
 * Long readings of the record in a thread of their own, so that a page that somebody opens never holds up a unit. The
 * thread is there once it is needed; it reads what is committed.
 */
export class ReadingDesk {
  readonly #file: string;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #ids = 0;
  #closed = false;

  /** @param file of the journal. */
  constructor(file: string) {
    this.#file = file;
  }

  /** @throws Error where the record cannot be read or the thread has ended. */
  read<K extends Reading>(what: K, wish: WishOf<K>): Promise<ToldOf<K>> {
    if (this.#closed) return Promise.reject(new Error('nothing more is read: the site is closing'));
    this.#worker ??= this.#start();
    const worker = this.#worker;
    const request: ReadingRequest = { id: this.#ids++, what, wish };
    return new Promise<ToldOf<K>>((resolve, reject) => {
      this.#waiting.set(request.id, { resolve, reject });
      worker.ref();
      worker.postMessage(request);
    });
  }

  /** Resolves when the thread has closed the record; what is being read comes to its end. */
  async close(): Promise<void> {
    this.#closed = true;
    const worker = this.#worker;
    if (worker === null) return;
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    worker.ref();
    worker.postMessage('end');
    await ended;
  }

  #start(): Worker {
    const worker = openThread(new URL('./reading-worker.js', import.meta.url), this.#file);
    worker.unref();
    worker.on('message', (message: Message) => {
      const waiting = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      // A process that has nothing else to do is not held up.
      if (this.#waiting.size === 0 && !this.#closed) worker.unref();
      if ('told' in message) waiting?.resolve(message.told);
      else waiting?.reject(new Error(message.refused));
    });
    const end = (error: Error): void => {
      if (this.#worker === worker) this.#worker = null;
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
    };
    worker.once('error', end);
    worker.once('exit', () => end(new Error('the thread that reads has ended')));
    return worker;
  }
}
