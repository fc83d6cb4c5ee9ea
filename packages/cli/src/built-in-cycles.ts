import { generateSeams, MANIFEST } from '@selvedge/pack-seat-sewing';
import { contentHash, type Dataset, indexHash, Spool } from '@selvedge/site';

/** Seams of each part of the run, whole hides in order of time. */
const PARTS = { fit: 2_002, calibrate: 28_000, stream: 14_000 } as const;
const SEAMS = PARTS.fit + PARTS.calibrate + PARTS.stream;

/** The built-in seat-seam cycles as a data set: simulated, three channels, one hide a group, split by time. */
export async function openCycles(
  seed: number,
  {
    signal,
    progress,
  }: {
    readonly signal?: AbortSignal | undefined;
    readonly progress?: ((done: number, what: string) => void) | undefined;
  } = {},
): Promise<Dataset> {
  const spool = await Spool.open();
  const items: Dataset['items'][number][] = [];
  try {
    for (const { id, label, hideId, atMs, values } of generateSeams({ seed, seams: SEAMS })) {
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      const n = items.length;
      items.push({
        id,
        label,
        group: hideId,
        atMs,
        split: n < PARTS.fit ? 'fit' : n < PARTS.fit + PARTS.calibrate ? 'calibrate' : 'stream',
        source: id,
        fault: null,
        contentHash: contentHash(bytes),
        surface: null,
      });
      await spool.append(bytes);
      if (n % 500 === 0) {
        signal?.throwIfAborted();
        progress?.(n / SEAMS, 'sewing simulated seams');
      }
    }
  } catch (error) {
    await spool.close();
    throw error;
  }
  return {
    name: 'built-in seat-sewing cycles',
    layout: 'cycles',
    observation: 'series',
    featureNames: null,
    items,
    hash: indexHash(items),
    notes: [],
    read: async (index) => ({
      kind: 'series',
      values: new Float32Array((await spool.read(index)).buffer),
      channels: MANIFEST.channels.length,
    }),
    close: () => spool.close(),
  };
}
