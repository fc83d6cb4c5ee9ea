import { readFile } from 'node:fs/promises';
import { SIDE } from '../image/patch-graph.js';
import { decodePicture } from '../image/prepare.js';
import { mapFault } from '../map/prepare.js';
import type {
  ImageObservation,
  Observation,
  ObservationKind,
  SeriesObservation,
} from '../observe/observation.js';
import { listOf, recordOf, textOf } from './json.js';

/** One tensor as the metadata of a model tells it; -1 = any length. */
export interface TensorMeta {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
}

/** What one unit gives to one input: numbers in the order of `inner` (its shape without the batch), or a file. */
export type Part =
  | { readonly inner: readonly number[]; readonly numbers: ArrayLike<number> }
  | { readonly inner: readonly number[]; readonly file: Uint8Array };

/** How one input is made of an observation. */
export interface InputPlan {
  readonly meta: TensorMeta;
  /** `many`: any number of units at once; `one`: a batch of one; `none`: no dimension for a batch. */
  readonly batch: 'many' | 'one' | 'none';
  /** @throws Error with what is wrong with the unit. */
  readonly of: (unit: Observation) => Part | Promise<Part>;
}

export function tensorMeta(value: unknown): TensorMeta {
  const { name, datatype, shape } = recordOf(value) ?? {};
  const dims = listOf(shape).map((dim) => (dim === null ? -1 : Number(dim)));
  const called = textOf(name);
  if (
    called === null ||
    textOf(datatype) === null ||
    !Array.isArray(shape) ||
    dims.some((d) => !Number.isInteger(d))
  )
    throw new Error('its metadata has a tensor without name, datatype and shape');
  return { name: called, datatype: String(datatype), shape: dims };
}

/**
 * How the inputs of a model are made of observations of one kind, from its metadata alone.
 * @throws Error where the metadata does not say how, or asks for what nobody has seen.
 */
export function planInputs(inputs: readonly TensorMeta[], kind: ObservationKind): readonly InputPlan[] {
  const pictures = inputs.filter(({ datatype }) => datatype === 'UINT8' || datatype === 'BYTES');
  const traces = inputs.filter(({ datatype }) => isReal(datatype));
  if (kind === 'pair') {
    const [trace, picture] = [traces[0], pictures[0]];
    if (inputs.length !== 2 || trace === undefined || picture === undefined)
      throw new Error(
        `a trace with a picture needs one input of FP32 or FP64 and one of UINT8 or BYTES, the model has ${told(inputs)}`,
      );
    const [series, image] = [seriesInput(trace), imageInput(picture)];
    return [
      { ...series, of: (unit) => series.of(unit.kind === 'pair' ? unit.series : unit) },
      { ...image, of: (unit) => image.of(unit.kind === 'pair' ? unit.image : unit) },
    ];
  }
  const [only] = inputs;
  if (only === undefined || inputs.length > 1)
    throw new Error(`a ${kind} needs one input, the model has ${told(inputs)}`);
  if (kind === 'row') return [rowInput(only)];
  if (kind === 'series') return [seriesInput(only)];
  return [kind === 'image' ? imageInput(only) : mapInput(only)];
}

const told = (inputs: readonly TensorMeta[]): string =>
  inputs.length === 0
    ? 'none'
    : inputs.map(({ name, datatype, shape }) => `${name} ${datatype}[${shape.join(', ')}]`).join(', ');

const isReal = (datatype: string): boolean => datatype === 'FP32' || datatype === 'FP64';

/** @throws Error for a fixed batch of several units: what would stand in the places that are left? */
function batchOf(meta: TensorMeta, rank: number): InputPlan['batch'] {
  const { shape, name } = meta;
  if (shape.length === rank - 1) return 'none';
  if (shape.length !== rank) throw new Error(`the input ${told([meta])} has not ${rank} dimensions`);
  const n = shape[0]!;
  if (n < 0) return 'many';
  if (n === 1) return 'one';
  throw new Error(`the input ${name} takes ${n} units at a time: give it a free first dimension or 1`);
}

const fits = (dim: number, length: number): boolean => dim < 0 || dim === length;

function needs(meta: TensorMeta, datatypes: readonly string[], what: string): void {
  if (!datatypes.includes(meta.datatype))
    throw new Error(`${what} is given as ${datatypes.join(' or ')}, the model has ${told([meta])}`);
}

/** Single precision where the input has it. @throws Error for what is no number there. */
function reals(values: ArrayLike<number>, datatype: string, empty: boolean): ArrayLike<number> {
  const said = datatype === 'FP32' ? Float32Array.from(values) : Float64Array.from(values);
  const at = said.findIndex((v) => !Number.isFinite(v) && !(empty && Number.isNaN(v)));
  if (at >= 0) throw new Error(`value ${at + 1} is no finite number in ${datatype}`);
  return said;
}

function rowInput(meta: TensorMeta): InputPlan {
  needs(meta, ['FP32', 'FP64'], 'a row');
  const batch = batchOf(meta, 2);
  const width = meta.shape.at(-1)!;
  return {
    ...{ meta, batch },
    of: (unit) => {
      if (unit.kind !== 'row') throw new Error(`expected a row, got ${unit.kind}`);
      if (!fits(width, unit.values.length))
        throw new Error(`expected ${width} values, got ${unit.values.length}`);
      if (unit.values.every(Number.isNaN)) throw new Error('the row is empty');
      return { inner: [unit.values.length], numbers: reals(unit.values, meta.datatype, true) };
    },
  };
}

/**
 * `[n, length, channels]` or `[n, channels, length]`: whichever of the two fixed dimensions is the number of channels
 * tells; where neither is fixed, length comes first. Two dimensions are those of one unit, but `[-1, length]` is a batch of
 * traces of one channel.
 */
function seriesInput(meta: TensorMeta): InputPlan {
  needs(meta, ['FP32', 'FP64'], 'a series');
  const { shape, datatype } = meta;
  const flat = shape.length === 2 && shape[0]! < 0 && shape[1] !== 1;
  const batch = flat ? 'many' : batchOf(meta, 3);
  const [a, b] = [shape.at(-2)!, shape.at(-1)!];
  return {
    ...{ meta, batch },
    of: (unit) => {
      if (unit.kind !== 'series') throw new Error(`expected a series, got ${unit.kind}`);
      const { channels, values } = unit;
      const samples = values.length / channels;
      if (samples === 0 || !Number.isInteger(samples))
        throw new Error(`a series of ${values.length} values is incomplete`);
      if (flat && channels === 1) {
        if (!fits(b, samples)) throw new Error(`expected ${b} samples, got ${samples}`);
        return { inner: [samples], numbers: reals(values, datatype, false) };
      }
      if (flat) throw new Error(`expected a trace of one channel, got ${channels}`);
      const last = b === channels || (a !== channels && b < 0);
      const [length, width] = last ? [a, b] : [b, a];
      if (!fits(length, samples) || !fits(width, channels))
        throw new Error(`${samples} samples of ${channels} channels do not fit ${told([meta])}`);
      return last
        ? { inner: [samples, channels], numbers: reals(values, datatype, false) }
        : { inner: [channels, samples], numbers: reals(turnedOver(unit, samples), datatype, false) };
    },
  };
}

function turnedOver({ values, channels }: SeriesObservation, samples: number): Float32Array {
  const said = new Float32Array(values.length);
  for (let t = 0; t < samples; t++)
    for (let c = 0; c < channels; c++) said[c * samples + t] = values[t * channels + c]!;
  return said;
}

/** Bytes `[n, side, side, 3]` or `[n, 3, side, side]`, red, green, blue, 0..255; or the file as it is. */
function imageInput(meta: TensorMeta): InputPlan {
  // As numbers with a point nobody could tell how they are scaled.
  needs(meta, ['UINT8', 'BYTES'], 'a picture');
  const { shape, datatype } = meta;
  if (datatype === 'BYTES') {
    const [n = 0, one = 1] = shape;
    if (shape.length > 2 || !fits(one, 1) || !fits(n, 1))
      throw new Error(`a file needs [-1], [-1, 1] or [1], got ${told([meta])}`);
    return {
      ...{ meta, batch: n < 0 ? 'many' : 'one' },
      of: async (unit) => ({ inner: shape.length === 2 ? [1] : [], file: await fileOf(pictureOf(unit)) }),
    };
  }
  const batch = batchOf(meta, 4);
  const inner = shape.slice(-3);
  const first = inner[0] === 3 && inner[2] !== 3;
  const [height = -1, width = -1] = first ? inner.slice(1) : inner;
  if ((first ? inner[0] : inner[2]) !== 3 || !fits(height, width < 0 ? height : width))
    throw new Error(
      `a picture needs [n, side, side, 3] or [n, 3, side, side], the model has ${told([meta])}`,
    );
  const side = Math.max(height, width) < 0 ? SIDE : Math.max(height, width);
  return {
    ...{ meta, batch },
    of: async (unit) => {
      const rgb = await decodePicture(pictureOf(unit).source, side);
      if (!first) return { inner: [side, side, 3], numbers: rgb };
      const planes = new Uint8Array(rgb.length);
      const area = side * side;
      for (let i = 0; i < rgb.length; i++) planes[(i % 3) * area + Math.floor(i / 3)] = rgb[i]!;
      return { inner: [3, side, side], numbers: planes };
    },
  };
}

function pictureOf(unit: Observation): ImageObservation {
  if (unit.kind !== 'image') throw new Error(`expected a picture, got ${unit.kind}`);
  return unit;
}

const fileOf = async ({ source }: ImageObservation): Promise<Uint8Array> =>
  typeof source === 'string' ? readFile(source) : source;

function mapInput(meta: TensorMeta): InputPlan {
  needs(meta, ['UINT8'], 'a map');
  const batch = batchOf(meta, 3);
  const [high, wide] = [meta.shape.at(-2)!, meta.shape.at(-1)!];
  return {
    ...{ meta, batch },
    of: (unit) => {
      const fault = mapFault(unit);
      if (unit.kind !== 'map' || fault !== undefined) throw new Error(fault ?? 'expected a map');
      const { height, width, values } = unit;
      if (!fits(high, height) || !fits(wide, width))
        throw new Error(`a map of ${width} x ${height} does not fit ${told([meta])}`);
      return { inner: [height, width], numbers: values };
    },
  };
}
