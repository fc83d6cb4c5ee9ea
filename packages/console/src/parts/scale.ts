/** Places on an axis: round steps of 1, 2, 2.5 or 5, at most about `most` of them; `whole`: whole numbers only. */
export function ticks(low: number, high: number, most: number, whole = false): number[] {
  if (!(high > low)) return [low];
  const raw = (high - low) / Math.max(1, most);
  const size = 10 ** Math.max(whole ? 0 : Number.NEGATIVE_INFINITY, Math.floor(Math.log10(raw)));
  const step =
    (whole ? [1, 2, 5, 10] : [1, 2, 2.5, 5, 10]).map((m) => m * size).find((s) => s >= raw * 0.999) ??
    10 * size;
  const found: number[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++)
    found.push(Number((i * step).toPrecision(12)));
  return found;
}

const MINUTE = 60_000;
/** Steps in which people read a clock, minutes. */
const CLOCK_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10_080].map((m) => m * MINUTE);

/** Places on an axis of times: full minutes, hours or days of a place. @param offset local time less UTC, ms */
export function timeTicks(
  low: number,
  high: number,
  { most, offset }: { most: number; offset: number },
): number[] {
  const raw = (high - low) / Math.max(1, most);
  const step = CLOCK_STEPS.find((one) => one >= raw) ?? Math.ceil(raw / (1440 * MINUTE)) * 1440 * MINUTE;
  const found: number[] = [];
  for (let at = Math.ceil((low + offset) / step) * step - offset; at <= high; at += step) found.push(at);
  return found;
}

/** A value's place between two pixels. */
export const scale =
  (low: number, high: number, from: number, to: number) =>
  (value: number): number =>
    from + ((value - low) / (high - low || 1)) * (to - from);

/** The lowest and the highest of what is a number; null where nothing is. */
export function extent(values: Iterable<number>): { low: number; high: number } | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low > high ? null : { low, high };
}

/**
 * A path through readings, evenly spaced over a width. Of many readings a pixel the lowest and the highest are
 * drawn, so that no spike is lost. A reading that is no number leaves a gap.
 */
export function tracePath(values: readonly number[], width: number, y: (value: number) => number): string {
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  const bin = Math.max(1, Math.floor(values.length / Math.max(1, width)));
  const parts: string[] = [];
  let pen = 'M';
  const put = (i: number) => {
    const value = values[i];
    if (value === undefined || !Number.isFinite(value)) {
      pen = 'M';
      return;
    }
    parts.push(`${pen}${(i * step).toFixed(1)} ${y(value).toFixed(1)}`);
    pen = 'L';
  };
  for (let start = 0; start < values.length; start += bin) {
    let least = start;
    let most = start;
    for (let i = start; i < Math.min(values.length, start + bin); i++) {
      if (!Number.isFinite(values[i])) {
        least = i;
        most = i;
        break;
      }
      if ((values[i] ?? 0) < (values[least] ?? 0)) least = i;
      if ((values[i] ?? 0) > (values[most] ?? 0)) most = i;
    }
    for (const i of least === most ? [least] : [least, most].sort((a, b) => a - b)) put(i);
  }
  return parts.join('');
}

/** Stretches of readings that lie beyond a level, as pairs of first and last index. */
export function stretches(marks: readonly number[], level: number): (readonly [number, number])[] {
  const found: (readonly [number, number])[] = [];
  let start = -1;
  for (let i = 0; i <= marks.length; i++) {
    const beyond = i < marks.length && Math.abs(marks[i] ?? 0) >= level;
    if (beyond && start < 0) start = i;
    if (!beyond && start >= 0) {
      found.push([start, i - 1]);
      start = -1;
    }
  }
  return found;
}
