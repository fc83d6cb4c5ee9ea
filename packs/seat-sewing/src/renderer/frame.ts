/** Where a picture is made: planes of one value a pixel, row by row, re-used from picture to picture. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly pxPerMm: number;
  /** Linear light. */
  readonly red: Float32Array;
  readonly green: Float32Array;
  readonly blue: Float32Array;
  /** Slopes of the surface beside the grain's own (mm per mm). */
  readonly slopeX: Float32Array;
  readonly slopeY: Float32Array;
  /** Share of the sky that a point of the surface sees. */
  readonly open: Float32Array;
  readonly scratch: Float32Array;
  /** Light of the lamp by column and by row: their product reaches a pixel. */
  readonly column: Float32Array;
  readonly row: Float32Array;
}

export const createFrame = (width: number, height: number, pxPerMm: number): Frame => {
  const plane = () => new Float32Array(width * height);
  return {
    width,
    height,
    pxPerMm,
    red: plane(),
    green: plane(),
    blue: plane(),
    slopeX: plane(),
    slopeY: plane(),
    open: plane(),
    scratch: plane(),
    column: new Float32Array(width),
    row: new Float32Array(height),
  };
};

/** Whole pixels `from` (inclusive) to `to` (exclusive) whose middles lie within `low`..`high`, cut to 0..size. */
export const pixelSpan = (low: number, high: number, size: number): readonly [number, number] => [
  Math.max(0, Math.ceil(low - 0.5)),
  Math.min(size, Math.floor(high - 0.5) + 1),
];
