import type { Words } from '../../language/use-words.js';

/** UCUM codes that people write otherwise. */
const WRITTEN: Readonly<Record<string, string>> = {
  ...{ Cel: '°C', um: 'µm', us: 'µs', 'kW.h': 'kWh', 'W.h': 'Wh', 'N.m': 'N·m', 'm/s2': 'm/s²' },
};

/** A number with its UCUM unit, as `12.5 N`; the unit `1` is a plain number. */
export function withUnit(value: number, unit: string, { format }: Words): string {
  if (unit === '1') return format.value(value);
  // A number and its unit stay on one line.
  return `${format.value(value)}\u00a0${Object.hasOwn(WRITTEN, unit) ? WRITTEN[unit] : unit}`;
}

/** What equipment holds, or what was to be written to it. */
export function valueInWords(value: number | boolean | string | null, unit: string, words: Words): string {
  if (value === null) return words.t('eqTagEmpty');
  if (typeof value === 'number') return withUnit(value, unit, words);
  // A text of nothing is a value too.
  return value === '' ? '“”' : String(value);
}

/** Time that is left, as a clock shows it: 7:59:04, 12:30, 0:09. */
export function clockOf(leftMs: number): string {
  const seconds = Math.ceil(Math.max(0, leftMs) / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
