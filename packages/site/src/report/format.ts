import type { Language } from './texts/texts.js';

/** Escapes text for HTML content and attributes, and drops control characters that HTML does not allow. */
export function escapeHtml(text: string): string {
  return text
    .replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)
    .replace(/\p{Cc}/gu, (c) => (c === '\n' || c === '\t' ? c : '\ufffd'));
}

/** Puts plain values in the places `{name}` of a text. The result is plain text: escape it before use. */
export function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

/** How a figure may be rounded: a bound is never rounded to look better than it is. */
export type Rounding = 'nearest' | 'up' | 'down';

/** The one place where figures become text. */
export interface Numbers {
  /** A rate 0..1 as per cent: three digits of the rate, or two of its rest to 100 % where that is smaller. */
  percent(rate: number, rounding?: Rounding): string;
  /** A whole number, thousands apart. */
  whole(value: number): string;
  /** A score or a reading: four significant digits. */
  reading(value: number): string;
  /** A number with fixed decimals, rounded as told. */
  fixed(value: number, digits: number, rounding?: Rounding): string;
}

const ROUND = { nearest: Math.round, up: Math.ceil, down: Math.floor } as const;

/** Rounds a decimal, not its binary neighbour: 0.29 stays 0.29 when rounded up. */
function roundTo(value: number, digits: number, rounding: Rounding): number {
  const scaled = value * 10 ** digits;
  const clean = Number(scaled.toPrecision(13));
  return ROUND[rounding](clean) / 10 ** digits;
}

/** Figures as written in one language. The same for every machine: no locale data are asked. */
export function numbersOf(language: Language): Numbers {
  const point = (text: string): string => (language === 'id' ? text.replace('.', ',') : text);
  return {
    percent(rate, rounding = 'nearest') {
      const value = 100 * rate;
      const most = Math.abs(value) >= 50;
      const size = most ? Math.abs(100 - Math.abs(value)) : Math.abs(value);
      const digits = size === 0 ? 0 : Math.min(6, Math.max(1, (most ? 1 : 2) - Math.floor(Math.log10(size))));
      return `${point(String(Number(roundTo(value, digits, rounding).toFixed(digits))))}\u00a0%`;
    },
    whole: (value) => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, '\u202f'),
    reading: (value) => (Number.isFinite(value) ? point(String(Number(value.toPrecision(4)))) : '–'),
    fixed: (value, digits, rounding = 'nearest') => point(roundTo(value, digits, rounding).toFixed(digits)),
  };
}
