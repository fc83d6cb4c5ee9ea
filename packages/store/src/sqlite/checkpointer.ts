import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { Database } from './database.js';

/** Bytes written between two looks of the thread: what SQLite's own checkpoint lets the log grow to, 1000 pages. */
const EVERY_BYTES = 4_000_000;
/** Pages of the log at which the writer brings over what the thread has left, so that the log begins anew: 32 MB. */
const PAGES_AT_MOST = 8_000;
/** What SQLite does by itself. */
const PAGES_ALONE = 1_000;

/** Plain text, so that it runs as it is from sources and from what is built. */
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads');
const { DatabaseSync } = require(workerData.driver);
const db = new DatabaseSync(workerData.file);
const checkpoint = db.prepare('PRAGMA wal_checkpoint(PASSIVE)');
parentPort.on('message', (end) => {
  if (!end) return checkpoint.get();
  db.close();
  parentPort.close();
});`;

/**
 * Brings what was committed from the write-ahead log into the file, on a thread of its own: in the writer's thread that
 * holds up the commit that it falls on and everything behind it. The thread is there once much was written; without it
 * SQLite does the same within commits.
 */
export class Checkpointer {
  readonly #file: string;
  readonly #db: Database;
  #worker: Worker | null = null;
  #since = 0;
  #alone = false;

  constructor(file: string, db: Database) {
    this.#file = file;
    this.#db = db;
  }

  /** Tells of bytes that a commit wrote. */
  wrote(bytes: number): void {
    this.#since += bytes;
    if (this.#since < EVERY_BYTES || this.#alone) return;
    this.#since = 0;
    this.#worker ??= this.#start();
    this.#worker.postMessage(false);
  }

  /** Resolves when the thread has closed the file. */
  async close(): Promise<void> {
    const worker = this.#worker;
    this.#alone = true;
    this.#worker = null;
    if (worker === null) return;
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    // Nobody else may keep the process alive until the file is closed.
    worker.ref();
    worker.postMessage(true);
    await ended;
  }

  #start(): Worker {
    const driver = createRequire(import.meta.url).resolve('@photostructure/sqlite');
    const worker = new Worker(THREAD, {
      eval: true,
      // No loader of the process: the thread needs nothing but the driver.
      execArgv: [],
      workerData: { driver, file: this.#file },
    });
    this.#db.exec(`PRAGMA wal_autocheckpoint = ${PAGES_AT_MOST}`);
    // A process that ends without closing is not held up.
    worker.unref();
    worker.once('error', () => {
      if (this.#worker !== worker) return;
      this.#alone = true;
      this.#worker = null;
      this.#db.exec(`PRAGMA wal_autocheckpoint = ${PAGES_ALONE}`);
    });
    return worker;
  }
}
