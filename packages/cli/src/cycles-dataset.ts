import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import { generateSeams, MANIFEST, parseCycleLine } from '@selvedge/pack-seat-sewing';
import { contentHash, type Dataset, type DatasetItem, InputFault, indexHash, Spool } from '@selvedge/site';

/** Seams of each part of the built-in run, whole hides in order of time. */
const PARTS = { fit: 2_002, calibrate: 28_000, stream: 14_000 } as const;
const SEAMS = PARTS.fit + PARTS.calibrate + PARTS.stream;
const NOTHING = new Float32Array(0);

interface Opening {
  readonly signal?: AbortSignal | undefined;
  readonly progress?: ((done: number, what: string) => void) | undefined;
}

/** The built-in seat-seam cycles as a data set: simulated, three channels, one hide a group, split by time. */
export async function openCycles(seed: number, { signal, progress }: Opening = {}): Promise<Dataset> {
  return spooled('built-in seat-sewing cycles', async (take) => {
    let n = 0;
    for (const { id, label, hideId, atMs, values } of generateSeams({ seed, seams: SEAMS })) {
      if (n % 500 === 0) {
        signal?.throwIfAborted();
        progress?.(n / SEAMS, 'sewing simulated seams');
      }
      const split = n < PARTS.fit ? 'fit' : n < PARTS.fit + PARTS.calibrate ? 'calibrate' : 'stream';
      await take({ id, label, group: hideId, atMs, split, source: id, fault: null, values });
      n++;
    }
  });
}

/**
 * Recorded seams in the pack's own format (JSON lines), the hide as the group. A line that cannot be read is set aside.
 * @throws InputFault where the file cannot be read, holds no seam, or names one twice.
 */
export async function openCycleLines(file: string, { signal, progress }: Opening = {}): Promise<Dataset> {
  const info = await stat(file).catch((error: NodeJS.ErrnoException) => {
    throw new InputFault({ code: 'no-input', message: `${file} cannot be read: ${error.code}`, file });
  });
  if (!info.isFile())
    throw new InputFault({
      code: 'no-input',
      message: `${file} is a folder: --pack seat-sewing reads one file of JSON lines`,
      file,
    });
  const name = basename(file);
  const set = await spooled(name, async (take) => {
    const stream = createReadStream(file);
    let line = 0;
    const ids = new Map<string, number>();
    for await (const text of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
      line++;
      if (line % 200 === 0) {
        signal?.throwIfAborted();
        progress?.(Math.min(1, stream.bytesRead / Math.max(1, info.size)), 'reading seams');
      }
      if (text.trim() === '') continue;
      const read = parseCycleLine(text);
      const source = `${name}:${line}`;
      const id = 'cycle' in read ? read.cycle.id : (read.id ?? source);
      const before = ids.get(id);
      if (before !== undefined)
        throw new InputFault({
          code: 'duplicate-id',
          message: `${source}: the id "${id}" stands in line ${before} too. Give every seam an id of its own`,
          file,
          line,
        });
      ids.set(id, line);
      if ('cycle' in read) {
        const { label, hideId, atMs, values } = read.cycle;
        await take({ id, label, group: hideId, atMs, split: null, source, fault: null, values });
      } else {
        const { fault, label } = read;
        const rest = { group: null, atMs: null, split: null, source, fault, values: NOTHING };
        await take({ id, label: label ?? '', ...rest });
      }
    }
  });
  if (set.items.every((item) => item.fault !== null)) {
    await set.close();
    const first = set.items[0];
    const why = first === undefined ? 'it is empty' : `${first.source}: ${first.fault}`;
    const message = `${file} holds no seam that can be read (${why}). Each line is one JSON object with id, label and stitches; see docs/guide.md`;
    throw new InputFault({ code: 'no-units', message, file });
  }
  return set;
}

type Taken = Omit<DatasetItem, 'contentHash' | 'surface'> & { readonly values: Float32Array };

/** A data set of seams whose readings lie in a temporary file: memory holds the index alone. */
async function spooled(
  name: string,
  fill: (take: (seam: Taken) => Promise<void>) => Promise<void>,
): Promise<Dataset> {
  const spool = await Spool.open();
  const items: DatasetItem[] = [];
  try {
    await fill(async ({ values, ...item }) => {
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      items.push({ ...item, contentHash: contentHash(bytes), surface: null });
      await spool.append(bytes);
    });
  } catch (error) {
    await spool.close();
    throw error;
  }
  return {
    name,
    layout: 'cycles',
    observation: 'series',
    featureNames: null,
    items,
    hash: indexHash(items),
    notes: [],
    read: async (index) => {
      const { fault } = items[index]!;
      if (fault !== null) throw new Error(fault);
      const values = new Float32Array((await spool.read(index)).buffer);
      return { kind: 'series', values, channels: MANIFEST.channels.length };
    },
    close: () => spool.close(),
  };
}
