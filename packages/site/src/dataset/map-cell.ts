import type { MapObservation } from '@selvedge/models';

/** Reads a cell `WIDTHxHEIGHT:digits`, row-major, 0 = outside, 1 = good place, 2 = bad place. Throws with the reason. */
export function parseMapCell(cell: string): MapObservation {
  const match = /^(\d{1,4})x(\d{1,4}):([012]*)$/.exec(cell.trim());
  if (!match) throw new Error('column "map" must read WIDTHxHEIGHT:digits with the digits 0, 1 and 2');
  const [width, height, digits] = [Number(match[1]), Number(match[2]), match[3]!];
  if (digits.length !== width * height)
    throw new Error(`map says ${width}x${height} but has ${digits.length} digits`);
  const values = new Uint8Array(digits.length);
  for (let i = 0; i < digits.length; i++) values[i] = digits.charCodeAt(i) - 48;
  return { kind: 'map', width, height, values };
}

/** A map as bytes: width and height (16 bit, little-endian), then the codes. */
export function packMap({ width, height, values }: MapObservation): Uint8Array {
  const bytes = new Uint8Array(4 + values.length);
  new DataView(bytes.buffer).setUint16(0, width, true);
  new DataView(bytes.buffer).setUint16(2, height, true);
  bytes.set(values, 4);
  return bytes;
}

export function unpackMap(bytes: Uint8Array): MapObservation {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return {
    kind: 'map',
    width: view.getUint16(0, true),
    height: view.getUint16(2, true),
    values: bytes.subarray(4),
  };
}
