import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readBmp } from './bmp.js';
import { decodePicture } from './prepare.js';

/** A 3 x 2 bitmap: red, green, blue / white, black, grey, bottom row stored first. */
function bitmap(bits: 8 | 24 | 32, topDown = false): Uint8Array {
  const colours = [
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
    [255, 255, 255],
    [0, 0, 0],
    [128, 128, 128],
  ];
  const palette = bits === 8 ? 256 * 4 : 0;
  const stride = Math.ceil((3 * bits) / 32) * 4;
  const bytes = new Uint8Array(54 + palette + 2 * stride);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  view.setUint32(10, 54 + palette, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, 3, true);
  view.setInt32(22, topDown ? -2 : 2, true);
  view.setUint16(28, bits, true);
  if (bits === 8) {
    colours.forEach(([r, g, b], i) => {
      bytes.set([b!, g!, r!, 0], 54 + 4 * i);
    });
  }
  colours.forEach(([r, g, b], i) => {
    const y = Math.floor(i / 3);
    const row = 54 + palette + stride * (topDown ? y : 1 - y);
    bytes.set(bits === 8 ? [i] : [b!, g!, r!], row + ((i % 3) * bits) / 8);
  });
  return bytes;
}
const RGB = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 128, 128, 128];

describe('readBmp', () => {
  it.each([8, 24, 32] as const)('reads %i bits a pixel, bottom-up and top-down', (bits) => {
    for (const topDown of [false, true]) {
      const { width, height, rgb } = readBmp(bitmap(bits, topDown));
      expect([width, height, ...rgb]).toEqual([3, 2, ...RGB]);
    }
  });
  it('says what is wrong with a truncated or foreign file', () => {
    expect(() => readBmp(bitmap(24).subarray(0, 60))).toThrow('truncated');
    expect(() => readBmp(Uint8Array.of(1, 2, 3))).toThrow('not a whole BMP');
    const odd = bitmap(24);
    odd[28] = 16;
    expect(() => readBmp(odd)).toThrow('16 bits');
  });
  it('passes through the picture pipeline, as bytes and as a file', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'bmp-')), 'a.BMP');
    await writeFile(file, bitmap(24));
    const [fromFile, fromBytes] = [await decodePicture(file, 6), await decodePicture(bitmap(24), 6)];
    expect(fromFile).toEqual(fromBytes);
    expect([...fromFile.subarray(0, 3)]).toEqual([255, 0, 0]);
  });
});
