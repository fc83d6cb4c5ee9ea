import type {
  Observation,
  ObservationKind,
  RowObservation,
  SeriesObservation,
} from '../observe/observation.js';
import { Tensor } from './engine.js';

/** One tensor as plain data, so that it can cross to a worker thread. */
export type PlainTensor =
  | { readonly type: 'float32'; readonly data: Float32Array; readonly dims: readonly number[] }
  | { readonly type: 'uint8'; readonly data: Uint8Array; readonly dims: readonly number[] }
  | { readonly type: 'int64'; readonly data: BigInt64Array; readonly dims: readonly number[] };

/** Inputs of the graph for the units that could be read. */
export interface PreparedBatch {
  readonly feeds: Readonly<Record<string, PlainTensor>>;
  /** For each row of the batch, the index of its unit. */
  readonly rows: readonly number[];
  /** For each unit why it is not in the batch, or undefined. */
  readonly faults: readonly (string | undefined)[];
}

/** Turns observations of one kind into the inputs of a graph; `inputShape` is that of the fitted model. */
export type Prepare = (
  units: readonly Observation[],
  inputShape: readonly number[],
) => Promise<PreparedBatch>;

const PREPARE: Record<ObservationKind, () => Promise<Prepare>> = {
  series: async () => prepareSeries,
  row: async () => prepareRows,
  // Written as values so that the compiler does not need the other rooms to type-check this one.
  image: () => load('../image/prepare'),
  map: () => load('../map/prepare'),
  pair: async () => (await import('../pair/prepare.js')).prepare,
};

/** The prepare step of an observation kind; pictures and maps load their decoder on first use. */
export function prepareFor(kind: ObservationKind): Promise<Prepare> {
  return PREPARE[kind]();
}

async function load(path: string): Promise<Prepare> {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  const found = (await import(new URL(`${path}${extension}`, import.meta.url).href)) as { prepare: Prepare };
  return found.prepare;
}

/** `inputShape` `[length, channels]` for a fixed length, `[0, channels]` where the graph reads `length`. */
export const prepareSeries: Prepare = async (units, [length = 0, channels = 1]) => {
  const faults = units.map((unit) => seriesFault(unit, length, channels));
  const rows = units.flatMap((_, i) => (faults[i] === undefined ? [i] : []));
  const lengths = rows.map((i) => (units[i] as SeriesObservation).values.length / channels);
  const longest = length > 0 ? length : lengths.reduce((max, n) => Math.max(max, n), 1);
  const data = new Float32Array(rows.length * longest * channels);
  rows.forEach((i, k) => {
    data.set((units[i] as SeriesObservation).values, k * longest * channels);
  });
  const x: PlainTensor = { type: 'float32', data, dims: [rows.length, longest, channels] };
  if (length > 0) return { feeds: { x }, rows, faults };
  const count: PlainTensor = { type: 'float32', data: Float32Array.from(lengths), dims: [rows.length, 1] };
  return { feeds: { x, length: count }, rows, faults };
};

function seriesFault(unit: Observation, length: number, channels: number): string | undefined {
  if (unit.kind !== 'series') return `expected a series, got ${unit.kind}`;
  if (unit.channels !== channels) return `expected ${channels} channels, got ${unit.channels}`;
  const samples = unit.values.length / channels;
  if (samples === 0 || !Number.isInteger(samples))
    return `a series of ${unit.values.length} values is incomplete`;
  if (length > 0 && samples !== length) return `expected ${length} samples, got ${samples}`;
  const at = unit.values.findIndex((v) => !Number.isFinite(v));
  return at < 0 ? undefined : `value ${at + 1} of the series is not a finite number`;
}

/** `inputShape` is `[width]`. Empty cells (NaN) pass; an infinite value or a row without any value does not. */
export const prepareRows: Prepare = async (units, [width = 0]) => {
  const faults = units.map((unit) => {
    if (unit.kind !== 'row') return `expected a row, got ${unit.kind}`;
    if (unit.values.length !== width) return `expected ${width} values, got ${unit.values.length}`;
    const at = unit.values.findIndex((v) => !Number.isNaN(v) && !Number.isFinite(Math.fround(v)));
    if (at >= 0) return `value ${at + 1} of the row is infinite in single precision`;
    return unit.values.every(Number.isNaN) ? 'the row is empty' : undefined;
  });
  const rows = units.flatMap((_, i) => (faults[i] === undefined ? [i] : []));
  const data = new Float32Array(rows.length * width);
  rows.forEach((i, k) => {
    data.set((units[i] as RowObservation).values, k * width);
  });
  return { feeds: { x: { type: 'float32', data, dims: [rows.length, width] } }, rows, faults };
};

/** A tensor of the engine on the same memory. */
export function toTensor(plain: PlainTensor): Tensor {
  if (plain.type === 'float32') return new Tensor('float32', plain.data, plain.dims);
  if (plain.type === 'uint8') return new Tensor('uint8', plain.data, plain.dims);
  return new Tensor('int64', plain.data, plain.dims);
}
