import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { type Observation, openPicture } from '@selvedge/models';
import { z } from 'zod';
import type { StationConfig } from '../config/site-config.js';
import type { Arrival } from '../live/live-station.js';
import { readNumbers } from './number-table.js';
import { unitMessageSchema } from './unit-message.js';

type Observed = StationConfig['observation'];

/** A larger file is not read into memory: its unit goes to a person. */
export const LARGEST_BYTES = 64 * 1024 * 1024;
const LARGEST_SIDE_BYTES = 64 * 1024;
const LONGEST_ID = 200;

const PICTURES = new Set(['.png', '.jpg', '.jpeg', '.tif', '.tiff', '.bmp']);
const TABLES = new Set(['.csv', '.tsv', '.txt']);
/** What programs call a file that they have not finished. */
const UNFINISHED = /^[.~]|~$|\.(tmp|temp|part|partial|filepart|crdownload|swp|writing)$/i;

/** How pictures begin and end that are written from the front to the back. */
const ENDS = [
  { start: Buffer.from([0x89, 0x50, 0x4e, 0x47]), end: Buffer.from('IEND') },
  { start: Buffer.from([0xff, 0xd8, 0xff]), end: Buffer.from([0xff, 0xd9]) },
];
/** Some cameras write notes of their own behind the picture. */
const END_WITHIN = 64 * 1024;

export type FileRole = 'unit' | 'unfinished' | 'side' | 'other';

/** What a file of this name is to a station. */
export function roleOf(name: string, kind: Observed['kind']): FileRole {
  if (UNFINISHED.test(name)) return 'unfinished';
  const extension = extname(name).toLowerCase();
  if (extension === '.json') return 'side';
  return (kind === 'image' ? PICTURES : TABLES).has(extension) ? 'unit' : 'other';
}

/** The id of a unit by the name of its file, without its ending; a very long one is cut and told apart by a hash. */
export function idOfName(name: string): string {
  const id = name.slice(0, name.length - extname(name).length);
  if (id.length <= LONGEST_ID) return id;
  return `${id.slice(0, LONGEST_ID - 17)}~${createHash('sha256').update(id).digest('hex').slice(0, 16)}`;
}

const sideSchema = z.strictObject({
  id: unitMessageSchema.shape.id.optional(),
  lot: unitMessageSchema.shape.lot,
  context: unitMessageSchema.shape.context,
});

/** One file as a look finds it. */
export interface FileState {
  readonly name: string;
  readonly bytes: number;
  readonly mtimeMs: number;
}

export type UnitFile =
  /** `fault`: why nothing could be seen in it; it may be whole later. */
  | { readonly what: 'unit'; readonly unit: Arrival; readonly fault: string | null }
  /** It is not what it was when it was looked at: another look. */
  | { readonly what: 'changed' | 'gone' | 'later' };

/**
 * Reads the file of one unit and its side file (`NAME.json` beside `NAME.png`, or `NAME.png.json`). What cannot be read
 * comes back as a unit without an observation and with the reason in its context, for a person.
 * @throws where the system refuses a read that may succeed later (an error of the disk or the network).
 */
export async function readUnitFile(
  folder: string,
  { name, bytes, mtimeMs }: FileState,
  observed: Observed,
): Promise<UnitFile> {
  const content = await readWhole(join(folder, name), { bytes, mtimeMs });
  if (content === 'changed' || content === 'gone') return { what: content };
  if (typeof content === 'string') return unreadable(folder, { name, bytes, mtimeMs }, observed, content);
  return unitOf(await readSide(folder, name), { name, mtimeMs }, await observe(content, observed));
}

/** A unit of which only the name of its file and the reason reach the station. */
export async function unreadable(
  folder: string,
  { name, mtimeMs }: FileState,
  observed: Observed,
  fault: string,
): Promise<UnitFile> {
  const seen = { observation: nothing(observed), fault };
  return unitOf(await readSide(folder, name), { name, mtimeMs }, seen);
}

function unitOf(
  side: Side,
  { name, mtimeMs }: { name: string; mtimeMs: number },
  seen: { observation: Observation; fault: string | null },
): UnitFile {
  const fault = seen.fault ?? side.fault;
  const unit: Arrival = {
    id: side.id ?? idOfName(name),
    observation: seen.observation,
    context: { ...side.context, file: name, ...(fault === null ? {} : { fault }) },
    lot: side.lot ?? null,
    sourceAtMs: Math.round(mtimeMs),
    ...(fault === null ? {} : { fault }),
  };
  return { what: 'unit', unit, fault };
}

async function observe(
  content: Buffer,
  observed: Observed,
): Promise<{ observation: Observation; fault: string | null }> {
  try {
    if (content.length === 0) throw new Error('it is empty');
    if (observed.kind !== 'image') return { observation: readNumbers(content, observed), fault: null };
    await checkPicture(content);
    return { observation: { kind: 'image', source: content }, fault: null };
  } catch (error) {
    const why = (error as Error).message.split('\n')[0]!;
    // A damaged picture is kept as it came: whoever looks later sees what the model saw.
    const observation =
      observed.kind === 'image' ? { kind: 'image' as const, source: content } : nothing(observed);
    return { observation, fault: `the file cannot be read: ${why}` };
  }
}

/** The head of a picture, and that it has an end; whether it can be decoded the model finds out. */
async function checkPicture(content: Buffer): Promise<void> {
  const end = ENDS.find(({ start }) => content.subarray(0, start.length).equals(start))?.end;
  if (end !== undefined && content.subarray(-END_WITHIN).lastIndexOf(end) < 0)
    throw new Error('the end of the picture is missing');
  await (await openPicture(content)).metadata();
}

const nothing = (observed: Observed): Observation => {
  const { kind } = observed;
  if (kind === 'series') return { kind, channels: observed.channels.length, values: new Float32Array(0) };
  if (kind === 'image') return { kind, source: new Uint8Array(0) };
  if (kind === 'map') return { kind, width: 0, height: 0, values: new Uint8Array(0) };
  return { kind: 'row', values: new Float64Array(0) };
};

/** The content, or why there is none: `changed` and `gone` for another look, anything else in words. */
async function readWhole(
  path: string,
  { bytes, mtimeMs }: { bytes: number; mtimeMs: number },
): Promise<Buffer | string> {
  if (bytes > LARGEST_BYTES)
    return `the file is too large: ${Math.ceil(bytes / 2 ** 20)} MB, at most ${LARGEST_BYTES / 2 ** 20} MB are read`;
  let file: FileHandle;
  try {
    // Neither through a link to somewhere else nor waiting at a pipe that somebody put there.
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return 'gone';
    if (code === 'ELOOP' || code === 'EISDIR' || code === 'ENXIO') return 'changed';
    if (code === 'EACCES' || code === 'EPERM') return `the site may not read the file (${code})`;
    throw new Error(`the file cannot be opened: ${message}`);
  }
  try {
    const same = async (): Promise<boolean> => {
      const now = await file.stat();
      return now.isFile() && now.size === bytes && now.mtimeMs === mtimeMs;
    };
    if (!(await same())) return 'changed';
    const content = Buffer.alloc(bytes);
    let read = 0;
    while (read < bytes) {
      const { bytesRead } = await file.read(content, read, bytes - read, read);
      if (bytesRead === 0) return 'changed';
      read += bytesRead;
    }
    return (await same()) ? content : 'changed';
  } finally {
    await file.close();
  }
}

interface Side {
  readonly id?: string | undefined;
  readonly lot?: string | undefined;
  readonly context?: Arrival['context'] | undefined;
  readonly fault: string | null;
}

async function readSide(folder: string, name: string): Promise<Side> {
  for (const side of [`${name}.json`, `${name.slice(0, name.length - extname(name).length)}.json`]) {
    let text: string;
    try {
      const file = await open(
        join(folder, side),
        constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
      );
      try {
        const { size } = await file.stat();
        if (size > LARGEST_SIDE_BYTES) return { fault: `its side file ${side} is too large` };
        text = await file.readFile('utf8');
      } finally {
        await file.close();
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
      return { fault: `its side file ${side} cannot be read (${(error as NodeJS.ErrnoException).code})` };
    }
    try {
      return { ...sideSchema.parse(JSON.parse(text)), fault: null };
    } catch (error) {
      const why =
        error instanceof z.ZodError
          ? error.issues.map(({ path, message }) => `${path.join('.') || 'the whole'}: ${message}`).join('; ')
          : 'it is no JSON';
      return { fault: `its side file ${side} says nothing: ${why}` };
    }
  }
  return { fault: null };
}
