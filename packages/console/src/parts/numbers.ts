/** A number as people type it, with a point or a comma; null where it is none. */
export function numberOf(text: string): number | null {
  const clean = text.trim().replace(',', '.');
  return /^\d+(\.\d+)?$/.test(clean) ? Number(clean) : null;
}

/** As `numberOf`, also below zero, with a hyphen or a minus sign. */
export function signedOf(text: string): number | null {
  const [, minus, rest] = /^\s*([-−]?)(.*)$/s.exec(text) ?? [];
  const size = numberOf(rest ?? '');
  return size === null ? null : minus === '' ? size : -size;
}

/** Per cent as typed to a share: "0.5" is 0.005. */
export function fromPercent(text: string): number | null {
  const value = numberOf(text.replace('%', ''));
  return value === null ? null : Number((value / 100).toPrecision(12));
}

/** A rate as so many in so many: the smallest power of ten in which at least one happens. 0.005 is 5 in 1000. */
export function inWords(rate: number): { bad: number; units: number } {
  let units = 100;
  while (rate * units < 1 && units < 1e7) units *= 10;
  return { bad: Number((rate * units).toPrecision(3)), units };
}
