/**
 * Keeps at most `limit` points of a stream of unknown length, evenly spaced, plus the last one: when it is
 * full, every second point is dropped and the stride doubles.
 */
export function sampledTrace<T>(limit: number) {
  let kept: T[] = [];
  let stride = 1;
  let seen = 0;
  let last: T | undefined;
  return {
    offer(point: T): void {
      last = point;
      if (seen++ % stride !== 0) return;
      kept.push(point);
      if (kept.length < limit) return;
      kept = kept.filter((_, i) => i % 2 === 0);
      stride *= 2;
    },
    points(): T[] {
      return last === undefined || kept.at(-1) === last ? [...kept] : [...kept, last];
    },
  };
}
