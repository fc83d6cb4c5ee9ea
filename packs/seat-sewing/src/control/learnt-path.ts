/** What each part's path curves beyond its template, learnt from cover to cover (iterative learning control). */
export class LearntPath {
  readonly #tables = new Map<number, { path: Float64Array; covers: number }>();
  readonly #stitches: number;

  constructor(stitches: number) {
    this.#stitches = stitches;
  }

  /** 1/mm at each stitch; zeros for a part that was never sewn. */
  of(part: number): Float64Array {
    return this.#entry(part).path;
  }

  /** Covers that taught this part. */
  covers(part: number): number {
    return this.#entry(part).covers;
  }

  /**
   * Takes in what a cover left unexplained (1/mm at each stitch). The first covers are averaged, later ones count
   * with `least`. `smooth` = stitches on either side that share one value: chance of one cover is no path.
   */
  learn(
    part: number,
    left: Float64Array,
    { least, smooth }: { readonly least: number; readonly smooth: number },
  ): void {
    const entry = this.#entry(part);
    const share = Math.max(least, 1 / (entry.covers + 2));
    const half = Math.round(smooth);
    const n = this.#stitches;
    let sum = 0;
    let from = 0;
    let to = 0;
    for (let s = 0; s < n; s++) {
      while (to < Math.min(n, s + half + 1)) sum += left[to++]!;
      while (from < s - half) sum -= left[from++]!;
      entry.path[s]! += (share * sum) / (to - from);
    }
    entry.covers++;
  }

  #entry(part: number): { path: Float64Array; covers: number } {
    let entry = this.#tables.get(part);
    if (entry === undefined) {
      entry = { path: new Float64Array(this.#stitches), covers: 0 };
      this.#tables.set(part, entry);
    }
    return entry;
  }
}
