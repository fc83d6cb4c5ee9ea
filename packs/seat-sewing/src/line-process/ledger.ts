import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

export const LEDGER_FILE = 'ledger.jsonl';

/** What a site may tell a machine of a cover. */
export type Told = 'pass' | 'reject' | 'hold' | 'divert';

/** One row of what the line made and what it was told: the truth that studies compare a site's journal with. */
export type LedgerRow = { readonly atMs: number; readonly machine: string } & LedgerBody;

export type LedgerBody =
  /** The process began; earlier runs in the same folder came before. */
  | { readonly kind: 'run'; readonly run: number; readonly seed: number; readonly plant: string }
  /** A cover lies under the foot. */
  | { readonly kind: 'begun'; readonly unit: string; readonly part: string; readonly safety: boolean }
  /** It is sewn, and is shown to the site as this cycle. `label`, `faulty` are the truth. */
  | {
      readonly kind: 'made';
      readonly unit: string;
      readonly cycle: number;
      readonly safety: boolean;
      readonly label: string;
      readonly acts: readonly { readonly type: string; readonly seconds: number }[];
      readonly steering: number;
      readonly trim: number;
      readonly part: string;
      /** Covers of this part since its template was changed. */
      readonly learnt: number;
      /** Truth: mean distance of the lock from the middle, share of the thickness; mm rms beside the line in its curves. */
      readonly lockError: number;
      readonly curveError: number;
      /** Spool on the machine: a moment that changes the thread counts one on. */
      readonly spool: number;
      readonly threadLot: number;
      readonly hide: number;
      /** Hash of the traces. */
      readonly traces: string;
    }
  /** No verdict came in time: it lies on the rack. */
  | { readonly kind: 'held'; readonly unit: string }
  /** Shown again from the rack. */
  | {
      readonly kind: 'shown-again';
      readonly unit: string;
      readonly safety: boolean;
      readonly cycle: number;
    }
  /** A verdict was taken. */
  | { readonly kind: 'told'; readonly unit: string; readonly verdict: Told; readonly late: boolean }
  /** Sewn anew, on the site's word. */
  | { readonly kind: 're-sewn'; readonly unit: string; readonly seconds: number }
  /** A write that was not carried out, and why. */
  | { readonly kind: 'refused'; readonly tag: string; readonly value: string; readonly why: string }
  /** A setting was written. */
  | { readonly kind: 'set'; readonly tag: string; readonly value: number }
  /** The process stopped while the cover was sewn: taken out by hand. */
  | { readonly kind: 'spoilt'; readonly unit: string }
  /** Somebody asked for a moment at the control port. */
  | { readonly kind: 'moment'; readonly what: string };

/** A cover that was sewn. */
export type Made = Extract<LedgerRow, { kind: 'made' }>;

/** A file of JSON lines; each row is on disk when `write` returns. */
export class Ledger {
  readonly rows: readonly LedgerRow[];
  readonly #file: number;
  readonly #nowMs: () => number;

  private constructor(rows: readonly LedgerRow[], file: number, nowMs: () => number) {
    this.rows = rows;
    this.#file = file;
    this.#nowMs = nowMs;
  }

  /** Opens it with what earlier runs wrote. A last line that a kill cut short was never acknowledged: it does not count. */
  static open(folder: string, nowMs: () => number): Ledger {
    mkdirSync(folder, { recursive: true });
    const path = join(folder, LEDGER_FILE);
    const rows = readLedger(folder);
    const file = openSync(path, 'a');
    if (existsSync(path) && !readFileSync(path, 'utf8').match(/(^|\n)$/)) writeSync(file, '\n');
    return new Ledger(rows, file, nowMs);
  }

  write(machine: string, body: LedgerBody): void {
    writeSync(this.#file, `${JSON.stringify({ atMs: Math.round(this.#nowMs()), machine, ...body })}\n`);
    fsyncSync(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** Every whole row of a ledger, in order. */
export function readLedger(folder: string): LedgerRow[] {
  const path = join(folder, LEDGER_FILE);
  return existsSync(path) ? rowsOf(readFileSync(path, 'utf8')) : [];
}

/** A ledger that somebody else writes, read on from where it was read last. */
export class LedgerReader {
  readonly #path: string;
  readonly #rows: LedgerRow[] = [];
  #at = 0;

  constructor(folder: string) {
    this.#path = join(folder, LEDGER_FILE);
  }

  /** Every whole row so far, in order; the list is the reader's own and grows. */
  rows(): readonly LedgerRow[] {
    if (!existsSync(this.#path)) return this.#rows;
    const file = openSync(this.#path, 'r');
    try {
      const part = Buffer.alloc(1 << 20);
      for (;;) {
        const read = readSync(file, part, 0, part.length, this.#at);
        // A row that is being written is read when it is whole.
        const whole = part.subarray(0, read).lastIndexOf(10) + 1;
        if (whole === 0) return this.#rows;
        this.#rows.push(...rowsOf(part.toString('utf8', 0, whole)));
        this.#at += whole;
      }
    } finally {
      closeSync(file);
    }
  }
}

function rowsOf(text: string): LedgerRow[] {
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as LedgerRow];
    } catch {
      return [];
    }
  });
}
