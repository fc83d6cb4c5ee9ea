import sharp from 'sharp';
import type { Random } from '../heads/random.js';

/** A seeded woven-looking texture as PNG bytes; `scratch` draws a bright line across a part of it. */
export async function texture(random: Random, side: number, scratch: boolean): Promise<Uint8Array> {
  const pixels = new Uint8Array(side * side);
  const phase = random.next() * 6;
  const level = 100 + 40 * random.next();
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const weave = 25 * Math.sin(x / 3 + phase) * Math.cos(y / 4 - phase);
      pixels[y * side + x] = Math.max(0, Math.min(255, level + weave + 6 * random.normal()));
    }
  }
  if (scratch) {
    const [x0, y0] = [0.2 + 0.4 * random.next(), 0.2 + 0.4 * random.next()].map((v) => v * side) as [
      number,
      number,
    ];
    const angle = random.next() * Math.PI;
    for (let t = 0; t < side / 3; t += 0.3) {
      for (let thick = 0; thick < 4; thick++) {
        const x = Math.round(x0 + t * Math.cos(angle)) + (thick & 1);
        const y = Math.round(y0 + t * Math.sin(angle)) + (thick >> 1);
        if (x >= 0 && y >= 0 && x < side && y < side) pixels[y * side + x] = 235;
      }
    }
  }
  return sharp(pixels, { raw: { width: side, height: side, channels: 1 } })
    .png()
    .toBuffer();
}
