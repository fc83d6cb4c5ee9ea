import { generateSeams } from '@selvedge/pack-seat-sewing';
import { contentHash, type Dataset, indexHash } from '@selvedge/site';

const SEAMS = 6000;

/** The built-in seat-seam cycles as a data set: simulated, three channels, split by time. */
export function openCycles(seed: number): Dataset {
  const cycles = [...generateSeams({ seed, seams: SEAMS })];
  const items = cycles.map((c) => ({
    id: c.id,
    label: c.label,
    group: c.threadLotId,
    atMs: c.atMs,
    split: null,
    source: c.id,
    fault: null,
    contentHash: contentHash(new Uint8Array(c.values.buffer)),
    surface: null,
  }));
  return {
    name: 'built-in seat-sewing cycles',
    layout: 'cycles',
    observation: 'series',
    featureNames: null,
    items,
    hash: indexHash(items),
    notes: [],
    read: async (index) => ({ kind: 'series', values: cycles[index]!.values, channels: 3 }),
    close: async () => {},
  };
}
