import { type MapObservation, mapFault, type Observation } from '@selvedge/models';
import { parse } from 'csv-parse/sync';
import type { StationConfig } from '../config/site-config.js';
import { numberOf } from '../dataset/row-reader.js';

type Observed = StationConfig['observation'];

/** Most samples of one series, as for units that equipment posts. */
const MOST_SAMPLES = 100_000;
const MOST_COLUMNS = 10_000;

/** Stands for a cell that holds something else than a number; an empty cell is NaN. */
const TEXT = Number.POSITIVE_INFINITY;

/**
 * What a CSV file says of one unit: a series (rows = samples, columns = channels), one row of numbers, a grid of codes or
 * one score. A first row that is not all numbers is a header; where it names the station's channels they are found by name.
 * Comma, semicolon or tab; a decimal comma beside the latter two.
 * @throws Error with what is wrong, in words for the person who judges the unit instead.
 */
export function readNumbers(bytes: Uint8Array, observed: Observed): Observation {
  const { header, rows } = tableOf(bytes);
  switch (observed.kind) {
    case 'series': {
      const channels = observed.channels.map(({ name }) => name);
      const at = columnsOf(header, rows[0]!.length, channels, 'channels');
      if (rows.length > MOST_SAMPLES)
        throw new Error(`it has ${rows.length} samples, at most ${MOST_SAMPLES} are taken`);
      const values = new Float32Array(rows.length * at.length);
      rows.forEach((row, i) => {
        at.forEach((column, c) => {
          if (!Number.isFinite(row[column])) throw new Error(`row ${i + 1} has no number for ${channels[c]}`);
          values[i * at.length + c] = row[column]!;
        });
      });
      return { kind: 'series', channels: at.length, values };
    }
    case 'map': {
      const width = rows[0]!.length;
      const map: MapObservation = {
        kind: 'map',
        width,
        height: rows.length,
        values: Uint8Array.from(rows.flat(), (v) => (v === 0 || v === 1 || v === 2 ? v : 255)),
      };
      const fault = map.values.includes(255) ? 'it holds codes other than 0, 1 and 2' : mapFault(map);
      if (fault) throw new Error(fault);
      return map;
    }
    default: {
      if (rows.length !== 1) throw new Error(`it has ${rows.length} rows of numbers, one is expected`);
      const names = observed.kind === 'row' ? observed.columns : ['score'];
      const at = columnsOf(header, rows[0]!.length, names, 'columns');
      const values = Float64Array.from(at, (column) => rows[0]![column]!);
      const odd = values.findIndex((v) => v === TEXT || (Number.isNaN(v) && observed.kind === 'score'));
      if (odd >= 0) throw new Error(`there is no number for ${names[odd]}`);
      return { kind: 'row', values };
    }
  }
}

function tableOf(bytes: Uint8Array): { header: string[] | null; rows: number[][] } {
  const text = new TextDecoder('utf-8', { fatal: false }).decode(bytes);
  if (text.includes('\0')) throw new Error('it is no text');
  const first = text.slice(0, text.search(/\r|\n|$/));
  const delimiter = [';', '\t', ','].find((mark) => first.includes(mark)) ?? ',';
  let cells: string[][];
  try {
    cells = parse(text, { delimiter, trim: true, skip_empty_lines: true, relax_column_count: true });
  } catch (error) {
    throw new Error(`it is no table: ${(error as Error).message.split('\n')[0]}`);
  }
  const named = cells[0]?.some((cell) => cell !== '' && Number.isNaN(numberOf(cell))) === true;
  const header = named ? cells[0]! : null;
  const body = named ? cells.slice(1) : cells;
  const width = header?.length ?? body[0]?.length ?? 0;
  if (body.length === 0) throw new Error('it holds no row of numbers');
  if (width > MOST_COLUMNS) throw new Error(`it has ${width} columns, at most ${MOST_COLUMNS} are read`);
  const odd = body.findIndex((row) => row.length !== width);
  if (odd >= 0)
    throw new Error(`row ${odd + 1} has ${body[odd]!.length} cells, the others have ${width}: is it whole?`);
  return { header, rows: body.map((row) => row.map(cellValue)) };
}

function cellValue(cell: string): number {
  if (cell === '') return Number.NaN;
  const value = numberOf(cell);
  return Number.isFinite(value) ? value : TEXT;
}

/** Where each wanted column stands: by name where the header knows them all, else in the order given. */
function columnsOf(
  header: readonly string[] | null,
  width: number,
  names: readonly string[],
  what: string,
): number[] {
  const plain = (name: string): string => name.trim().toLowerCase();
  const at = names.map((name) => header?.findIndex((cell) => plain(cell) === plain(name)) ?? -1);
  if (at.every((column) => column >= 0)) return at;
  const missing = names.filter((_, i) => at[i]! < 0);
  // A header that knows some of the names and not the others is of another table.
  if (missing.length < names.length)
    throw new Error(`its header has no ${missing.join(', ')} among its ${what}`);
  if (width !== names.length)
    throw new Error(`it has ${width} ${what}, the station has ${names.length}: ${names.join(', ')}`);
  return names.map((_, i) => i);
}
