import sharp from 'sharp';
import type { ImageObservation } from '../observe/observation.js';
import { openPicture } from './open-picture.js';

/**
 * A heat map as PNG with transparency, to lie over a picture: `values` row-major [height, width]; the smallest is
 * clear, the largest an opaque orange (safe for the common colour-blindnesses). Values that are no number are clear.
 */
export async function heatPng(values: Float32Array, width: number, height: number): Promise<Uint8Array> {
  if (values.length !== width * height || width < 1) {
    throw new RangeError(
      `a heat map of ${width} x ${height} needs ${width * height} values, got ${values.length}`,
    );
  }
  const known = values.filter(Number.isFinite);
  const low = known.reduce((min, v) => Math.min(min, v), Number.POSITIVE_INFINITY);
  const span = known.reduce((max, v) => Math.max(max, v), Number.NEGATIVE_INFINITY) - low;
  const pixels = new Uint8Array(width * height * 4);
  values.forEach((v, i) => {
    const share = span > 0 && Number.isFinite(v) ? (v - low) / span : 0;
    pixels.set([213, 94, 0, Math.round(255 * share)], 4 * i);
  });
  return sharp(pixels, { raw: { width, height, channels: 4 } })
    .png()
    .toBuffer();
}

/** A small PNG of a picture, turned as its EXIF says, no side longer than `maxSide` pixels; never enlarged. */
export async function thumbnailPng({ source }: ImageObservation, maxSide: number): Promise<Uint8Array> {
  const picture = await openPicture(source);
  return picture
    .resize(maxSide, maxSide, { fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .png()
    .toBuffer();
}
