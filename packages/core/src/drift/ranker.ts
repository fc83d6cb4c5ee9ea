const BLOCK = 512;

/**
 * Exact smoothed conformal p-values in arrival order:
 * p_t = (#{i < t : s_i > s_t} + u_t (#{i < t : s_i = s_t} + 1)) / t.
 * While the scores are exchangeable and the u_t independent and uniform, the p_t are independent and uniform,
 * which is what makes the martingale of `jumper.ts` valid. (1 + greater + u equal) / (t + 1), found in other
 * tools, is not uniform.
 *
 * Memory: 8 bytes a score, up to half of it spare; see `RoundedRanker` for a bounded one. Time: O(log n) a
 * score (sorted blocks of 512 under a Fenwick tree of their sizes).
 */
export class Ranker {
  private blocks: Float64Array[] = [new Float64Array(BLOCK)];
  private sizes: Int32Array = new Int32Array(1);
  private maxima: Float64Array = Float64Array.of(Number.NEGATIVE_INFINITY);
  private tree: Int32Array = new Int32Array(2);
  private total = 0;

  /** Scores seen so far. */
  get seen(): number {
    return this.total;
  }

  /**
   * @param score any number but NaN; higher = worse.
   * @param u independent of everything else and uniform on [0, 1).
   * @throws RangeError on NaN: such a unit goes to a person and is no evidence about the scores.
   */
  next(score: number, u: number): number {
    if (Number.isNaN(score)) throw new RangeError('a score that is NaN has no rank');
    const below = this.countBelow(score, false);
    const upTo = this.countBelow(score, true);
    this.insert(score);
    return (this.total - 1 - upTo + u * (upTo - below + 1)) / this.total;
  }

  /** How many kept scores are < score, or <= score if `inclusive`. */
  private countBelow(score: number, inclusive: boolean): number {
    const block = this.blockOf(score, inclusive);
    let count = 0;
    for (let i = block; i > 0; i -= i & -i) count += this.tree[i]!;
    if (block === this.blocks.length) return count;
    return count + lowerBound(this.blocks[block]!, this.sizes[block]!, score, inclusive);
  }

  /** The first block that holds a score >= score (> score if `inclusive`); the number of blocks if none does. */
  private blockOf(score: number, inclusive: boolean): number {
    return lowerBound(this.maxima, this.blocks.length, score, inclusive);
  }

  private insert(score: number): void {
    let block = Math.min(this.blockOf(score, false), this.blocks.length - 1);
    if (this.sizes[block] === BLOCK) {
      this.split(block);
      if (score > this.maxima[block]!) block += 1;
    }
    const values = this.blocks[block]!;
    const size = this.sizes[block]!;
    const at = lowerBound(values, size, score, true);
    values.copyWithin(at + 1, at, size);
    values[at] = score;
    this.sizes[block] = size + 1;
    this.maxima[block] = values[size]!;
    for (let i = block + 1; i < this.tree.length; i += i & -i) this.tree[i]! += 1;
    this.total += 1;
  }

  private split(block: number): void {
    const count = this.blocks.length + 1;
    const half = BLOCK / 2;
    const left = this.blocks[block]!;
    const right = new Float64Array(BLOCK);
    right.set(left.subarray(half));
    this.blocks.splice(block + 1, 0, right);
    const sizes = new Int32Array(count);
    sizes.set(this.sizes.subarray(0, block));
    sizes.set(this.sizes.subarray(block), block + 1);
    sizes[block] = half;
    sizes[block + 1] = half;
    this.sizes = sizes;
    const maxima = new Float64Array(count);
    maxima.set(this.maxima.subarray(0, block));
    maxima.set(this.maxima.subarray(block), block + 1);
    maxima[block] = left[half - 1]!;
    this.maxima = maxima;
    this.tree = fenwick(sizes);
  }
}

const fenwick = (sizes: Int32Array): Int32Array => {
  const tree = new Int32Array(sizes.length + 1);
  for (let i = 1; i < tree.length; i += 1) {
    tree[i]! += sizes[i - 1]!;
    const parent = i + (i & -i);
    if (parent < tree.length) tree[parent]! += tree[i]!;
  }
  return tree;
};

/** First index of values[0..size) (ascending) that is >= score, or > score if `inclusive`; size if none is. */
const lowerBound = (values: Float64Array, size: number, score: number, inclusive: boolean): number => {
  let low = 0;
  let high = size;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const value = values[middle]!;
    if (inclusive ? value <= score : value < score) low = middle + 1;
    else high = middle;
  }
  return low;
};
