import type { Observation } from '@selvedge/models';
import { InputFault } from '../faults.js';
import type { Columns } from './columns.js';
import { type DatasetItem, isGoodName, type SplitName } from './dataset.js';
import { packMap, parseMapCell, unpackMap } from './map-cell.js';
import { contentHash } from './spool.js';

const SPLITS: readonly string[] = ['fit', 'calibrate', 'stream', 'train', 'val', 'test'];

/** One row as an index entry and its spooled content; null content where the row is damaged. */
export interface ReadRow {
  readonly item: DatasetItem;
  readonly content: Uint8Array;
}

/** Turns cells (text or numbers) into a row. `line` is 1-based. Throws {@link InputFault} only on a split value that no rule knows. */
export function readRow(
  cells: readonly unknown[],
  columns: Columns,
  { file, line, flip, damage = null }: { file: string; line: number; flip: boolean; damage?: string | null },
): ReadRow {
  const text = (c: number) =>
    c < 0 || cells[c] === null || cells[c] === undefined ? '' : String(cells[c]).trim();
  // The cells of a damaged row may stand under the wrong names.
  const split = damage === null ? text(columns.split).toLowerCase() : '';
  if (split !== '' && !SPLITS.includes(split)) {
    const message = `split "${split}" in ${file}:${line} is none of ${SPLITS.join(', ')}`;
    throw new InputFault({ code: 'unknown-split', message, file, line });
  }
  let fault: string | null = damage;
  let content: Uint8Array = new Uint8Array(0);
  try {
    content =
      columns.kind === 'map' ? packMap(parseMapCell(text(columns.map))) : features(cells, columns, flip);
  } catch (error) {
    fault ??= (error as Error).message;
  }
  const label = text(columns.label);
  if (label === '') fault = 'the label is empty';
  const time = text(columns.time);
  const atMs = time === '' ? null : /^-?\d+(\.\d+)?$/.test(time) ? Number(time) : Date.parse(time);
  if (atMs !== null && Number.isNaN(atMs)) fault = `time "${time}" is neither ISO 8601 nor a number`;
  return {
    item: {
      id: text(columns.id) || `row-${line}`,
      label: isGoodName(label) ? 'good' : label,
      group: text(columns.group) || null,
      atMs: atMs !== null && Number.isNaN(atMs) ? null : atMs,
      split: split === '' ? null : (split as SplitName),
      source: `${file}:${line}`,
      fault,
      contentHash: contentHash(content),
      surface: null,
    },
    content,
  };
}

function features(cells: readonly unknown[], columns: Columns, flip: boolean): Uint8Array<ArrayBuffer> {
  const values = new Float64Array(columns.features.length);
  let length = 0;
  columns.features.forEach((c, i) => {
    const cell = cells[c];
    const empty = cell === null || cell === undefined || (typeof cell === 'string' && cell.trim() === '');
    const value = empty ? Number.NaN : numberOf(cell);
    if (!empty && !Number.isFinite(value))
      throw new Error(
        `"${String(cell).slice(0, 40)}" in column "${columns.featureNames[i]}" is not a number`,
      );
    values[i] = flip ? -value : value;
    if (!empty) length = i + 1;
  });
  if (length === 0) throw new Error('every feature is empty');
  if (columns.kind === 'score' && Number.isNaN(values[0])) throw new Error('the score is empty');
  if (columns.kind !== 'series') return new Uint8Array(values.buffer);
  // A series may end early; a hole inside it is damage, not length.
  const hole = values.subarray(0, length).findIndex(Number.isNaN);
  if (hole >= 0)
    throw new Error(`column "${columns.featureNames[hole]}" is empty in the middle of the series`);
  return new Uint8Array(values.buffer.slice(0, length * 8));
}

/** A cell as a number, NaN where it is none; a decimal comma counts where it can be nothing else. */
export function numberOf(cell: unknown): number {
  if (typeof cell !== 'string') return Number(cell);
  return Number(/^\s*[-+]?\d+,\d+(e[-+]?\d+)?\s*$/i.test(cell) ? cell.replace(',', '.') : cell);
}

/** The observation of a spooled row. */
export function observationOf(content: Uint8Array, kind: Columns['kind']): Observation {
  if (kind === 'map') return unpackMap(content);
  const values = new Float64Array(content.buffer, content.byteOffset, content.byteLength / 8);
  return kind === 'series'
    ? { kind: 'series', channels: 1, values: Float32Array.from(values) }
    : { kind: 'row', values };
}
