import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { heatPng, thumbnailPng } from './pictures.js';
import { decodePicture, prepare } from './prepare.js';

const plain = (channels: 1 | 3 | 4, colour: number[]) => {
  const data = new Uint8Array(40 * 30 * channels).map((_, i) => colour[i % channels]!);
  return sharp(data, { raw: { width: 40, height: 30, channels } });
};

describe('pictures', () => {
  it('decodes grey, alpha, 16-bit, TIFF and JPEG to the same RGB bytes', async () => {
    const grey16 = new Uint16Array(40 * 30).fill(120 * 257);
    const sources = [
      await plain(1, [120]).png().toBuffer(),
      await plain(3, [120, 120, 120]).tiff().toBuffer(),
      await plain(3, [120, 120, 120]).jpeg({ quality: 100 }).toBuffer(),
      await plain(4, [120, 120, 120, 255]).png().toBuffer(),
      await sharp(grey16, { raw: { width: 40, height: 30, channels: 1 } })
        .toColourspace('grey16')
        .png()
        .toBuffer(),
    ];
    for (const source of sources) {
      const pixels = await decodePicture(source, 8);
      expect(pixels).toHaveLength(8 * 8 * 3);
      expect(pixels.every((v) => Math.abs(v - 120) <= 1)).toBe(true);
    }
  });

  it('turns a picture as its EXIF says', async () => {
    const data = new Uint8Array(20 * 20 * 3).map((_, i) => (i < 20 * 10 * 3 ? 255 : 0));
    const source = await sharp(data, { raw: { width: 20, height: 20, channels: 3 } })
      .withMetadata({ orientation: 3 })
      .png()
      .toBuffer();
    const pixels = await decodePicture(source, 20);
    expect([pixels[0], pixels[pixels.length - 1]]).toEqual([0, 255]);
  });

  it('gives a damaged picture a fault with its name and keeps the rest', async () => {
    const noise = Uint8Array.from({ length: 90 * 90 * 3 }, (_, i) => (i * 7919) % 251);
    const whole = await sharp(noise, { raw: { width: 90, height: 90, channels: 3 } })
      .jpeg()
      .toBuffer();
    const cut = whole.subarray(0, whole.length >> 1);
    const units = [whole, cut, Buffer.from('no picture'), '/nowhere/a.png'].map((source) => ({
      kind: 'image' as const,
      source,
    }));
    const { rows, faults, feeds } = await prepare(units, [16, 3]);
    expect(rows).toEqual([0]);
    expect(feeds.x?.dims).toEqual([1, 16, 16, 3]);
    expect(faults[1]).toContain('cannot be decoded');
    expect(faults[2]).toContain('cannot be decoded');
    expect(faults[3]).toContain('/nowhere/a.png');
  });

  it('draws heat clear where low and opaque where high, and thumbnails without enlarging', async () => {
    const { data } = await sharp(await heatPng(Float32Array.of(1, 3, Number.NaN, 2), 2, 2))
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([data[3], data[7], data[11], data[15]]).toEqual([0, 255, 0, 128]);
    await expect(heatPng(new Float32Array(3), 2, 2)).rejects.toThrow(/needs 4 values/);
    const small = await sharp(
      await thumbnailPng({ kind: 'image', source: await plain(3, [9, 9, 9]).png().toBuffer() }, 20),
    ).metadata();
    expect([small.width, small.height]).toEqual([20, 15]);
  });
});
