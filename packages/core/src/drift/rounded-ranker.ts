const PAGE_BITS = 10;
const PAGE = 1 << PAGE_BITS;

/**
 * The p-values of `Ranker` for scores rounded to 32-bit floats with eleven bits after the leading one (steps of
 * at most 1/2048 of the value). The rounding is fixed before the first score, so exchangeable scores stay
 * exchangeable, ties are broken by u, and the p-values stay exactly independent and uniform; a shift smaller
 * than a step is not seen. A reservoir or a fixed reference window would not keep the p-values independent.
 *
 * Memory: at most 4 MB however long the line runs, 4 kB at a time as new regions of scores appear.
 * Time: O(1) (three Fenwick walks of at most ten steps).
 */
export class RoundedRanker {
  private readonly top = new Int32Array(PAGE + 1);
  private readonly pages: (Int32Array | undefined)[] = new Array<Int32Array | undefined>(PAGE).fill(
    undefined,
  );
  private readonly bits = new Uint32Array(1);
  private readonly float = new Float32Array(this.bits.buffer);
  private total = 0;

  /** Scores seen so far. */
  get seen(): number {
    return this.total;
  }

  /** As `Ranker.next`. */
  next(score: number, u: number): number {
    if (Number.isNaN(score)) throw new RangeError('a score that is NaN has no rank');
    const cell = this.cellOf(score);
    const pageIndex = cell >>> PAGE_BITS;
    const page = this.pages[pageIndex] ?? new Int32Array(PAGE + 1);
    this.pages[pageIndex] = page;
    const inPage = cell & (PAGE - 1);
    const below = prefix(this.top, pageIndex) + prefix(page, inPage);
    const equal = prefix(page, inPage + 1) - prefix(page, inPage);
    const greater = this.total - below - equal;
    add(page, inPage);
    add(this.top, pageIndex);
    this.total += 1;
    return (greater + u * (equal + 1)) / this.total;
  }

  /** The upper 20 bits of the score's 32-bit float, ordered as the numbers are. */
  private cellOf(score: number): number {
    this.float[0] = score + 0;
    const bits = this.bits[0]!;
    return (bits & 0x80000000 ? ~bits : bits | 0x80000000) >>> 12;
  }
}

/** Sum of the first `count` cells. */
const prefix = (tree: Int32Array, count: number): number => {
  let sum = 0;
  for (let i = count; i > 0; i -= i & -i) sum += tree[i]!;
  return sum;
};

const add = (tree: Int32Array, cell: number): void => {
  for (let i = cell + 1; i < tree.length; i += i & -i) tree[i]! += 1;
};
