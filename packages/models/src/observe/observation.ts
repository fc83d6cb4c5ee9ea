/**
 * What was seen of one unit at one station. A recipe names the kinds that it can read.
 */
export type Observation =
  | SeriesObservation
  | ImageObservation
  | MapObservation
  | RowObservation
  | PairObservation;

/** A recorded trace: `values` is row-major `[length, channels]`, in the order in which it was recorded. */
export interface SeriesObservation {
  readonly kind: 'series';
  readonly values: Float32Array;
  /** Number of channels (1 for a single trace); `values.length` is a multiple of it. */
  readonly channels: number;
}

/** An encoded picture (PNG, JPEG, TIFF or BMP): the bytes, or the file that holds them. */
export interface ImageObservation {
  readonly kind: 'image';
  readonly source: Uint8Array | string;
  /** The picture of the same product without a fault, where the recipe compares with a golden template. */
  readonly template?: Uint8Array | string;
}

/** A small grid of codes: 0 = outside the part, 1 = good place, 2 = bad place. Row-major `[height, width]`. */
export interface MapObservation {
  readonly kind: 'map';
  readonly width: number;
  readonly height: number;
  readonly values: Uint8Array;
}

/** One row of a table: numeric features in a fixed order; NaN = the cell was empty. */
export interface RowObservation {
  readonly kind: 'row';
  readonly values: Float64Array;
}

/** A trace and a picture of the same unit, which are judged together. Where one of them is missing it is no pair. */
export interface PairObservation {
  readonly kind: 'pair';
  readonly series: SeriesObservation;
  readonly image: ImageObservation;
}

export type ObservationKind = Observation['kind'];
