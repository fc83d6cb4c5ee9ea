import type { Prepare } from '../engine/prepare.js';
import type { ImageObservation } from '../observe/observation.js';
import { openPicture } from './open-picture.js';
import { SIDE } from './patch-graph.js';

/** Decodes a picture to RGB bytes, `[side, side, 3]` row-major, turned as its EXIF says. */
export async function decodePicture(source: ImageObservation['source'], side: number): Promise<Uint8Array> {
  const picture = await openPicture(source);
  const { data } = await picture
    .resize(side, side, { fit: 'fill', kernel: 'linear' })
    .removeAlpha()
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  if (data.length === side * side * 3) return data;
  const rgb = new Uint8Array(side * side * 3);
  const channels = data.length / (side * side);
  for (let i = 0; i < side * side; i++) rgb.fill(data[i * channels]!, i * 3, i * 3 + 3);
  return rgb;
}

/** `inputShape` is `[side, 3]`, or `[side, 6]` where each picture is compared with its own template. */
export const prepare: Prepare = async (units, [side = SIDE, channels = 3]) => {
  const paired = channels === 6;
  const decoded = await Promise.all(
    units.map(async (unit) => {
      if (unit.kind !== 'image') return `expected a picture, got ${unit.kind}`;
      if (paired && unit.template === undefined) return 'the picture has no template to be compared with';
      try {
        return {
          x: await decodePicture(unit.source, side),
          template: paired ? await decodePicture(unit.template!, side) : null,
        };
      } catch (error) {
        const name = typeof unit.source === 'string' ? unit.source : 'picture';
        return `${name} cannot be decoded: ${(error as Error).message.split('\n')[0]}`;
      }
    }),
  );
  const rows = decoded.flatMap((d, i) => (typeof d === 'string' ? [] : [i]));
  const pack = (of: (d: { x: Uint8Array; template: Uint8Array | null }) => Uint8Array) => {
    const data = new Uint8Array(rows.length * side * side * 3);
    rows.forEach((i, k) => {
      const picture = decoded[i]!;
      if (typeof picture !== 'string') data.set(of(picture), k * side * side * 3);
    });
    return { type: 'uint8' as const, data, dims: [rows.length, side, side, 3] };
  };
  return {
    feeds: { x: pack((d) => d.x), ...(paired ? { template: pack((d) => d.template!) } : {}) },
    rows,
    faults: decoded.map((d) => (typeof d === 'string' ? d : undefined)),
  };
};
