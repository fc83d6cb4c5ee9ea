import type { LiveTagsOf, LiveValuesOf } from '@selvedge/core/records';
import { extent, ticks } from '../parts/scale.js';

type Scalar = number | string | boolean | null;

/** What one unit needed of a picture. */
interface Room {
  readonly low: number;
  readonly high: number;
  readonly length: number;
}

/** A list that grows while a unit is being made. A reading that is no number is NaN. */
export interface GrowingTrace {
  readonly values: readonly number[];
  /** The whole of it at the unit before; empty where that was not seen. */
  readonly before: readonly number[];
  /** Of the units before, the newest last. */
  readonly rooms: readonly Room[];
}

/** What is seen of a station while it makes a unit. */
export interface Seen {
  /** Null: the server has not said yet what there is to see. */
  readonly tags: LiveTagsOf['tags'] | null;
  readonly traces: ReadonlyMap<string, GrowingTrace>;
  readonly scalars: ReadonlyMap<string, Scalar>;
  /** Tags that have no good value now; a list stays drawn as it was. */
  readonly lost: ReadonlySet<string>;
  /** When a good value last came, steady ms; null: never. */
  readonly changedAt: number | null;
}

export const NOTHING_SEEN: Seen = {
  ...{ tags: null, traces: new Map(), scalars: new Map(), lost: new Set() },
  changedAt: null,
};

/** Units whose room is remembered: the scale stands still from unit to unit, and a spike is forgotten in the end. */
const UNITS = 20;

/** A new connection says again what there is; what was seen stays until new values come. */
export const withTags = (seen: Seen, tags: LiveTagsOf['tags']): Seen => ({ ...seen, tags });

/** Takes in what changed. @param at steady ms */
export function withValues(seen: Seen, values: LiveValuesOf['values'], at: number): Seen {
  const traces = new Map(seen.traces);
  const scalars = new Map(seen.scalars);
  const lost = new Set(seen.lost);
  for (const [tag, value] of Object.entries(values)) {
    if (value === null) lost.add(tag);
    else lost.delete(tag);
    if (Array.isArray(value)) {
      scalars.delete(tag);
      traces.set(
        tag,
        grown(
          traces.get(tag),
          value.map((one) => one ?? Number.NaN),
        ),
      );
    } else if (value !== null || !traces.has(tag)) {
      traces.delete(tag);
      scalars.set(tag, value);
    }
  }
  const good = Object.values(values).some((value) => value !== null);
  return { ...seen, traces, scalars, lost, changedAt: good ? at : seen.changedAt };
}

function grown(trace: GrowingTrace | undefined, values: readonly number[]): GrowingTrace {
  if (trace === undefined) return { values, before: [], rooms: [] };
  const last = trace.values.length - 1;
  // The server sends the whole of it so far: what does not begin as before is another unit.
  const same =
    values.length > last &&
    Object.is(values[last], trace.values[last]) &&
    Object.is(values[0], trace.values[0]);
  if (same || last < 0) return { ...trace, values };
  const room = roomOf(trace.values);
  return {
    values,
    before: trace.values,
    rooms: room === null ? trace.rooms : [...trace.rooms, room].slice(-UNITS),
  };
}

function roomOf(values: readonly number[]): Room | null {
  const found = extent(values);
  return found && { ...found, length: values.length };
}

/** How a trace is drawn: the same for every unit as long as nothing leaves it. */
export interface Frame {
  readonly low: number;
  readonly high: number;
  /** Readings over the whole width. */
  readonly length: number;
  /** It goes to both sides of zero: zero is where it should be, and stands in the middle. */
  readonly around: boolean;
}

/** Either side of zero with less than this share of the other is no side. */
const SIDE = 0.1;

/** The frame of everything remembered; null where nothing was measured. Its bounds are round, so that they seldom move. */
export function frameOf({ values, rooms }: GrowingTrace): Frame | null {
  const now = roomOf(values);
  const all = now === null ? rooms : [...rooms, now];
  const range = extent(all.flatMap(({ low, high }) => [low, high]));
  if (range === null) return null;
  const longest = Math.max(...all.map(({ length }) => length));
  // How long a unit is shows when one is done; until then the width grows in steps.
  const length = rooms.length > 0 ? longest : roundUp(longest, LENGTHS);
  const [under, over] = [Math.max(0, -range.low), Math.max(0, range.high)];
  const around = Math.min(under, over) > SIDE * Math.max(under, over);
  if (around) {
    const most = roundUp(Math.max(under, over), VALUES);
    return { low: -most, high: most, length, around };
  }
  if (range.low === range.high) {
    const pad = Math.abs(range.low) || 1;
    return { low: range.low - pad, high: range.high + pad, length, around };
  }
  const [first = range.low, second = range.high] = ticks(
    range.low,
    range.low + (range.high - range.low) * 4,
    16,
  );
  const step = second - first;
  return {
    low: Math.floor(range.low / step + 1e-9) * step,
    high: Math.ceil(range.high / step - 1e-9) * step,
    length,
    around,
  };
}

/** Steps of a scale: a length that grows moves seldom, a bound leaves little empty. */
const LENGTHS = [1, 2, 3, 5, 8, 10];
const VALUES = [1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

/** The next step times a power of ten. */
function roundUp(value: number, steps: readonly number[]): number {
  if (!(value > 0)) return 1;
  const size = 10 ** Math.floor(Math.log10(value));
  const step = steps.find((one) => one * size >= value * 0.999_999) ?? 10;
  return Number((step * size).toPrecision(12));
}
