import { type Quantity, quantity, requireCount } from './quantity.js';

/** How much carbon a unit of energy stands for, and who says so. Without a source there is no factor. */
export interface CarbonFactor {
  readonly gramPerWattHour: number;
  /** Publisher, table and year, e.g. the grid operator's yearly figure. */
  readonly source: string;
  readonly validYear: number;
}

export interface EnergyPerGood {
  readonly energy: Quantity<'Wh'>;
  readonly goodUnits: number;
  /** What was spent on bad and idle units is carried by the good ones. null where there is no good unit. */
  readonly perGood: { readonly energy: Quantity<'Wh'>; readonly carbon: Quantity<'gCO2e'> } | null;
  readonly carbon: Quantity<'gCO2e'>;
  readonly factor: CarbonFactor;
}

/**
 * Rule L-5: energy and carbon per good unit, with the factor and its source carried along.
 *
 * @throws RangeError on a factor without a source, below zero or not finite.
 */
export function energyPerGood(
  energy: Quantity<'Wh'>,
  goodUnits: number,
  factor: CarbonFactor,
): EnergyPerGood {
  requireCount('goodUnits', goodUnits);
  if (factor.source.trim() === '')
    throw new RangeError('a carbon factor needs its source: who published it, which table, which year');
  const carbon = quantity(energy.value * factor.gramPerWattHour, 'gCO2e');
  const perGood =
    goodUnits === 0
      ? null
      : {
          energy: quantity(energy.value / goodUnits, 'Wh'),
          carbon: quantity(carbon.value / goodUnits, 'gCO2e'),
        };
  return { energy, goodUnits, perGood, carbon, factor };
}
