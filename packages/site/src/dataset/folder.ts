import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, extname, join, relative, sep } from 'node:path';
import { type MapObservation, openPicture } from '@selvedge/models';
import { InputFault, placeless } from '../faults.js';
import { type Dataset, type DatasetItem, isGoodName, type OpenOptions, type SplitName } from './dataset.js';
import { indexHash } from './spool.js';

const PICTURES = new Set(['.png', '.jpg', '.jpeg', '.tif', '.tiff', '.bmp']);
const SPLIT_FOLDERS = new Set(['train', 'val', 'test', 'fit', 'calibrate', 'stream']);
/** Folders of MVTec AD that hold masks, not units. */
const NO_UNITS = new Set(['ground_truth', 'masks', 'mask']);
/** Pictures looked at to tell code maps from photographs, and the largest side of a map. */
const MAP_SAMPLE = 24;
const MAP_SIDE = 300;

/** Opens a folder of pictures in class folders (`good/`, any other name = that bad class), splits above them. */
export async function openFolder(root: string, options: OpenOptions): Promise<Dataset> {
  const { pictures, others } = await walk(root);
  if (pictures.length === 0) {
    const message = `${root} holds no pictures (png, jpg, tif, bmp) in class folders such as good/ and scratch/. Give such a folder, or a CSV or Parquet table`;
    throw new InputFault({ code: 'empty', message, file: root });
  }
  const items: DatasetItem[] = [];
  for (const [i, path] of pictures.entries()) {
    options.signal?.throwIfAborted();
    if (i % 64 === 0) options.progress?.(i / pictures.length, `reading ${basename(root)}`);
    items.push(await itemOf(root, path));
  }
  const palette = await mapPalette(items, root);
  return {
    name: basename(root),
    layout: 'folder',
    observation: palette === null ? 'image' : 'map',
    featureNames: null,
    items,
    hash: indexHash(items),
    notes: others > 0 ? [`${others} files that are no pictures were ignored`] : [],
    read: async (index) => {
      const item = items[index];
      if (!item || item.fault) throw new Error(item?.fault ?? 'no such item');
      const path = join(root, item.source);
      if (palette === null) return { kind: 'image', source: path };
      try {
        return await readMap(path, palette);
      } catch (error) {
        throw new Error(
          `${item.source} cannot be decoded: ${placeless((error as Error).message, path, item.source)}`,
        );
      }
    },
    close: async () => {},
  };
}

async function walk(root: string): Promise<{ pictures: string[]; others: number }> {
  const pictures: string[] = [];
  let others = 0;
  const visit = async (folder: string): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!NO_UNITS.has(entry.name.toLowerCase())) await visit(path);
      } else if (PICTURES.has(extname(entry.name).toLowerCase()) && folder !== root) pictures.push(path);
      else others++;
    }
  };
  await visit(root);
  return { pictures, others };
}

async function itemOf(root: string, path: string): Promise<DatasetItem> {
  const source = relative(root, path);
  const parts = source.split(sep);
  const top = parts[0]!.toLowerCase();
  const split = SPLIT_FOLDERS.has(top) && parts.length > 2 ? (top as SplitName) : null;
  const label = parts[split === null ? 0 : 1]!;
  let fault: string | null = null;
  let hash = '';
  let surface: Record<string, number> | null = null;
  try {
    const sum = createHash('sha256');
    let bytes = 0;
    for await (const chunk of createReadStream(path)) {
      sum.update(chunk as Buffer);
      bytes += (chunk as Buffer).length;
    }
    hash = sum.digest('hex').slice(0, 32);
    surface = { 'file size': bytes, 'file format': formatCode(path) };
    if (bytes === 0) fault = 'the file is empty';
  } catch (error) {
    fault = `the file cannot be read: ${(error as NodeJS.ErrnoException).code}`;
  }
  return {
    id: source.split(sep).join('/'),
    label: isGoodName(label) ? 'good' : label,
    group: null,
    atMs: null,
    split,
    source,
    fault,
    contentHash: hash,
    surface,
  };
}

const formatCode = (path: string): number => [...PICTURES].indexOf(extname(path).toLowerCase());

/** The three grey levels of a set of code maps, or null where the pictures are photographs. */
async function mapPalette(items: readonly DatasetItem[], root: string): Promise<readonly number[] | null> {
  const stride = Math.max(1, Math.floor(items.length / MAP_SAMPLE));
  const levels = new Set<number>();
  for (let i = 0; i < items.length; i += stride) {
    const item = items[i]!;
    if (item.fault) continue;
    try {
      const picture = await openPicture(join(root, item.source));
      const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true });
      if (info.width > MAP_SIDE || info.height > MAP_SIDE) return null;
      for (let p = 0; p < data.length; p += info.channels) {
        if (info.channels >= 3 && (data[p] !== data[p + 1] || data[p] !== data[p + 2])) return null;
        levels.add(data[p]!);
        if (levels.size > 3) return null;
      }
    } catch {
      // A damaged picture says nothing about the others; it is set aside when it is read.
    }
  }
  return levels.size === 3 ? [...levels].sort((a, b) => a - b) : null;
}

async function readMap(path: string, palette: readonly number[]): Promise<MapObservation> {
  const picture = await openPicture(path);
  const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true });
  const values = new Uint8Array(info.width * info.height);
  for (let i = 0; i < values.length; i++) {
    const code = palette.indexOf(data[i * info.channels]!);
    if (code < 0)
      throw new Error(`grey level ${data[i * info.channels]} is no code of this set (${palette.join(', ')})`);
    values[i] = code;
  }
  return { kind: 'map', width: info.width, height: info.height, values };
}
