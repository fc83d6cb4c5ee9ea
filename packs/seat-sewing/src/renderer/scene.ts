import { PUCKER } from '../line/seam-truth.js';
import { STITCH } from '../truth.js';

/** Linear light, 0..1 each: red, green, blue. */
export type Colour = readonly [number, number, number];

/** What is sewn. */
export interface Material {
  readonly kind: 'leather' | 'woven';
  /** Same hide or roll, same grain: the tile of a grain is computed once and kept. */
  readonly grainSeed: number;
  readonly colour: Colour;
  /** Colour of the weft; the warp has `colour`. Leather has none. */
  readonly weft?: Colour;
  /** mm from cell to cell of the grain, or from yarn to yarn. */
  readonly grainMm: number;
  /** mm from the valleys of the grain to its tops. */
  readonly reliefMm: number;
  /** Share of the light that is mirrored, 0..1, and how sharply: the exponent is 2 to this whole number. */
  readonly gloss: number;
  readonly sharpness: number;
}

export interface Thread {
  readonly colour: Colour;
  readonly diameterMm: number;
  /** mm along the thread for one turn of its two plies. */
  readonly pitchMm: number;
  readonly gloss: number;
}

export interface Light {
  /** Points from the seam to the lamp; x along the seam, y down the picture, z to the camera. Any length. */
  readonly direction: readonly [number, number, number];
  /** Share of the light that comes from everywhere, 0..1. */
  readonly ambient: number;
  /** Loss of light from the middle to a corner, 0..1. */
  readonly vignette: number;
}

export interface Camera {
  /** Factor on the light that reaches the sensor; 1 shows the colours as they are. */
  readonly exposure: number;
  /** px: radius of the disc that a point becomes; 0 = in focus (the lens' own blur of about .6 px stays). */
  readonly defocusPx: number;
  /** Noise in linear light: sd in the dark, and sd that a white pixel adds in quadrature. */
  readonly readNoise: number;
  readonly shotNoise: number;
  /** Share of the lamp that is out on the right half, 0..1. */
  readonly halfDark: number;
}

/**
 * Bits of {@link Sewn.faults}. Those of the machine's truth keep their meaning; two more are seen in pictures only.
 * `offLine`, `loose` and `tight` only name what `offset` and `lock` already show; `backTackMissing` only names what
 * the positions show.
 */
export const PICTURE_FAULT = { ...STITCH, pucker: PUCKER, largeHole: 128, wrongThread: 256 } as const;

/** What can be wrong at a stitch in a picture, the gravest first. */
export const PICTURE_CLASSES = [
  ['broken', PICTURE_FAULT.broken],
  ['skip', PICTURE_FAULT.skip],
  ['missing-back-tack', PICTURE_FAULT.backTackMissing],
  ['large-hole', PICTURE_FAULT.largeHole],
  ['wrong-thread', PICTURE_FAULT.wrongThread],
  ['pucker', PICTURE_FAULT.pucker],
  ['off-line', PICTURE_FAULT.offLine],
  ['loose', PICTURE_FAULT.loose],
  ['tight', PICTURE_FAULT.tight],
] as const;

export type PictureClass = (typeof PICTURE_CLASSES)[number][0];

/**
 * The stitches, in the order in which they were sewn: stitch i goes from needle hole i to needle hole i + 1, so
 * `along` and `offset` have one entry more than the others. Holes may lie outside of the picture.
 */
export interface Sewn {
  /** mm along the seam. */
  readonly along: ArrayLike<number>;
  /** mm beside the template's line, down the picture. */
  readonly offset: ArrayLike<number>;
  /** Lock point off the middle, share of the thickness; above 0 the needle thread is too tight. */
  readonly lock: ArrayLike<number>;
  /** Bits of {@link PICTURE_FAULT}. */
  readonly faults: ArrayLike<number>;
  /** Number of each stitch in the seam, for the truth. Default 0, 1, 2, ... */
  readonly numbers?: ArrayLike<number>;
  /** The thread was cut before the first and after the last hole: cut ends are drawn. Default neither. */
  readonly starts?: boolean;
  readonly ends?: boolean;
}

export interface SeamScene {
  /** px; default 384 x 160 at 10 px/mm. */
  readonly width?: number;
  readonly height?: number;
  readonly pxPerMm?: number;
  /** mm along the seam at the left edge. Default 0. The template's line runs through the middle row. */
  readonly fromMm?: number;
  /** mm from the line up to the fold where the parts are joined; null = no fold. Default 4. */
  readonly foldMm?: number | null;
  readonly sewn: Sewn;
  readonly material: Material;
  readonly thread: Thread;
  /** Drawn where the bit `wrongThread` is set. Default: half the contrast, four fifths of the diameter. */
  readonly wrongThread?: Thread;
  /** Shows at the holes of tight stitches. Default: the colour of `thread`. */
  readonly bobbin?: Colour;
  readonly light?: Partial<Light>;
  readonly camera?: Partial<Camera>;
  /** 3 = RGB, 1 = luminance (BT.709 of linear light). Default 3. */
  readonly channels?: 1 | 3;
  readonly seed: number;
}

/** px, edges inclusive of the left and top and exclusive of the right and bottom; cut to the picture. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Truth of one stitch that lies in the picture at least in part. */
export interface StitchInPicture {
  /** Its number in the seam. */
  readonly stitch: number;
  readonly faults: number;
  /** null = nothing wrong. */
  readonly class: PictureClass | null;
  /** The two needle holes, in px from the left and top edge (not cut) and in mm of seam and template. */
  readonly fromPx: readonly [number, number];
  readonly toPx: readonly [number, number];
  readonly fromMm: readonly [number, number];
  readonly toMm: readonly [number, number];
  /** Where the stitch and what is wrong with it can be seen. */
  readonly box: Box;
}

export interface SeamPicture {
  /** Row by row, `channels` bytes a pixel, sRGB. */
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly truth: readonly StitchInPicture[];
}

export const DEFAULT_LIGHT: Light = { direction: [-0.45, -0.65, 0.75], ambient: 0.3, vignette: 0.12 };

export const DEFAULT_CAMERA: Camera = {
  exposure: 1,
  defocusPx: 0,
  readNoise: 0.004,
  shotNoise: 0.018,
  halfDark: 0,
};
