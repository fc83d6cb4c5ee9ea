import { openSession } from '../engine/engine.js';
import { toTensor } from '../engine/prepare.js';
import type { FeatureMatrix } from '../heads/head.js';
import type { Observation } from '../observe/observation.js';
import { featureGraph, gridGraph, widthOf } from './features.js';
import { CELLS } from './grid.js';
import type { Vocabulary } from './patches.js';
import { prepare } from './prepare.js';

const BATCH = 64;

export interface ExtractOptions {
  /** Called with 0..1. */
  readonly progress?: ((done: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Features of many maps, computed by the very nodes that the exported graph holds. A row of NaN marks a map
 * that cannot be read.
 */
export async function extractMapFeatures(
  units: readonly Observation[],
  vocabulary: Vocabulary | null,
  options: ExtractOptions = {},
): Promise<FeatureMatrix> {
  const width = widthOf(vocabulary);
  const [values] = await runAll(units, featureGraph(vocabulary), [['features', width]], options);
  return { values: values!, rows: units.length, width };
}

/** Canonical grids `[n, CELLS]` of maps: densities, and 1 where the part is. */
export async function extractGrids(
  units: readonly Observation[],
  options: ExtractOptions = {},
): Promise<{ density: Float32Array; on: Float32Array }> {
  const outputs = [
    ['density', CELLS],
    ['on', CELLS],
  ] as const;
  const [density, on] = await runAll(units, gridGraph(), outputs, options);
  return { density: density!, on: on! };
}

async function runAll(
  units: readonly Observation[],
  graph: Uint8Array,
  outputs: readonly (readonly [name: string, width: number])[],
  { progress, signal }: ExtractOptions,
): Promise<Float32Array[]> {
  const all = outputs.map(([, width]) => new Float32Array(units.length * width).fill(Number.NaN));
  const area = (unit: Observation): number => (unit.kind === 'map' ? unit.width * unit.height : 0);
  // Maps of like size share a batch, so that little of it is padding.
  const order = units.map((_, i) => i).sort((a, b) => area(units[a]!) - area(units[b]!) || a - b);
  const session = await openSession(graph);
  try {
    for (let from = 0; from < order.length; from += BATCH) {
      signal?.throwIfAborted();
      const index = order.slice(from, from + BATCH);
      const { feeds, rows } = await prepare(index.map((i) => units[i]!));
      if (rows.length === 0) continue;
      const out = await session.run({ x: toTensor(feeds.x!) });
      outputs.forEach(([name, width], k) => {
        const found = out[name]!.data as Float32Array;
        rows.forEach((row, r) => {
          all[k]!.set(found.subarray(r * width, (r + 1) * width), index[row]! * width);
        });
      });
      progress?.(Math.min(1, (from + BATCH) / order.length));
    }
  } finally {
    await session.release();
  }
  return all;
}
