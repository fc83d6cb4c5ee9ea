/** Escapes text for HTML content and attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** How a figure may be rounded: a bound is never rounded to look better than it is. */
export type Rounding = 'nearest' | 'up' | 'down';

/** A rate 0..1 as per cent with digits that fit its size. */
export function percent(rate: number, rounding: Rounding = 'nearest'): string {
  const value = 100 * rate;
  const digits = value === 0 || Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3;
  const scale = 10 ** digits;
  // The nudge keeps a figure that is exact in decimal from being moved by its binary form.
  const nudged = value * scale;
  const rounded =
    rounding === 'up'
      ? Math.ceil(nudged - 1e-9)
      : rounding === 'down'
        ? Math.floor(nudged + 1e-9)
        : Math.round(nudged);
  return `${(rounded / scale).toFixed(digits)} %`;
}

/** A whole number with thin spaces between thousands. */
export function whole(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

/** A score or a reading: four significant digits. */
export function reading(value: number): string {
  return String(Number(value.toPrecision(4)));
}
