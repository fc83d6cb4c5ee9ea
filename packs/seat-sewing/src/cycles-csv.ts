import { MANIFEST } from './manifest.js';
import type { SeamCycle } from './seam-cycles.js';

/** Index into `MANIFEST.channels`. */
export type CsvChannel = 0 | 1 | 2;

/**
 * Seams as CSV in the layout of `selvedge replay`: one channel as a series, the hide or the thread lot as the
 * group that stays on one side of a split. Lines end with a line feed.
 */
export function* cyclesCsv(
  seams: Iterable<SeamCycle>,
  { channel = 0, group = 'hide' }: { channel?: CsvChannel; group?: 'hide' | 'thread-lot' } = {},
): Generator<string> {
  const channels = MANIFEST.channels.length;
  let header = false;
  for (const { id, label, atMs, hideId, threadLotId, values } of seams) {
    const stitches = values.length / channels;
    if (!header) {
      const columns = Array.from({ length: stitches }, (_, i) => `stitch_${String(i + 1).padStart(3, '0')}`);
      yield `id,label,time,group,${columns.join(',')}\n`;
      header = true;
    }
    const readings = Array.from({ length: stitches }, (_, i) => values[channels * i + channel]!.toFixed(3));
    yield `${id},${label},${new Date(atMs).toISOString()},${group === 'hide' ? hideId : threadLotId},${readings.join(',')}\n`;
  }
}
