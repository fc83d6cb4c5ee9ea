import { createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { readWaferMaps } from './wafer-maps-data.js';

/**
 * Writes the wafer maps as a table for `selvedge replay`: columns id,label,split,map, where map reads
 * `WIDTHxHEIGHT:digits` (row-major) and label None becomes good. Run: `npx tsx tools/studies-kit/export-wafer-maps.ts FILE.csv`
 */
const exportWaferMaps = async (file: string): Promise<number> => {
  const maps = await readWaferMaps();
  function* lines(): Generator<string> {
    yield 'id,label,split,map\n';
    for (const { id, label, split, observation } of maps) {
      const { width, height, values } = observation;
      const digits = Buffer.from(values.map((code) => code + 48)).toString('latin1');
      yield `${id},${label},${split},${width}x${height}:${digits}\n`;
    }
  }
  // A reader never sees half a table: it appears under its name when it is whole.
  const unfinished = `${file}.part`;
  await pipeline(Readable.from(lines()), createWriteStream(unfinished));
  await rename(unfinished, file);
  return maps.length;
};

const file = process.argv[2];
if (file === undefined) {
  console.error('Usage: npx tsx tools/studies-kit/export-wafer-maps.ts FILE.csv');
  process.exitCode = 2;
} else {
  console.error(`${await exportWaferMaps(file)} maps written to ${file}`);
}
