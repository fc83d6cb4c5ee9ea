/** @throws RangeError unless `value` lies strictly between 0 and 1 (NaN included). */
export const requireShare = (name: string, value: number): void => {
  if (!(value > 0 && value < 1)) throw new RangeError(`${name} must lie between 0 and 1, got ${value}`);
};

/** @throws RangeError unless `0 <= k <= n` and both are whole numbers. */
export const requireCounts = (k: number, n: number): void => {
  if (!(Number.isInteger(k) && Number.isInteger(n) && k >= 0 && k <= n)) {
    throw new RangeError(`need whole numbers 0 <= k <= n, got k=${k}, n=${n}`);
  }
};

/** @throws RangeError if the two lists differ in length. */
export const requireSameLength = (names: string, a: ArrayLike<unknown>, b: ArrayLike<unknown>): void => {
  if (a.length !== b.length)
    throw new RangeError(`${names} must have equal length, got ${a.length} and ${b.length}`);
};
