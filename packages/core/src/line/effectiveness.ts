import { type Quantity, quantity, requireCount } from './quantity.js';
import { type ShareInterval, shareOf } from './rate.js';

/** What a station did in a period. Names as in ISO 22400-2. */
export interface ProductionRecord {
  /** PBT, planned busy time, in ms. */
  readonly plannedBusyTime: Quantity<'ms'>;
  /** APT, actual production time, in ms: at most the planned busy time. */
  readonly actualProductionTime: Quantity<'ms'>;
  /** PRI, planned run time of one unit, in ms. */
  readonly plannedRunTimePerUnit: Quantity<'ms'>;
  /** PQ, produced quantity; GQ, good quantity, rework included. */
  readonly producedQuantity: number;
  readonly goodQuantity: number;
  /** Good the first time, without rework. */
  readonly firstPassQuantity: number;
}

export interface LineEffectiveness {
  /** A = APT / PBT. */
  readonly availability: number;
  /** E = PRI x PQ / APT. Above 1 the planned run time is wrong: shown as it is, never cut off. */
  readonly effectiveness: number;
  /** Q = GQ / PQ. */
  readonly qualityRatio: ShareInterval;
  /** OEE index = A x E x Q, with the interval that Q's interval gives. */
  readonly oee: { readonly value: number; readonly lower: number; readonly upper: number };
  /** FPY = units good without rework / PQ. */
  readonly firstPassYield: ShareInterval;
  /** Time that each factor cost, in ms of planned busy time; the three and the good time sum to PBT. */
  readonly losses: {
    readonly availability: Quantity<'ms'>;
    readonly effectivenessMs: number;
    readonly quality: Quantity<'ms'>;
  };
}

/**
 * Rule L-2: OEE = availability x effectiveness x quality ratio (ISO 22400-2, 9.5 to 9.8). null where nothing was planned
 * or produced: there is no ratio then, and 0 would be a claim.
 *
 * @throws RangeError on counts out of order or production outside the planned time.
 */
export function lineEffectiveness(record: ProductionRecord, confidence = 0.95): LineEffectiveness | null {
  const { producedQuantity, goodQuantity, firstPassQuantity } = record;
  const planned = record.plannedBusyTime.value;
  const actual = record.actualProductionTime.value;
  const perUnit = record.plannedRunTimePerUnit.value;
  requireCount('producedQuantity', producedQuantity);
  if (actual > planned)
    throw new RangeError(
      `actual production time ${actual} ms exceeds the planned busy time ${planned} ms: plan the time or book it elsewhere`,
    );
  if (goodQuantity > producedQuantity)
    throw new RangeError(`${goodQuantity} good units of ${producedQuantity} produced`);
  if (firstPassQuantity > goodQuantity)
    throw new RangeError(`${firstPassQuantity} first-pass units of ${goodQuantity} good ones`);
  if (producedQuantity > 0 && actual === 0)
    throw new RangeError(`${producedQuantity} units were produced in no time`);
  const qualityRatio = shareOf(goodQuantity, producedQuantity, confidence);
  const firstPassYield = shareOf(firstPassQuantity, producedQuantity, confidence);
  if (qualityRatio === null || firstPassYield === null) return null;
  const availability = actual / planned;
  const effectiveness = (perUnit * producedQuantity) / actual;
  const before = availability * effectiveness;
  return {
    availability,
    effectiveness,
    qualityRatio,
    oee: {
      value: before * qualityRatio.share,
      lower: before * qualityRatio.lower,
      upper: before * qualityRatio.upper,
    },
    firstPassYield,
    losses: {
      availability: quantity(planned - actual, 'ms'),
      effectivenessMs: actual - perUnit * producedQuantity,
      quality: quantity(perUnit * (producedQuantity - goodQuantity), 'ms'),
    },
  };
}
