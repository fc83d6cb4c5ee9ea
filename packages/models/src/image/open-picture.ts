import { readFile } from 'node:fs/promises';
import sharp, { type Sharp } from 'sharp';
import type { ImageObservation } from '../observe/observation.js';
import { isBmp, readBmp } from './bmp.js';

/**
 * Opens an encoded picture, turned as its EXIF says. A truncated file is an error when it is read, not a grey
 * area in a picture that looks whole.
 */
export async function openPicture(source: ImageObservation['source']): Promise<Sharp> {
  const bitmap =
    typeof source === 'string'
      ? /\.bmp$/i.test(source)
        ? await readFile(source)
        : null
      : isBmp(source)
        ? source
        : null;
  if (bitmap === null) return sharp(source, { failOn: 'truncated' }).rotate();
  const { width, height, rgb } = readBmp(bitmap);
  return sharp(rgb, { raw: { width, height, channels: 3 } });
}
