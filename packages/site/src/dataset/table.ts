import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { parse } from 'csv-parse';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { InputFault } from '../faults.js';
import { type Columns, columnRoles, MAX_COLUMNS } from './columns.js';
import type { Dataset, DatasetItem, OpenOptions } from './dataset.js';
import { numberOf, observationOf, readRow } from './row-reader.js';
import { indexHash, Spool } from './spool.js';

/** Rows looked at to decide which columns hold numbers. */
const SAMPLE_ROWS = 500;

interface Row {
  readonly cells: readonly unknown[];
  readonly line: number;
  /** Why the row could not be split into the header's cells. */
  readonly fault?: string;
}

/** Opens a CSV or Parquet table. Features go to a temporary file; only the index stays in memory. */
export async function openTable(file: string, options: OpenOptions): Promise<Dataset> {
  const parquet = /\.parquet$/i.test(file);
  const { header, rows } = parquet ? await parquetRows(file) : await csvRows(file, options);
  const spool = await Spool.open();
  try {
    const items: DatasetItem[] = [];
    const sample: Row[] = [];
    let columns: Columns | null = null;
    const roles = (): Columns => {
      columns ??= columnRoles(header, {
        file,
        groupColumn: groupColumn(header, options.group, file),
        numeric: (c) => isNumeric(sample, c),
      });
      return columns;
    };
    const take = async (row: Row): Promise<void> => {
      const flip = roles().kind === 'score' && options.scoreDirection === 'lower-worse';
      const { item, content } = readRow(row.cells, roles(), {
        file: basename(file),
        line: row.line,
        flip,
        ...(row.fault ? { damage: row.fault } : {}),
      });
      items.push(item);
      await spool.append(content);
    };
    for await (const row of rows) {
      options.signal?.throwIfAborted();
      if (sample.length < SAMPLE_ROWS) sample.push(row);
      else {
        if (sample.length === SAMPLE_ROWS && items.length === 0)
          for (const early of sample) await take(early);
        await take(row);
      }
    }
    if (items.length === 0) for (const early of sample) await take(early);
    if (items.length === 0)
      throw new InputFault({ code: 'empty', message: `${file} has a header but no rows`, file, line: 2 });
    const { kind, featureNames, ignored } = roles();
    return {
      name: basename(file),
      layout: 'table',
      observation: kind,
      featureNames: kind === 'row' ? featureNames : null,
      items,
      hash: indexHash(items),
      notes: ignored.length
        ? [
            `columns not used (no numbers): ${ignored.slice(0, 10).join(', ')}${ignored.length > 10 ? ', …' : ''}`,
          ]
        : [],
      read: async (index) => {
        const fault = items[index]?.fault;
        if (fault) throw new Error(fault);
        return observationOf(await spool.read(index), kind);
      },
      close: () => spool.close(),
    };
  } catch (error) {
    await spool.close();
    throw error;
  }
}

function groupColumn(header: readonly string[], group: string | undefined, file: string): string | null {
  if (group === undefined) return null;
  if (header.includes(group)) return group;
  const message = `--group "${group}" is no column of ${file}. Columns: ${header.slice(0, 12).join(', ')}`;
  throw new InputFault({ code: 'unknown-group', message, file, line: 1 });
}

function isNumeric(sample: readonly Row[], column: number): boolean {
  let numbers = 0;
  let filled = 0;
  for (const { cells } of sample) {
    const cell = cells[column];
    if (cell === null || cell === undefined || String(cell).trim() === '') continue;
    filled++;
    if (Number.isFinite(numberOf(cell))) numbers++;
  }
  return filled > 0 && numbers >= filled / 2;
}

async function csvRows(
  file: string,
  options: OpenOptions,
): Promise<{ header: string[]; rows: AsyncIterable<Row> }> {
  const { size } = await stat(file);
  const head = await firstBytes(file);
  if (head.length === 0) throw new InputFault({ code: 'empty', message: `${file} is empty`, file });
  if (head.includes(0))
    throw new InputFault({ code: 'not-a-table', message: `${file} is a binary file, not a CSV table`, file });
  const line = head.toString('utf8').split(/\r?\n/, 1)[0]!;
  const delimiter = [',', ';', '\t'].reduce(
    (best, d) => (line.split(d).length > line.split(best).length ? d : best),
    ',',
  );
  if (line.split(delimiter).length > MAX_COLUMNS || (line.length >= head.length && size > head.length)) {
    const message = `${file} has a first line of more than ${Math.min(line.length, head.length)} characters: at most ${MAX_COLUMNS} columns are read`;
    throw new InputFault({ code: 'too-many-columns', message, file, line: 1 });
  }
  const parser = createReadStream(file).pipe(
    parse({
      bom: true,
      delimiter,
      relax_column_count: true,
      skip_empty_lines: true,
      info: true,
      max_record_size: 8 << 20,
      trim: true,
    }),
  );
  const iterator = parser[Symbol.asyncIterator]() as AsyncIterator<{
    record: string[];
    info: { lines: number; bytes: number };
  }>;
  const next = async () => {
    try {
      return await iterator.next();
    } catch (cause) {
      const at = (cause as { lines?: number }).lines ?? null;
      const message = `${file} cannot be read as CSV: ${(cause as Error).message}`;
      throw new InputFault({ code: 'bad-csv', message, file, line: at, cause });
    }
  };
  const first = await next();
  if (first.done) throw new InputFault({ code: 'empty', message: `${file} has no rows`, file });
  const header = first.value.record;
  async function* rows(): AsyncGenerator<Row> {
    for (let n = 0; ; n++) {
      const step = await next();
      if (step.done) return;
      const { record, info } = step.value;
      if (n % 2048 === 0) options.progress?.(info.bytes / size, `reading ${basename(file)}`);
      const fault =
        record.length === header.length
          ? undefined
          : `the row has ${record.length} cells, the header ${header.length}`;
      yield { cells: record, line: info.lines, ...(fault ? { fault } : {}) };
    }
  }
  return { header, rows: rows() };
}

async function firstBytes(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const buffer = Buffer.alloc(1 << 20);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function parquetRows(file: string): Promise<{ header: string[]; rows: AsyncIterable<Row> }> {
  /** The reader of the format throws plain errors of its own. */
  const asked = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      const message = `${file} cannot be read as Parquet: ${(cause as Error).message}. Write it again, or give CSV`;
      throw new InputFault({ code: 'bad-parquet', message, file, cause });
    }
  };
  const buffer = await asked(() => asyncBufferFromFile(file));
  const metadata = await asked(() => parquetMetadataAsync(buffer));
  const header = metadata.schema
    .slice(1)
    .filter((s) => !s.num_children)
    .map((s) => s.name);
  const total = Number(metadata.num_rows);
  async function* rows(): AsyncGenerator<Row> {
    for (let rowStart = 0; rowStart < total; rowStart += 4096) {
      const rowEnd = Math.min(total, rowStart + 4096);
      const block = await asked(() =>
        parquetReadObjects({ file: buffer, metadata, compressors, rowStart, rowEnd }),
      );
      for (const [i, row] of block.entries()) {
        const cells = header.map((name) =>
          row[name] instanceof Date ? (row[name] as Date).toISOString() : row[name],
        );
        yield { cells, line: rowStart + i + 1 };
      }
    }
  }
  return { header, rows: rows() };
}
