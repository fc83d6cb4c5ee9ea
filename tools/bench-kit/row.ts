/** One line of the bench. A row without a limit is a report. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly limit?: { readonly atLeast: number } | { readonly atMost: number };
  /** What the figure rests on: sizes, seed, and the figure of a peer where one is quoted. */
  readonly note?: string;
}

/** What every module of `tools/bench` exports as `run`. */
export type Bench = (options: { readonly progress: Progress }) => Promise<Row[]>;

/** Called with 0..1 and what has just been done. */
export type Progress = (done: number, what: string) => void;
