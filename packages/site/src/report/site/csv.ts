import type { Cell } from './make-site-report.js';

/** Collects a CSV file (RFC 4180) of a few million lines without one huge text. */
export class CsvLines {
  readonly #done: Buffer[] = [];
  #lines: string[] = [];
  count = 0;

  constructor(columns: readonly string[]) {
    this.#lines.push(`${columns.join(',')}\r\n`);
  }

  add(cells: readonly Cell[]): void {
    this.count += 1;
    this.#lines.push(`${cells.map(cellText).join(',')}\r\n`);
    if (this.#lines.length >= 10_000) this.#pack();
  }

  bytes(): Buffer {
    this.#pack();
    return Buffer.concat(this.#done);
  }

  #pack(): void {
    this.#done.push(Buffer.from(this.#lines.join(''), 'utf8'));
    this.#lines = [];
  }
}

/** A text that a spreadsheet would run as a formula is shown as one: it begins with an apostrophe. */
function cellText(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell !== 'string') return String(cell);
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
