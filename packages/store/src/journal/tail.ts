import type { Entry } from './entry.js';

/** Rows kept, and characters of their bodies. */
const MOST_ROWS = 1_000;
const MOST_CHARACTERS = 4_000_000;

/** The newest rows as they were committed, so that of many who follow not each reads and parses every row anew. */
export class Tail {
  /** Neighbours, oldest first. */
  #rows: { readonly entry: Entry; readonly characters: number }[] = [];
  #characters = 0;

  /** Rows that follow those added before. */
  add(rows: readonly { readonly entry: Entry; readonly characters: number }[]): void {
    for (const { characters } of rows) this.#characters += characters;
    this.#rows.push(...rows);
    let gone = 0;
    while (
      this.#rows.length - gone > 1 &&
      (this.#rows.length - gone > MOST_ROWS || this.#characters > MOST_CHARACTERS)
    )
      this.#characters -= this.#rows[gone++]!.characters;
    this.#rows.splice(0, gone);
  }

  /** Up to `limit` rows after `seq`, or null where they are no longer all here. */
  after(seq: number, limit: number): Entry[] | null {
    const first = this.#rows[0]?.entry.seq;
    if (first === undefined || seq + 1 < first) return null;
    return this.#rows.slice(seq + 1 - first, seq + 1 - first + limit).map(({ entry }) => entry);
  }
}
