/** A number with its unit. Energy in watt-hours, carbon in grams of CO2 equivalent, time in milliseconds or seconds. */
export type Unit = 'Wh' | 'gCO2e' | 'ms' | 's' | '1';

export interface Quantity<U extends Unit> {
  readonly value: number;
  readonly unit: U;
}

/** @throws RangeError unless the value is finite and not negative: no quantity of a line is below zero. */
export function quantity<U extends Unit>(value: number, unit: U): Quantity<U> {
  if (!Number.isFinite(value) || value < 0)
    throw new RangeError(`a quantity in ${unit} must be finite and not negative, got ${value}`);
  return { value, unit };
}

/** Sum of quantities of one unit; an empty sum is 0. */
export const sumOf = <U extends Unit>(parts: readonly Quantity<U>[], unit: U): Quantity<U> =>
  quantity(
    parts.reduce((sum, part) => sum + part.value, 0),
    unit,
  );

/** @throws RangeError unless the count is whole and not negative. */
export function requireCount(name: string, count: number): void {
  if (!Number.isSafeInteger(count) || count < 0)
    throw new RangeError(`${name} must be a whole number, 0 or more, got ${count}`);
}
