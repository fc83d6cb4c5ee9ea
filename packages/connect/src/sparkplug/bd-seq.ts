import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The number of births and deaths of an edge node, which ties a death to its birth over restarts: 0 at first, one more for
 * each CONNECT, 0 again after 255 (tck-id-topics-nbirth-bdseq-increment). It is on disk before the CONNECT that uses it.
 */
export class BdSeq {
  readonly #file: string;
  #next: number;

  /** `folder` exists and is the edge node's own. A file that cannot be read counts as none. */
  constructor(folder: string) {
    this.#file = join(folder, 'bd-seq');
    this.#next = this.#read();
  }

  take(): number {
    const now = this.#next;
    this.#next = (now + 1) % 256;
    const draft = `${this.#file}.tmp`;
    const file = openSync(draft, 'w', 0o600);
    try {
      writeSync(file, `${this.#next}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, this.#file);
    return now;
  }

  #read(): number {
    try {
      const text = readFileSync(this.#file, 'utf8').trim();
      const number = /^\d{1,3}$/.test(text) ? Number(text) : 0;
      return number < 256 ? number : 0;
    } catch {
      return 0;
    }
  }
}
