/** A decoded bitmap: RGB, row-major [height, width, 3]. */
export interface Bitmap {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

/** True for the bytes of a Windows bitmap. */
export const isBmp = (bytes: Uint8Array): boolean => bytes[0] === 0x42 && bytes[1] === 0x4d;

/** Largest side that is read: a broken header must not ask for the machine's memory. */
const MAX_SIDE = 32_768;

/**
 * Reads an uncompressed Windows bitmap of 8, 24 or 32 bits a pixel (BITMAPINFOHEADER or later; bottom-up or
 * top-down): what inspection machines write. The picture library's build does not read the format.
 *
 * @throws Error with the reason where the file is truncated or of another kind.
 */
export function readBmp(bytes: Uint8Array): Bitmap {
  if (!isBmp(bytes) || bytes.length < 54) throw new Error('not a whole BMP file');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = view.getUint32(10, true);
  const headerSize = view.getUint32(14, true);
  const width = view.getInt32(18, true);
  const rows = view.getInt32(22, true);
  const bits = view.getUint16(28, true);
  const compression = view.getUint32(30, true);
  const height = Math.abs(rows);
  if (headerSize < 40) throw new Error('a BMP of an old kind (OS/2) is not read');
  if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE)
    throw new Error(`a BMP of ${width} x ${height} pixels is not read`);
  // 3 = plain 32-bit pixels with channel masks, which cameras write in the usual order.
  if (![8, 24, 32].includes(bits) || !(compression === 0 || (compression === 3 && bits === 32))) {
    throw new Error(
      `a BMP of ${bits} bits a pixel and compression ${compression} is not read; 8, 24 or 32 bits uncompressed are`,
    );
  }
  const stride = Math.ceil((width * bits) / 32) * 4;
  if (start + stride * height > bytes.length) throw new Error('the BMP file is truncated');
  const palette = 14 + headerSize;
  const rgb = new Uint8Array(width * height * 3);
  const step = bits / 8;
  for (let y = 0; y < height; y++) {
    const row = start + stride * (rows > 0 ? height - 1 - y : y);
    for (let x = 0; x < width; x++) {
      // Stored blue, green, red; 8 bits are an index into a table of the same order, 4 bytes an entry.
      const at = bits === 8 ? palette + 4 * bytes[row + x]! : row + x * step;
      const out = 3 * (y * width + x);
      rgb[out] = bytes[at + 2]!;
      rgb[out + 1] = bytes[at + 1]!;
      rgb[out + 2] = bytes[at]!;
    }
  }
  return { width, height, rgb };
}
