import { parentPort, workerData } from 'node:worker_threads';
import { openForReading } from '@selvedge/store';
import { READINGS, type ReadingRequest } from './readings.js';

/** The thread: reads beside the writer, one reading at a time, and closes the record when it is told to end. */
const db = openForReading(String(workerData));
let turn: Promise<void> = Promise.resolve();

parentPort?.on('message', (request: ReadingRequest | 'end') => {
  turn = turn.then(async () => {
    if (request === 'end') {
      db.close();
      parentPort?.close();
      return;
    }
    const { id, what, wish } = request;
    try {
      parentPort?.postMessage({ id, told: await READINGS[what](db, wish as never) });
    } catch (error) {
      parentPort?.postMessage({ id, refused: error instanceof Error ? error.message : String(error) });
    }
  });
});
