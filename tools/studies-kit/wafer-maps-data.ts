import { createReadStream, existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createGunzip } from 'node:zlib';
import type { MapObservation } from '@selvedge/models';

export interface WaferMap {
  readonly id: string;
  readonly split: 'train' | 'val';
  /** `good` where the set says None. */
  readonly label: string;
  readonly observation: MapObservation;
}

/** The folder of the recorded wafer maps. */
export const waferFolder = (): string => {
  const data = process.env.SELVEDGE_DATA ?? fileURLToPath(new URL('../../../shared/data', import.meta.url));
  return `${data}/wafer-maps`;
};

export const waferMapsAreHere = (): boolean => existsSync(`${waferFolder()}/index.csv`);

/** Reads index.csv (id,split,height,width,offset,label) and maps.u8.gz (codes, row-major at offset). */
export const readWaferMaps = async (): Promise<WaferMap[]> => {
  const folder = waferFolder();
  const parts: Buffer[] = [];
  for await (const part of createReadStream(`${folder}/maps.u8.gz`).pipe(createGunzip())) parts.push(part);
  const codes = Buffer.concat(parts);
  const lines = (await readFile(`${folder}/index.csv`, 'utf8')).trim().split(/\r?\n/);
  const header = lines[0]!.split(',');
  const column = (name: string): number => {
    const at = header.indexOf(name);
    if (at < 0) throw new Error(`${folder}/index.csv has no column ${name}`);
    return at;
  };
  const [id, split, height, width, offset, label] = ['id', 'split', 'height', 'width', 'offset', 'label'].map(
    column,
  ) as [number, number, number, number, number, number];
  return lines.slice(1).map((line) => {
    const cells = line.split(',');
    const [h, w, at] = [Number(cells[height]), Number(cells[width]), Number(cells[offset])];
    return {
      id: cells[id]!,
      split: cells[split] === 'train' ? 'train' : 'val',
      label: cells[label] === 'None' ? 'good' : cells[label]!,
      observation: {
        kind: 'map',
        width: w,
        height: h,
        values: new Uint8Array(codes.subarray(at, at + h * w)),
      },
    };
  });
};
