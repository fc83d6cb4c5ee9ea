import { stat } from 'node:fs/promises';
import { InputFault } from '../faults.js';
import { type Dataset, isBad, type OpenOptions } from './dataset.js';
import { openFolder } from './folder.js';
import { withGroups } from './groups.js';
import { indexHash } from './spool.js';
import { openTable } from './table.js';

/** Opens DATA in any of the layouts of `selvedge replay`. Throws {@link InputFault} with what to change. */
export async function openDataset(path: string, options: OpenOptions): Promise<Dataset> {
  const info = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'ENOENT' ? 'does not exist' : `cannot be opened (${cause.code})`;
    throw new InputFault({
      code: 'no-such-data',
      message: `${path} ${why}. Give a folder of pictures in class folders, or a CSV or Parquet table`,
      file: path,
      cause,
    });
  });
  let data: Dataset;
  if (info.isDirectory()) {
    data = await openFolder(path, options);
    if (options.group !== undefined) {
      const items = await withGroups(data.items, options.group);
      data = { ...data, items, hash: indexHash(items) };
    }
  } else data = await openTable(path, options);
  try {
    refuseDuplicateIds(data, path);
  } catch (error) {
    await data.close();
    throw error;
  }
  return data;
}

function refuseDuplicateIds({ items }: Dataset, file: string): void {
  const first = new Map<string, (typeof items)[number]>();
  for (const item of items) {
    const other = first.get(item.id);
    if (other) {
      const line = Number(/:(\d+)$/.exec(item.source)?.[1] ?? Number.NaN);
      const message = `id "${item.id}" stands twice: ${other.source} and ${item.source}. Every unit needs an id of its own`;
      throw new InputFault({ code: 'duplicate-id', message, file, line: Number.isNaN(line) ? null : line });
    }
    first.set(item.id, item);
  }
}

/** Refuses a set in which nothing can be proved: no unit, or no good one. */
export function refuseOneClass(data: Dataset, path: string): void {
  const usable = data.items.filter((i) => i.fault === null);
  const bads = usable.filter(isBad).length;
  if (usable.length === 0) {
    const example = data.items[0];
    const message = `none of the ${data.items.length} items of ${path} can be read${example ? `, e.g. ${example.source}: ${example.fault}` : ''}`;
    throw new InputFault({ code: 'unreadable', message, file: path });
  }
  if (bads === 0 || bads === usable.length) {
    const only = bads === 0 ? 'good' : 'bad';
    const message = `all ${usable.length} units of ${path} are ${only}: without ${bads === 0 ? 'bad' : 'good'} ones nothing can be proved. Add units of the other class`;
    throw new InputFault({ code: 'one-class', message, file: path });
  }
}
