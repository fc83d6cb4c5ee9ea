import { createRandom, type Random } from '../heads/random.js';
import type { MapObservation } from '../observe/observation.js';
import type { FitUnit } from '../recipes/recipe.js';

/** A round part of the given size whose bad places are drawn by `chance(x, y, radius)` with x, y in -1..1. */
export function drawMap(
  random: Random,
  { width, height }: { width: number; height: number },
  chance: (x: number, y: number, radius: number) => number,
): MapObservation {
  const values = new Uint8Array(width * height);
  for (let i = 0; i < values.length; i++) {
    const x = (((i % width) + 0.5) / width) * 2 - 1;
    const y = ((Math.floor(i / width) + 0.5) / height) * 2 - 1;
    const radius = Math.hypot(x, y);
    if (radius > 1) continue;
    values[i] = random.next() < chance(x, y, radius) ? 2 : 1;
  }
  return { kind: 'map', width, height, values };
}

/** Seeded maps of five labels: good (thin noise), ring at the rim, blob, scratch, random all over. */
export function generateMaps(counts: Readonly<Record<string, number>>, seed: number): FitUnit[] {
  const random = createRandom(seed);
  const out: FitUnit[] = [];
  for (const [label, count] of Object.entries(counts)) {
    for (let k = 0; k < count; k++) {
      const size = { width: 22 + random.below(20), height: 22 + random.below(20) };
      out.push({ id: `${label}-${k}`, label, observation: drawMap(random, size, patternOf(label, random)) });
    }
  }
  random.shuffle(out);
  return out;
}

function patternOf(label: string, random: Random): (x: number, y: number, radius: number) => number {
  const noise = 0.01 + 0.05 * random.next();
  const angle = 2 * Math.PI * random.next();
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const reach = 0.2 + 0.4 * random.next();
  if (label === 'ring') return (_x, _y, r) => (r > 0.86 ? 0.7 : noise);
  if (label === 'blob') {
    return (x, y) => (Math.hypot(x - reach * cos, y - reach * sin) < 0.25 ? 0.75 : noise);
  }
  if (label === 'scratch') {
    return (x, y) => {
      const across = Math.abs(y * cos - x * sin + 0.2);
      const along = Math.abs(x * cos + y * sin);
      return across < 0.045 && along < 0.6 ? 0.95 : noise;
    };
  }
  if (label === 'random') return () => 0.3 + 0.2 * reach;
  return () => noise;
}
