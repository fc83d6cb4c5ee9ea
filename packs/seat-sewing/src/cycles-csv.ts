import type { SeamCycle } from './seam-cycles.js';

/** Seams as CSV in the layout of `selvedge replay`: one channel as a series. Lines end with a line feed. */
export function* cyclesCsv(seams: Iterable<SeamCycle>, channel: 0 | 1 | 2 = 0): Generator<string> {
  let header = false;
  for (const { id, label, atMs, threadLotId, values } of seams) {
    const stitches = values.length / 3;
    if (!header) {
      const columns = Array.from({ length: stitches }, (_, i) => `stitch_${String(i + 1).padStart(3, '0')}`);
      yield `id,label,time,group,${columns.join(',')}\n`;
      header = true;
    }
    const readings = Array.from({ length: stitches }, (_, i) => values[3 * i + channel]!.toFixed(3));
    yield `${id},${label},${new Date(atMs).toISOString()},${threadLotId},${readings.join(',')}\n`;
  }
}
