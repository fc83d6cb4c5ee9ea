import type { Entry } from '../journal/entry.js';
import type { Database } from '../sqlite/database.js';

/**
 * A table that is nothing but a fold of the journal. It is brought forward in the transaction of the rows that it
 * folds and can be dropped and made anew at any time with the same result: `apply` may read its own tables and the row,
 * nothing else, no clock, no chance.
 */
export interface Projection {
  /** Also the prefix of its tables. */
  readonly name: string;
  /** Raised whenever `create` or `apply` changes: the tables are then made anew on opening. */
  readonly version: number;
  /** Its tables, by name; dropped before they are made anew. */
  readonly tables: readonly string[];
  create(db: Database): void;
  /**
   * Makes the function that is called once for each row, in order. What it keeps in memory must be no more than a copy
   * of its tables: after a commit that failed it is made anew.
   */
  prepare(db: Database): (entry: Entry) => void;
}
