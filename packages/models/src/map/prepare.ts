import type { PreparedBatch } from '../engine/prepare.js';
import type { MapObservation, Observation } from '../observe/observation.js';

/** Longest side that is accepted: a batch is padded to its largest map. */
const LONGEST_SIDE = 2048;

/** Why a map cannot be read, or undefined. */
export function mapFault(unit: Observation): string | undefined {
  if (unit.kind !== 'map') return `expected a map, got ${unit.kind}`;
  const { width, height, values } = unit;
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1) {
    return `a map of ${width} x ${height} has no places`;
  }
  if (width > LONGEST_SIDE || height > LONGEST_SIDE) {
    return `a map of ${width} x ${height} is larger than ${LONGEST_SIDE} x ${LONGEST_SIDE}`;
  }
  if (values.length !== width * height) {
    return `a map of ${width} x ${height} needs ${width * height} codes, got ${values.length}`;
  }
  let places = 0;
  for (const code of values) {
    if (code > 2) return `code ${code} in a map: only 0 (outside), 1 (good) and 2 (bad) are known`;
    if (code > 0) places++;
  }
  return places === 0 ? 'the map has no place on the part' : undefined;
}

/**
 * Puts maps into one uint8 tensor `x` `[n, H, W]`, each in the upper left corner, zeros around it. The graph
 * finds the part itself, so the padding changes no score.
 */
export async function prepare(
  units: readonly Observation[],
  _inputShape: readonly number[] = [],
): Promise<PreparedBatch> {
  const faults = units.map(mapFault);
  const rows: number[] = [];
  const maps: MapObservation[] = [];
  units.forEach((unit, i) => {
    if (faults[i] !== undefined || unit.kind !== 'map') return;
    rows.push(i);
    maps.push(unit);
  });
  const height = maps.reduce((most, map) => Math.max(most, map.height), 1);
  const width = maps.reduce((most, map) => Math.max(most, map.width), 1);
  const data = new Uint8Array(maps.length * height * width);
  maps.forEach((map, m) => {
    for (let y = 0; y < map.height; y++) {
      data.set(map.values.subarray(y * map.width, (y + 1) * map.width), (m * height + y) * width);
    }
  });
  return { feeds: { x: { type: 'uint8', data, dims: [maps.length, height, width] } }, rows, faults };
}
